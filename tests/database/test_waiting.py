"""Waiting for the store has an end, and a server that was restarted is found again."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, insert, select, text
from sqlalchemy.exc import OperationalError

from tesweb.accounts.models import Account
from tesweb.database import engine
from tesweb.database.engine import Database
from tesweb.database.naming import table_of
from tesweb.database.rows import fetch
from tesweb.testing.stores import PostgresStore

accounts = table_of(Account)
NUMBERS = select(accounts.c.number)
CUT = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE pid <> pg_backend_pid() AND datname = current_database()"
)


def add_account(work: Connection) -> None:
    values = {"number": "1", "region": "r", "address": "a", "category": "urban"}
    work.execute(insert(accounts), values)


def test_a_page_outlives_a_restart_of_postgresql(postgresql_store: PostgresStore) -> None:
    with postgresql_store.fresh() as address:
        database = Database(address)
        with database.work() as work:
            add_account(work)
        for _ in range(2):
            assert fetch(database.reading(), NUMBERS, {}) == [("1",)]
            assert database.reading().execute(NUMBERS).scalars().all() == ["1"]
            with database.work() as work:
                work.execute(CUT)
        with database.read() as reader:
            assert reader.execute(NUMBERS).scalars().all() == ["1"]
        database.close()


def write_and_be_cut_off(database: Database, other: Database) -> None:
    with database.work() as work:
        add_account(work)
        with other.work() as cutting:
            cutting.execute(CUT)
        fetch(work, NUMBERS, {})


def test_a_torn_unit_of_work_is_not_gone_on_with(postgresql_store: PostgresStore) -> None:
    with postgresql_store.fresh() as address:
        database, other = Database(address), Database(address)
        with pytest.raises(OperationalError):
            write_and_be_cut_off(database, other)
        assert fetch(other.reading(), NUMBERS, {}) == []
        database.close()
        other.close()


def refused_after(database: Database) -> float:
    start = time.monotonic()
    with pytest.raises(OperationalError), database.work():
        pass
    return time.monotonic() - start


def test_a_writer_s_patience_ends(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second `Database` on the file stands for another process: `flock` sees no difference."""
    address = f"sqlite:///{tmp_path_factory.mktemp('patience') / 'tesweb.db'}"
    one, other = Database(address), Database(address)
    monkeypatch.setattr(engine, "LOCK_PATIENCE", 200)
    with one.work(), ThreadPoolExecutor(2) as threads:
        waits = [threads.submit(refused_after, database) for database in (one, other)]
        for wait in waits:
            assert 0.2 <= wait.result() < 5
    for database in (one, other):
        with database.work() as work:
            assert work.execute(text("SELECT 1")).scalar_one() == 1
        database.close()


def write_on_and_on(database: Database, end: threading.Event) -> None:
    while not end.is_set():
        with database.work():
            pass


def test_a_process_that_never_stops_writing_lets_others_have_their_turn(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    address = f"sqlite:///{tmp_path_factory.mktemp('greedy') / 'tesweb.db'}"
    greedy, other, end = Database(address), Database(address), threading.Event()
    with ThreadPoolExecutor(2) as threads:
        for _ in range(2):
            threads.submit(write_on_and_on, greedy, end)
        start = time.monotonic()
        for _ in range(10):
            with other.work():
                pass
        took = time.monotonic() - start
        end.set()
    greedy.close()
    other.close()
    assert took < 5
