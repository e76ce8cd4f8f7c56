"""Sealing the journal: a chain of hashes, one a day, that shows whether a row was touched.

A seal is SHA-256 over the seal before, the day, the number of its events, and each event in the
order of ids. Days without an event are sealed too, so that a day cannot be taken out of the chain.
Whoever may write to the database may make the whole chain anew: note the newest seal elsewhere
now and then, and `tesweb journal verify --seal …` says whether it is still there.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection

from tesweb.clock import Clock
from tesweb.database.engine import Database
from tesweb.journal.statements import EVENTS_BETWEEN, FIRST_EVENT, INSERT_DAY, LAST_DAY

#: What the first seal follows.
NOTHING = bytes(32)
_DAY = timedelta(days=1)
#: How long after midnight an event of the day before may still be on its way into the database; a
#: unit of work takes seconds.
_LATE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A day with its seal."""

    day: date
    count: int
    seal: bytes


def seal_finished_days(database: Database, clock: Clock) -> int:
    """Seal every day by UTC that is over; how many there were.

    Safe to repeat, and in two processes at once: both find the same.
    """
    with database.work() as work:
        return len(seal(work, (clock.now() - _LATE).astimezone(UTC).date()))


def seal(work: Connection, until: date) -> list[Sealed]:
    """Seal the days before `until` that have no seal yet, within the caller's unit of work."""
    last = work.execute(LAST_DAY).first()
    before = NOTHING if last is None else last.seal
    day = _first_day(work) if last is None else last.day + _DAY
    made: list[Sealed] = []
    while day is not None and day < until:
        found = sealed(work, day, before)
        work.execute(INSERT_DAY, {"day": day, "count": found.count, "seal": found.seal})
        made.append(found)
        before, day = found.seal, day + _DAY
    return made


def sealed(connection: Connection, day: date, before: bytes) -> Sealed:
    """The seal of a day as its events are now, following the seal `before`."""
    start = start_of(day)
    rows = connection.execute(EVENTS_BETWEEN, {"start": start, "end": start + _DAY}).all()
    return Sealed(day, len(rows), _hash(before, day, rows))


def start_of(day: date) -> datetime:
    """Midnight, by UTC."""
    return datetime.combine(day, time(), UTC)


def _first_day(work: Connection) -> date | None:
    first: datetime | None = work.execute(FIRST_EVENT).scalar()
    return None if first is None else first.astimezone(UTC).date()


def _hash(before: bytes, day: date, rows: Iterable[Any]) -> bytes:
    lines = [json.dumps(_canonical(row), ensure_ascii=False) for row in rows]
    found = hashlib.sha256(before)
    found.update(f"{day.isoformat()} {len(lines)}\n".encode())
    for line in lines:
        found.update(f"{line}\n".encode())
    return found.digest()


def _canonical(row: Any) -> list[object]:  # noqa: ANN401 - a row of EVENTS_BETWEEN
    moment = row.happened_at.astimezone(UTC).isoformat(timespec="microseconds")
    return [row.id, row.user_id, row.what, moment, row.device, row.network, row.detail]
