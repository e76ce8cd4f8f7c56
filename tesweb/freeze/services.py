"""Locking a cabinet, and what was put aside by it.

Whatever acts for a person, an automatic payment too, asks `users.frozen_at` in its own transaction,
as the taking of readings does: then nothing has to be told that the cabinet is locked.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from tesweb.autopay.rules import End
from tesweb.autopay.services import end_of_user
from tesweb.current import core
from tesweb.freeze.statements import (
    ASIDE,
    CURRENT,
    DROP_BEGUN,
    INSERT_FREEZE,
    LOCK_USER,
    PUT_AT,
)
from tesweb.identity import challenges
from tesweb.identity import session as sessions
from tesweb.identity.challenges import Purpose
from tesweb.identity.services import enter, here
from tesweb.journal import services as journal
from tesweb.journal.rules import What
from tesweb.meters.quarantine import hold_accounts, quarantine, release

#: How long a session lasts that may only look at a locked cabinet.
_DAYS = 1
#: How long the browser that used the link is told the number of the request.
_TOLD = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person says when locking the cabinet."""

    #: Readings sent since then are not trusted; None where all are.
    readings_since: datetime | None = None
    #: Whether a commission shall read the meter.
    wants_control: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """The request by which a cabinet is locked (заявление)."""

    number: int
    at: datetime
    readings_since: datetime | None
    wants_control: bool


class NotLocked(LookupError):
    """The user's cabinet is not locked."""


class NotAside(LookupError):
    """No reading of that receipt waits for this person's word."""


def request_of(connection: Connection, user_id: int) -> Request:
    """The request that a cabinet is locked by. Raises NotLocked."""
    found = connection.execute(CURRENT, {"user_id": user_id}).first()
    if found is None:
        raise NotLocked
    return Request(*found)


def lock(work: Connection, user_id: int, wish: Wish) -> Request:
    """Lock the cabinet within the unit of work: all sessions end, and nothing goes on.

    A cabinet that is locked already stays locked by its first request.
    """
    now = core().clock.now()
    if work.execute(LOCK_USER, {"whose": user_id, "moment": now}).rowcount != 1:
        return request_of(work, user_id)
    values = {
        "user_id": user_id,
        "frozen_at": now,
        "readings_since": wish.readings_since,
        "wants_control": wish.wants_control,
    }
    number = int(work.execute(INSERT_FREEZE, values).scalar_one())
    # A sending that is under way ends first, and is put aside too.
    hold_accounts(work, user_id)
    since = wish.readings_since
    aside = 0 if since is None else quarantine(work, user_id, since)
    sessions.end_all(work, user_id)
    work.execute(DROP_BEGUN, {"whose": user_id})
    end_of_user(work, user_id, End.FROZEN)
    journal.record(work, user_id, What.FROZEN, number=number, readings=aside)
    return Request(number, now, wish.readings_since, wish.wants_control)


def lock_own(user_id: int, wish: Wish) -> Request:
    """Lock the visitor's own cabinet; this browser stays, in a session that has proved nothing."""
    with core().database.work() as work:
        request = lock(work, user_id, wish)
        sid = sessions.start(work, user_id, core().clock, _DAYS, here(""))
    enter(sid)
    return request


def owner_of_link(key: str) -> int:
    """Whose cabinet the link of a security message locks. Raises challenges.Refused."""
    with core().database.work() as work:
        return _owner(challenges.by_secret(work, Purpose.FREEZE_LINK, key))


def lock_by_link(key: str, wish: Wish) -> Request:
    """Lock the cabinet of a message's owner; this browser is told the number for an hour.

    Raises challenges.Refused.
    """
    with core().database.work() as work:
        found = challenges.by_secret(work, Purpose.FREEZE_LINK, key)
        challenges.spend(work, found)
        request = lock(work, _owner(found), wish)
        told = {"number": request.number, "at": request.at.isoformat()}
        challenges.issue(
            work, Purpose.FREEZE_DONE, challenges.token(), lifetime=_TOLD, payload=told
        )
    return request


def release_own(user_id: int, receipt_id: int) -> None:
    """Let what the person says is theirs count again.

    Raises NotAside, and meters.services.MonthClosed where a later month was read meanwhile.
    """
    with core().database.work() as work:
        rows = work.execute(ASIDE, {"user_id": user_id}).all()
        row = next((row for row in rows if row.id == receipt_id), None)
        if row is None:
            raise NotAside
        asked = {"user_id": user_id, "sent_at": row.accepted_at}
        put_at = work.execute(PUT_AT, asked).scalar() or row.accepted_at
        release(work, row.account_id, receipt_id, put_at)
        journal.record(work, user_id, What.READINGS_RELEASED, receipt=receipt_id)


def _owner(found: challenges.Open) -> int:
    if found.user_id is None:
        raise challenges.Unknown
    return found.user_id
