"""Who has access to an account: owners invite, answer, change roles and end access.

An owner is removed by nobody but that owner: who got in by a trick cannot drive the owner out.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from tesweb.accounts.models import Role
from tesweb.accounts.rules import mask_address, mask_name, mask_number
from tesweb.accounts.services import Holding, Member, drop, hold, join, questions, tell
from tesweb.accounts.statements import INVITATION, OFFERS, SET_ROLE, LinkedAccount
from tesweb.current import core
from tesweb.identity import challenges
from tesweb.identity.challenges import Open, Purpose, Unknown
from tesweb.identity.contacts import Asked, mask_email, mask_phone, may_send
from tesweb.identity.limits import count
from tesweb.identity.statements import Visitor
from tesweb.journal import services as journal
from tesweb.journal.rules import What
from tesweb.messages.services import Message, enqueue

INVITATION_LIVES = timedelta(days=7)
#: Invitations of one person within a day: each costs a message that a stranger may get.
_MOST_A_DAY = 10


class NotTheirs(Exception):
    """The person has no access to the account, or is an owner, whom others cannot change."""


class AlreadyMember(Exception):
    """Who wants to use the invitation has access already."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An invitation, as its link shows it."""

    #: Who invites, masked.
    name: str
    role: Role
    address: str
    region: str
    account_id: int


def invite(
    work: Connection, inviter: Visitor, account: LinkedAccount, contact: str, role: Role
) -> bool:
    """Send an invitation to an e-mail address or `+7…`; False where that was too many."""
    channel = "sms" if contact.startswith("+") else "email"
    number_today = count(work, f"invite {inviter.id}", core().clock.now(), timedelta(days=1))
    if number_today > _MOST_A_DAY or not may_send(work, channel, contact, Asked.INVITATION):
        return False
    masked = mask_phone(contact) if channel == "sms" else mask_email(contact)
    secret = challenges.token()
    number = challenges.issue(
        work,
        Purpose.INVITATION,
        secret,
        lifetime=INVITATION_LIVES,
        bound=False,
        user_id=inviter.id,
        account_id=account.id,
        payload={"role": role.value, "to": masked},
    )
    values = {
        "name": mask_name(inviter.name),
        "address": mask_address(account.address),
        "role": role.value,
        "path": f"/invitation?key={secret}",
        "region": account.region,
    }
    until = core().clock.now() + INVITATION_LIVES
    key = f"invitation {number}"
    enqueue(work, Message(key, channel, contact, inviter.language, "invitation", values, until))
    facts = {"account": mask_number(account.number), "to": masked, "role": role.value}
    tell(work, hold(work, account.id).owners, What.MEMBER_INVITED, **facts)
    return True


def invitations(reader: Connection, account_id: int) -> list[dict[str, Any]]:
    """The invitations to an account that nobody has used yet."""
    moment = core().clock.now()
    asked = {"purpose": Purpose.INVITATION.value, "account_id": account_id, "moment": moment}
    return [
        {"id": row.id, "expires_at": row.expires_at} | json.loads(row.payload)
        for row in reader.execute(OFFERS, asked)
        if row.spent_at is None
    ]


def revoke(work: Connection, account_id: int, invitation_id: int) -> None:
    """Make an invitation worthless. Raises Unknown where it is none to this account."""
    hold(work, account_id)
    if all(each["id"] != invitation_id for each in invitations(work, account_id)):
        raise Unknown
    challenges.spend(work, Open(invitation_id, None, account_id))


def offer_of(reader: Connection, secret: str) -> Offer | None:
    """What a link offers; None where it is worthless."""
    row = reader.execute(INVITATION, {"secret_hash": challenges.digest(secret)}).first()
    if row is None or row.spent_at is not None or row.expires_at <= core().clock.now():
        return None
    role = Role(json.loads(row.payload)["role"])
    return Offer(mask_name(row.name), role, mask_address(row.address), row.region, row.account_id)


def accept(work: Connection, user_id: int, secret: str) -> int:
    """Use an invitation and return the account's id. Raises as `accept_known`."""
    return accept_known(work, user_id, challenges.digest(secret))


def accept_known(work: Connection, user_id: int, known: bytes) -> int:
    """Use an invitation of which the digest was kept.

    Raises challenges.Refused where it is worthless, also because who sent it may not invite any
    more, and AlreadyMember.
    """
    row = work.execute(INVITATION, {"secret_hash": known}).first()
    if row is None:
        raise Unknown
    # The account before the secret, in the order of who revokes it.
    held = hold(work, row.account_id)
    found = challenges.by_digest(work, Purpose.INVITATION, known)
    inviters = [owner for owner in held.owners if owner.user_id == found.user_id]
    if not inviters or inviters[0].is_locked:
        raise Unknown
    if held.of(user_id):
        raise AlreadyMember
    challenges.spend(work, found)
    join(work, user_id, held, Role(found.payload["role"]))
    return held.account_id


def answer(work: Connection, account_id: int, question_id: int, role: Role | None) -> None:
    """Give access to who asks for it, or refuse it with None. Raises Unknown where none asks."""
    held = hold(work, account_id)
    asked = [row for row in questions(work, account_id) if row.id == question_id]
    if not asked:
        raise Unknown
    challenges.spend(work, Open(question_id, None, account_id))
    if role is not None and held.of(asked[0].user_id) is None:
        join(work, asked[0].user_id, held, role)


def change_role(work: Connection, account_id: int, user_id: int, role: Role) -> None:
    """Let a member do more or less. Raises NotTheirs."""
    held, member = _held(work, account_id, user_id)
    if member.role is role:
        return
    work.execute(SET_ROLE, {"whose": user_id, "which": account_id, "given": role.value})
    number, name = mask_number(held.number), mask_name(member.name)
    journal.record(work, user_id, What.ROLE_CHANGED, account=number, role=role.value)
    tell(work, held.owners, What.ROLE_CHANGED, account=number, role=role.value, member=name)


def remove(work: Connection, account_id: int, user_id: int) -> None:
    """End a member's access. Raises NotTheirs."""
    held, member = _held(work, account_id, user_id)
    drop(work, user_id, account_id)
    number = mask_number(held.number)
    journal.record(work, user_id, What.MEMBER_REMOVED, account=number)
    tell(work, held.owners, What.MEMBER_REMOVED, account=number, member=mask_name(member.name))


def _held(work: Connection, account_id: int, user_id: int) -> tuple[Holding, Member]:
    held = hold(work, account_id)
    member = held.of(user_id)
    if member is None or member.role is Role.OWNER:
        raise NotTheirs
    return held, member
