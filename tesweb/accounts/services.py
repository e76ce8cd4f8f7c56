"""Linking accounts to users, and what users arrange among their own accounts.

Each function works within the caller's unit of work and holds the account first, so that two who
link it at the same moment come one after the other.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from tesweb.accounts.models import Role
from tesweb.accounts.proofs import Proved
from tesweb.accounts.rules import mask_name, mask_number
from tesweb.accounts.statements import (
    ASKED,
    DELETE_MEMBER,
    DROP_OFFERS,
    HOLD_ACCOUNT,
    MEMBERS,
    NAME_OF_USER,
    OFFERS,
    POSITIONS,
    SET_NICKNAME,
    SET_POSITION,
    WAITING,
)
from tesweb.current import core
from tesweb.identity import challenges
from tesweb.identity.challenges import Open, Purpose, Unknown
from tesweb.identity.services import link_account
from tesweb.journal import services as journal
from tesweb.journal.rules import What

#: How long a proof waits for «Yes, this is it».
_LINKING_WAITS = timedelta(minutes=30)
#: How long the owners have to answer.
CONSENT_WAITS = timedelta(hours=72)


class Linked(StrEnum):
    """What became of the wish to link an account."""

    #: The user is an owner from now on.
    OWNER = "owner"
    #: Its owners were asked; until one of them allows it, the account is not to be seen.
    ASKED = "asked"
    #: An owner has said no within the last three days.
    REFUSED = "refused"
    #: The user had access before; nothing has changed.
    ALREADY = "already"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who has access to an account."""

    user_id: int
    role: Role
    since: datetime
    name: str
    #: Whether the cabinet is locked by its owner.
    is_locked: bool


@dataclass(frozen=True, slots=True)
class Holding:
    """An account that is held for the unit of work, and who has access to it."""

    account_id: int
    number: str
    members: tuple[Member, ...]

    @property
    def owners(self) -> tuple[Member, ...]:
        """Those who decide."""
        return tuple(member for member in self.members if member.role is Role.OWNER)

    def of(self, user_id: int) -> Member | None:
        """The user's access, if there is any."""
        return next((member for member in self.members if member.user_id == user_id), None)


def link(work: Connection, user_id: int, account_id: int, *, is_full: bool = False) -> Linked:
    """Link an account that the user has proved (`proofs.check`), or ask its owners.

    The first holder is its owner at once, and so is who has proved more than is asked (`is_full`).
    Holders are told in every case.
    """
    held = hold(work, account_id)
    if held.of(user_id):
        return Linked.ALREADY
    if held.owners and not is_full:
        return _ask(work, user_id, held)
    join(work, user_id, held, Role.OWNER)
    return Linked.OWNER


def begin(work: Connection, user_id: int, proved: Proved) -> None:
    """Remember in this browser what was proved, until the person has looked at the address."""
    challenges.issue(
        work,
        Purpose.LINKING,
        challenges.token(),
        lifetime=_LINKING_WAITS,
        user_id=user_id,
        account_id=proved.account_id,
        payload={"address": proved.masked_address, "is_full": proved.is_full},
    )


def begun(work: Connection, user_id: int) -> Proved:
    """What was proved in this browser. Raises challenges.Refused where it is nothing (any more)."""
    return _proved(challenges.of_browser(work, Purpose.LINKING), user_id)


def finish(work: Connection, user_id: int) -> Linked:
    """Link what was proved in this browser, once. Raises challenges.Refused."""
    found = challenges.of_browser(work, Purpose.LINKING)
    proved = _proved(found, user_id)
    challenges.spend(work, found)
    return link(work, user_id, proved.account_id, is_full=proved.is_full)


def hold(work: Connection, account_id: int) -> Holding:
    """Make others wait who decide about the account's members, and say who they are."""
    found = work.execute(HOLD_ACCOUNT, {"account_id": account_id}).one()
    return Holding(account_id, found.number, members_of(work, account_id))


def members_of(reader: Connection, account_id: int) -> tuple[Member, ...]:
    """Who has access to an account, the longest-standing first."""
    return tuple(
        Member(row.user_id, Role(row.role), row.linked_at, row.name, row.frozen_at is not None)
        for row in reader.execute(MEMBERS, {"account_id": account_id})
    )


def join(work: Connection, user_id: int, held: Holding, role: Role) -> None:
    """Give somebody access; that person and those who had access before are told."""
    places = [row.position for row in work.execute(POSITIONS, {"user_id": user_id})]
    link_account(work, user_id, held.account_id, role, max(places, default=-1) + 1)
    number, name = mask_number(held.number), _masked(work, user_id)
    journal.record(work, user_id, What.ACCOUNT_LINKED, account=number, role=role.value)
    tell(work, held.members, What.MEMBER_JOINED, account=number, member=name, role=role.value)


def tell(work: Connection, members: tuple[Member, ...], what: What, **detail: Any) -> None:  # noqa: ANN401 - the journal's own
    """Write it into the journal of each member and send the messages."""
    for member in members:
        journal.record(work, member.user_id, what, **detail)


def unlink(work: Connection, user_id: int, account_id: int, *, quietly: bool = False) -> None:
    """End the user's own access; the last owner's end ends that of all others too.

    `quietly` tells the others alone: whoever deletes the cabinet gets one letter about all of it.
    """
    held = hold(work, account_id)
    member = held.of(user_id)
    if member is None:
        return
    number = mask_number(held.number)
    drop(work, user_id, account_id)
    if not quietly:
        journal.record(work, user_id, What.ACCOUNT_UNLINKED, account=number)
    others = tuple(each for each in held.members if each.user_id != user_id)
    if is_last_owner(held, user_id):
        for each in others:
            drop(work, each.user_id, account_id)
            journal.record(work, each.user_id, What.MEMBER_REMOVED, account=number)
        work.execute(DROP_OFFERS, {"which": account_id})
    else:
        owners = tuple(each for each in others if each.role is Role.OWNER)
        tell(work, owners, What.MEMBER_REMOVED, account=number, member=mask_name(member.name))


def is_last_owner(held: Holding, user_id: int) -> bool:
    """Whether nobody could decide about the account any more without this user."""
    return [owner.user_id for owner in held.owners] == [user_id]


def drop(work: Connection, user_id: int, account_id: int) -> None:
    """End somebody's access, without a word."""
    work.execute(DELETE_MEMBER, {"whose": user_id, "which": account_id})


def name_account(work: Connection, user_id: int, account_id: int, nickname: str) -> None:
    """Remember what the user calls an account; nobody else sees it."""
    work.execute(SET_NICKNAME, {"whose": user_id, "which": account_id, "text": nickname})


def move(work: Connection, user_id: int, account_id: int, steps: int) -> None:
    """Move an account up (-1) or down (1) among the user's; at an end it stays."""
    order = [row.account_id for row in work.execute(POSITIONS, {"user_id": user_id})]
    place = order.index(account_id)
    order.insert(max(place + steps, 0), order.pop(place))
    for number, each in enumerate(order):
        work.execute(SET_POSITION, {"whose": user_id, "which": each, "place": number})


def questions(reader: Connection, account_id: int) -> list[Any]:
    """The questions about an account that wait for an owner's answer."""
    return [row for row in _questions(reader, account_id) if row.spent_at is None]


def _questions(reader: Connection, account_id: int) -> list[Any]:
    moment = core().clock.now()
    asked = {"purpose": Purpose.CONSENT.value, "account_id": account_id, "moment": moment}
    return list(reader.execute(OFFERS, asked))


def pending(reader: Connection, user_id: int) -> list[Any]:
    """What the user has asked the owners of accounts, and whether one of them has said no."""
    asked = {"user_id": user_id, "moment": core().clock.now()}
    newest = {row.account_id: row for row in reader.execute(ASKED, asked)}
    own = {row.account_id for row in reader.execute(POSITIONS, {"user_id": user_id})}
    return [row for row in newest.values() if row.account_id not in own]


def waiting(reader: Connection, user_id: int) -> dict[int, int]:
    """How many people wait for the user's answer, by account."""
    asked = {"user_id": user_id, "moment": core().clock.now()}
    return {row.account_id: row.number for row in reader.execute(WAITING, asked)}


def _proved(found: Open, user_id: int) -> Proved:
    if found.account_id is None or found.user_id != user_id:
        raise Unknown
    return Proved(found.account_id, found.payload["address"], is_full=found.payload["is_full"])


def _ask(work: Connection, user_id: int, held: Holding) -> Linked:
    for row in _questions(work, held.account_id):
        if row.user_id == user_id:
            return Linked.ASKED if row.spent_at is None else Linked.REFUSED
    challenges.issue(
        work,
        Purpose.CONSENT,
        challenges.token(),
        lifetime=CONSENT_WAITS,
        bound=False,
        user_id=user_id,
        account_id=held.account_id,
    )
    name, number = _masked(work, user_id), mask_number(held.number)
    tell(work, held.owners, What.CONSENT_ASKED, account=number, member=name)
    return Linked.ASKED


def _masked(reader: Connection, user_id: int) -> str:
    return mask_name(reader.execute(NAME_OF_USER, {"user_id": user_id}).scalar_one())
