"""Stopping a way back in that was not asked for: by the link that each old contact was sent."""

from sqlalchemy import Connection

from tesweb.current import core
from tesweb.identity import challenges
from tesweb.identity.challenges import Open, Purpose, Unknown
from tesweb.journal import services as journal
from tesweb.journal.rules import What

#: What a link of that purpose makes worthless, and how the journal calls it.
_STOPS = {
    Purpose.ACCESS_STOP: (Purpose.ACCESS, What.RECOVERY_STOPPED),
    Purpose.OFFICE_STOP: (Purpose.OFFICE, What.OFFICE_STOPPED),
}


def is_stoppable(key: str) -> None:
    """Nothing is changed. Raises challenges.Refused."""
    with core().database.work() as work:
        _found(work, key)


def stop(key: str) -> None:
    """Stop what the link was sent about. Raises challenges.Refused."""
    with core().database.work() as work:
        found, purpose = _found(work, key)
        stopped, what = _STOPS[purpose]
        user_id = found.user_id or 0
        challenges.spend(work, found)
        challenges.forget(work, stopped, user_id)
        journal.record(work, user_id, what, by="link")


def _found(work: Connection, key: str) -> tuple[Open, Purpose]:
    try:
        return challenges.by_secret(work, Purpose.ACCESS_STOP, key), Purpose.ACCESS_STOP
    except Unknown:
        return challenges.by_secret(work, Purpose.OFFICE_STOP, key), Purpose.OFFICE_STOP
