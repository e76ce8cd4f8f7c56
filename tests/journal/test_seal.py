"""The journal cannot be changed, and whoever does so past the triggers is found out."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from multiprocessing.queues import Queue

import pytest
from flask import Flask
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.database.engine import Database
from tesweb.database.naming import table_of
from tesweb.journal import services as journal
from tesweb.journal.checks import CHECKS
from tesweb.journal.models import JournalDay, SecurityEvent
from tesweb.journal.rules import What
from tesweb.journal.seal import seal_finished_days
from tesweb.testing.factories import Factory

events = table_of(SecurityEvent)
days = table_of(JournalDay)
NEXT = datetime(2026, 11, 21, 2, tzinfo=UTC)


@pytest.fixture
def past(app: Flask, core: Core, clock: FixedClock, make: Factory) -> None:
    """Two events on the 18th, none on the 19th, one on the 20th, which is over."""
    user = make.user()
    with app.app_context():
        for moment in (
            datetime(2026, 11, 18, 9, tzinfo=UTC),
            datetime(2026, 11, 18, 23, tzinfo=UTC),
        ):
            clock.moment = moment
            with core.database.work() as work:
                journal.record(work, user.id, What.SIGNED_IN, factors="password")
        clock.moment = datetime(2026, 11, 20, 7, tzinfo=UTC)
        with core.database.work() as work:
            journal.record(work, user.id, What.SIGNED_OUT)
    clock.moment = NEXT


def sealed(core: Core) -> list[tuple[date, int]]:
    with core.database.read() as reader:
        rows = reader.execute(select(days.c.day, days.c.count).order_by(days.c.day))
        return [(day, count) for day, count in rows]


def found(core: Core) -> list[str]:
    with core.database.read() as reader:
        return [finding.code for check in CHECKS for finding in check(reader)]


def as_attacker(core: Core, *statements: str) -> None:
    """What somebody does who owns the database: the triggers go first."""
    with core.database.work() as work:
        if core.database.is_sqlite:
            for table in ("security_events", "journal_days"):
                for act in ("update", "delete"):
                    work.execute(text(f"DROP TRIGGER {table}_no_{act}"))
        else:
            for table in ("security_events", "journal_days"):
                work.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        for statement in statements:
            work.execute(text(statement))


@pytest.mark.usefixtures("past")
@pytest.mark.parametrize("table", ["security_events", "journal_days"])
@pytest.mark.parametrize("act", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_the_database_refuses_to_change_the_journal(core: Core, table: str, act: str) -> None:
    seal_finished_days(core.database, core.clock)
    column = "user_id" if table == "security_events" else "count"
    with pytest.raises(DBAPIError, match="append-only"), core.database.work() as work:
        work.execute(text(act.format(table, column, 7)))
    assert found(core) == []


@pytest.mark.usefixtures("past")
def test_nor_does_it_let_an_event_be_written_over(core: Core) -> None:
    """SQLite's REPLACE deletes, and asks the trigger only where it is told to."""
    values = (
        "(id, user_id, what, happened_at, device, network, detail) SELECT id, user_id, 'frozen',"
    )
    rest = " happened_at, device, network, detail FROM security_events WHERE true"
    words = {
        True: f"INSERT OR REPLACE INTO security_events {values}{rest}",
        False: f"INSERT INTO security_events {values}{rest} "
        "ON CONFLICT (id) DO UPDATE SET what = excluded.what",
    }
    with pytest.raises(DBAPIError, match="append-only"), core.database.work() as work:
        work.execute(text(words[core.database.is_sqlite]))


@pytest.mark.usefixtures("past")
def test_finished_days_are_sealed_once_empty_ones_too(core: Core, clock: FixedClock) -> None:
    assert seal_finished_days(core.database, clock) == 3
    expected = [(date(2026, 11, 18), 2), (date(2026, 11, 19), 0), (date(2026, 11, 20), 1)]
    assert sealed(core) == expected
    assert seal_finished_days(core.database, clock) == 0
    assert sealed(core) == expected
    assert found(core) == []


@pytest.mark.usefixtures("past")
def test_a_day_waits_for_its_last_transaction(core: Core, clock: FixedClock) -> None:
    clock.moment = datetime(2026, 11, 21, 0, 30, tzinfo=UTC)
    seal_finished_days(core.database, clock)
    assert sealed(core)[-1][0] == date(2026, 11, 19)


def test_nothing_is_sealed_before_the_first_event(core: Core, clock: FixedClock) -> None:
    assert seal_finished_days(core.database, clock) == 0
    assert found(core) == []


@pytest.mark.usefixtures("past")
@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE security_events SET network = '10.9.8.0/24' WHERE what = 'signed_out'", "seal"),
        ("UPDATE security_events SET user_id = user_id + 1 WHERE what = 'signed_out'", "seal"),
        ("DELETE FROM security_events WHERE what = 'signed_out'", "count"),
        ("DELETE FROM journal_days WHERE count = 0", "gap"),
        ("UPDATE journal_days SET count = 5 WHERE count = 0", "count"),
    ],
)
def test_what_was_changed_past_the_triggers_is_found(core: Core, statement: str, code: str) -> None:
    seal_finished_days(core.database, core.clock)
    as_attacker(core, statement)
    assert f"journal-{code}" in found(core)


@pytest.mark.usefixtures("past")
@pytest.mark.parametrize(
    ("moment", "code"),
    [
        (datetime(2026, 11, 19, 12, tzinfo=UTC), "journal-count"),
        (datetime(2026, 11, 1, 12, tzinfo=UTC), "journal-old"),
    ],
)
def test_an_event_slipped_into_a_sealed_day_is_found(
    core: Core, moment: datetime, code: str
) -> None:
    seal_finished_days(core.database, core.clock)
    values = {"user_id": 1, "what": "signed_in", "happened_at": moment}
    with core.database.work() as work:
        work.execute(insert(events).values(**values, device="", network="", detail="{}"))
    assert found(core) == [code]


@pytest.mark.usefixtures("past")
def test_an_event_cannot_be_exchanged_for_another(core: Core) -> None:
    seal_finished_days(core.database, core.clock)
    as_attacker(core, "UPDATE security_events SET id = 100 WHERE id = 1")
    assert "journal-seal" in found(core)


@pytest.mark.usefixtures("past")
def test_threads_at_once_make_one_chain(core: Core) -> None:
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: seal_finished_days(core.database, core.clock), range(4)))
    assert len(sealed(core)) == 3
    assert found(core) == []


def seal_in_a_process(address: str, results: "Queue[int]") -> None:
    database = Database(address)
    results.put(seal_finished_days(database, FixedClock(NEXT)))
    database.close()


@pytest.mark.usefixtures("past")
def test_two_processes_at_once_make_one_chain(core: Core, database: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    results: Queue[int] = spawn.Queue()
    both = [spawn.Process(target=seal_in_a_process, args=(database, results)) for _ in range(2)]
    for process in both:
        process.start()
    assert {results.get(timeout=60) for _ in both} <= {0, 3}
    for process in both:
        process.join(60)
    assert len(sealed(core)) == 3
    assert found(core) == []


@pytest.mark.usefixtures("past")
def test_the_chain_goes_on_from_day_to_day(
    core: Core, clock: FixedClock, app: Flask, make: Factory
) -> None:
    user = make.user()
    seal_finished_days(core.database, clock)
    with app.app_context(), core.database.work() as work:
        journal.record(work, user.id, What.SIGNED_OUT)
    clock.moment += timedelta(days=1)
    assert seal_finished_days(core.database, clock) == 1
    assert sealed(core)[-1] == (date(2026, 11, 21), 1)
    assert found(core) == []
