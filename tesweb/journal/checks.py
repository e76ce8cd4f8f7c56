"""Invariants of the journal: nothing was changed, taken out or slipped in after the seal."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from sqlalchemy import Connection

from tesweb.findings import Finding
from tesweb.journal.seal import NOTHING, sealed, start_of
from tesweb.journal.statements import DAYS, OLDER_EVENTS


def sealed_days_are_untouched(connection: Connection) -> Iterator[Finding]:
    """Each sealed day has the events it had, and the days follow each other without a gap."""
    before, expected = NOTHING, None
    for kept in connection.execute(DAYS).all():
        if expected is not None and kept.day != expected:
            yield Finding("journal-gap", f"{expected}: the day before {kept.day} has no seal")
        found = sealed(connection, kept.day, before)
        if found.count != kept.events:
            text = f"{kept.day}: {found.count} events, sealed with {kept.events}"
            yield Finding("journal-count", text)
        elif found.seal != kept.seal:
            yield Finding("journal-seal", f"{kept.day}: an event or a seal was changed")
        before, expected = kept.seal, kept.day + timedelta(days=1)


def nothing_is_older_than_the_first_seal(connection: Connection) -> Iterator[Finding]:
    """No event is of a day before the first sealed one."""
    first = connection.execute(DAYS).first()
    if first is None:
        return
    for (event_id,) in connection.execute(OLDER_EVENTS, {"start": start_of(first.day)}):
        yield Finding("journal-old", f"event {event_id} is older than the first sealed day")


#: Every invariant of this package.
CHECKS: tuple[Callable[[Connection], Iterator[Finding]], ...] = (
    sealed_days_are_untouched,
    nothing_is_older_than_the_first_seal,
)
