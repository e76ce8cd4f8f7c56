"""Opening a locked cabinet: proofs are gathered one by one, and two of different kinds open it."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from tesweb.accounts.rules import is_settled
from tesweb.current import core
from tesweb.freeze.rules import TOO_YOUNG, Kind, kinds_of, opens, too_young
from tesweb.freeze.services import NotLocked, request_of
from tesweb.freeze.statements import (
    LIFT,
    MEANS,
    OFFICE,
    OWN_ACCOUNTS,
    PROOFS,
    RENEWALS,
    UNLOCK_USER,
)
from tesweb.identity import challenges, policy
from tesweb.identity import session as sessions
from tesweb.identity.challenges import Purpose
from tesweb.identity.contacts import Asked, may_send
from tesweb.identity.limits import count
from tesweb.identity.services import enter, here, is_own_browser, is_password_of
from tesweb.identity.session import current_session, hash_of
from tesweb.identity.statements import Visitor
from tesweb.journal import services as journal
from tesweb.journal.rules import What
from tesweb.messages.services import Message, enqueue

#: How long a code works.
CODE_LIVES = timedelta(minutes=10)
#: Codes that are sent, and proofs that are tried, within an hour: 20 guesses at a code of six
#: digits find it once in 50,000 hours.
MOST_CODES, MOST_TRIES = 5, 20
_WITHIN = timedelta(hours=1)
_PURPOSES = {Kind.EMAIL: Purpose.UNFREEZE, Kind.SMS: Purpose.UNFREEZE_SMS}
#: What is over once the cabinet is open.
_DONE = (
    Purpose.UNFREEZE_PROOF,
    *_PURPOSES.values(),
    *(Purpose.OFFICE, Purpose.OFFICE_STOP, Purpose.OFFICE_PROOF),
)


@dataclass(frozen=True, slots=True)
class Means:
    """What the person could prove with."""

    email: str | None
    phone: str | None
    language: str
    has_app: bool
    has_passkey: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the unlocking has come on this browser."""

    given: frozenset[Kind]
    #: What is too new to count.
    young: frozenset[Kind]
    means: Means

    @property
    def is_enough(self) -> bool:
        """Whether the cabinet can be opened now."""
        return opens(self.given)

    def asks(self, kind: Kind) -> bool:
        """Whether that proof may still be given."""
        return kind not in self.given | self.young


class TooMany(Exception):
    """So many in an hour is no owner who mistypes."""


class NotEnough(Exception):
    """The proofs that were given do not open the cabinet."""


def progress_of(connection: Connection, person: Visitor) -> Progress:
    """What was proved, and what may be. Raises services.NotLocked."""
    now = core().clock.now()
    since = request_of(connection, person.id).at - TOO_YOUNG
    asked = {"user_id": person.id, "since": since}
    young = too_young(connection.execute(RENEWALS, asked).scalars())
    asked = {"user_id": person.id, "binding": hash_of(current_session().sid), "moment": now}
    given = {Kind(_kind_in(text)) for text in connection.execute(PROOFS, asked).scalars()}
    if policy.is_fresh(person):
        given |= kinds_of(person.factors)
    if "password" in person.factors.split() and connection.execute(OFFICE, asked).scalar():
        given.add(Kind.OFFICE)
    means = Means(*connection.execute(MEANS, {"user_id": person.id}).one())
    return Progress(frozenset(given) - young, young, means)


def old_accounts(connection: Connection, user_id: int) -> list[int]:
    """The accounts whose proof counts, the oldest first; none where nothing is locked."""
    try:
        since = request_of(connection, user_id).at - TOO_YOUNG
    except NotLocked:
        return []
    rows = connection.execute(OWN_ACCOUNTS, {"user_id": user_id})
    return [row.account_id for row in rows if is_settled(row.linked_at, row.created_at, since)]


def give_password(person: Visitor, password: str) -> bool:
    """Prove by the password; False where it is another. Raises TooMany."""
    _count("try", MOST_TRIES)
    if not is_password_of(person.id, password):
        return False
    with core().database.work() as work:
        _give(work, person.id, Kind.PASSWORD)
    return True


def send_code(person: Visitor, kind: Kind) -> None:
    """Send a code to the person's own address; a former one is worthless. Raises TooMany."""
    _count("code", MOST_CODES)
    channel = "email" if kind is Kind.EMAIL else "sms"
    with core().database.work() as work:
        means = Means(*work.execute(MEANS, {"user_id": person.id}).one())
        recipient = means.email if kind is Kind.EMAIL else means.phone
        if recipient is None:
            return
        is_own = is_own_browser(work, person.id)
        if not may_send(work, channel, recipient, Asked.UNLOCKING, is_own=is_own):
            raise TooMany
        code = challenges.code()
        number = challenges.issue(
            work, _PURPOSES[kind], code, lifetime=CODE_LIVES, user_id=person.id
        )
        expires = core().clock.now() + CODE_LIVES
        values: dict[str, Any] = {"name": person.name, "code": code}
        key = f"unfreeze {number} {channel}"
        message = Message(key, channel, recipient, means.language, "unfreeze", values, expires)
        enqueue(work, message)


def give_code(person: Visitor, kind: Kind, typed: str) -> bool:
    """Prove by a code; False for a wrong one. Raises TooMany and challenges.Refused."""
    _count("try", MOST_TRIES)
    with core().database.work() as work:
        found = challenges.try_code(work, _PURPOSES[kind], typed)
        if found is None or found.user_id != person.id:
            return False
        _give(work, person.id, kind)
    return True


def give_account(person: Visitor) -> None:
    """Take note that what only the owner of an account has was proved."""
    with core().database.work() as work:
        _give(work, person.id, Kind.ACCOUNT)


def count_try() -> None:
    """Count an attempt to prove something. Raises TooMany."""
    _count("try", MOST_TRIES)


def unlock(person: Visitor) -> None:
    """Open the cabinet, on this browser alone. Raises NotEnough, services.NotLocked."""
    with core().database.work() as work:
        progress = progress_of(work, person)
        if not progress.is_enough:
            raise NotEnough
        number = request_of(work, person.id).number
        if work.execute(UNLOCK_USER, {"whose": person.id}).rowcount != 1:
            raise NotLocked
        work.execute(LIFT, {"whose": person.id, "moment": core().clock.now()})
        for purpose in _DONE:
            challenges.forget(work, purpose, person.id)
        proofs = " ".join(sorted(progress.given))
        journal.record(work, person.id, What.UNFROZEN, number=number, proofs=proofs)
        # Whoever signed in while it was locked has proved too little for what opens now.
        sessions.end_all(work, person.id)
        days = core().settings.session_days
        factors = _factors(person, progress.given)
        sid = sessions.start(work, person.id, core().clock, days, here(factors))
    enter(sid)


def _factors(person: Visitor, given: Collection[Kind]) -> str:
    """What the session has proved: signing in said it, else the password alone."""
    if person.factors:
        return person.factors
    return "password" if Kind.PASSWORD in given else ""


def _give(work: Connection, user_id: int, kind: Kind) -> None:
    challenges.issue(
        work,
        Purpose.UNFREEZE_PROOF,
        challenges.token(),
        lifetime=policy.FRESH,
        user_id=user_id,
        payload={"kind": kind.value},
    )


def _kind_in(payload: str) -> str:
    return str(json.loads(payload)["kind"])


def _count(what: str, most: int) -> None:
    """In a transaction of its own: what follows may be rolled back, the count may not.

    Counted for the session: whoever else knows the password must not use up the owner's tries.
    More sessions give no more guesses, as codes and proofs of accounts have limits of their own.
    """
    whose = hash_of(current_session().sid).hex()
    with core().database.work() as work:
        counted = count(work, f"unfreeze {what} {whose}", core().clock.now(), _WITHIN)
    if counted > most:
        raise TooMany
