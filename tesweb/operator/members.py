"""Who has access to an account, and the end of it by the supplier's decision.

The only way to take out an owner who got in by a trick: owners cannot remove each other.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from tesweb.accounts.models import Role
from tesweb.accounts.rules import mask_name, mask_number
from tesweb.accounts.services import Member, drop, hold, is_last_owner, members_of, tell
from tesweb.accounts.statements import ACCOUNT_BY_NUMBER, DROP_OFFERS
from tesweb.current import core
from tesweb.journal import services as journal
from tesweb.journal.rules import What
from tesweb.regions.accounts import BadAccount


class NoAccount(LookupError):
    """No account has that number in that region."""


class NoMember(LookupError):
    """The person has no access to the account."""


@dataclass(frozen=True, slots=True)
class Found:
    """An account and who has access to it, the longest-standing first."""

    id: int
    number: str
    region: str
    address: str
    members: tuple[Member, ...]

    @property
    def mark(self) -> str:
        """What an operator looks at."""
        return f"account {self.id}"

    def ends_with(self, user_id: int) -> bool:
        """Whether nobody could decide about the account without this person."""
        owners = [member.user_id for member in self.members if member.role is Role.OWNER]
        return owners == [user_id]

    def of(self, user_id: int) -> Member | None:
        """The person's access, if there is any."""
        return next((member for member in self.members if member.user_id == user_id), None)


def find(reader: Connection, region: str, typed: str) -> Found:
    """The account of that number, typed as people do. Raises NoAccount."""
    branch = core().regions.get(region)
    if branch is None:
        raise NoAccount(region)
    try:
        number = branch.account_number(typed)
    except BadAccount:
        raise NoAccount(typed) from None
    row = reader.execute(ACCOUNT_BY_NUMBER, {"number": number, "region": region}).first()
    if row is None:
        raise NoAccount(number)
    return Found(row.id, number, region, row.address, members_of(reader, row.id))


def remove(operator_id: int, account_id: int, user_id: int, ground: str) -> None:
    """End somebody's access, an owner's too; the last owner's end ends that of all others.

    Written into the journal of whoever goes and of the owners who stay, and told to each of them.
    Raises NoMember.
    """
    with core().database.work() as work:
        held = hold(work, account_id)
        member = held.of(user_id)
        if member is None:
            raise NoMember(user_id)
        is_last = is_last_owner(held, user_id)
        gone = held.members if is_last else (member,)
        facts: dict[str, Any] = {
            "account": mask_number(held.number),
            "operator": operator_id,
            "ground": ground,
        }
        for each in gone:
            drop(work, each.user_id, account_id)
            journal.record(work, each.user_id, What.MEMBER_REMOVED, **facts)
        if is_last:
            work.execute(DROP_OFFERS, {"which": account_id})
        stay = tuple(owner for owner in held.owners if owner.user_id != user_id)
        tell(work, stay, What.MEMBER_REMOVED, **facts, member=mask_name(member.name))
