"""The two doors to the store: nothing is lost, nothing is half done, a reader changes nothing."""

import multiprocessing
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.database.crowd import PROCESSES, ROUNDS, THREADS, accounts, raise_balance, raise_often
from tesweb.database.engine import Database
from tesweb.testing.stores import PostgresStore, Store


@pytest.fixture
def opened(database: str) -> Iterator[Database]:
    made = Database(database)
    yield made
    made.close()


@pytest.fixture
def account(opened: Database) -> int:
    with opened.work() as work:
        return add_account(work, "1")


def add_account(work: Connection, number: str) -> int:
    values = {"number": number, "region": "r", "address": "a", "category": "urban"}
    statement = accounts.insert().values(values).returning(accounts.c.id)
    return int(work.execute(statement).scalar_one())


def balance(database: Database, account: int) -> int:
    with database.read() as reader:
        return int(reader.execute(select(accounts.c.balance).filter_by(id=account)).scalar_one())


def break_off(database: Database) -> None:
    with database.work() as work:
        work.execute(accounts.update().values(balance=100))
        add_account(work, "2")
        raise ZeroDivisionError


def test_no_update_is_lost_between_processes_and_threads(
    database: str, opened: Database, account: int
) -> None:
    context = multiprocessing.get_context("spawn")
    crowd = [
        context.Process(target=raise_often, args=(database, account)) for _ in range(PROCESSES)
    ]
    for process in crowd:
        process.start()
    for process in crowd:
        process.join(120)
    assert [process.exitcode for process in crowd] == [0] * PROCESSES
    assert balance(opened, account) == PROCESSES * THREADS * ROUNDS


def test_an_exception_undoes_the_whole_unit_of_work(opened: Database, account: int) -> None:
    with pytest.raises(ZeroDivisionError):
        break_off(opened)
    assert balance(opened, account) == 0
    with opened.read() as reader:
        assert reader.execute(select(accounts.c.number)).scalars().all() == ["1"]


def test_after_a_failed_unit_of_work_the_next_one_goes_on(opened: Database, account: int) -> None:
    with pytest.raises(IntegrityError), opened.work() as work:
        add_account(work, "1")
    raise_balance(opened, account)
    assert balance(opened, account) == 1


def test_a_reader_does_not_see_unfinished_work(opened: Database, account: int) -> None:
    with opened.work() as work:
        work.execute(accounts.update().values(balance=100))
        assert balance(opened, account) == 0
    assert balance(opened, account) == 100


def test_an_open_reader_sees_what_was_committed_after_it_opened(
    opened: Database, account: int
) -> None:
    query = select(accounts.c.balance).filter_by(id=account)
    with opened.read() as reader:
        assert reader.execute(query).scalar_one() == 0
        raise_balance(opened, account)
        assert reader.execute(query).scalar_one() == 1


def test_an_open_reader_holds_no_writer_up(opened: Database, account: int) -> None:
    with opened.read() as reader:
        rows = reader.execute(select(accounts.c.id))
        writer = threading.Thread(target=raise_balance, args=(opened, account))
        writer.start()
        writer.join(5)
        assert not writer.is_alive()
        assert rows.scalars().all() == [account]


def test_read_refuses_to_write(opened: Database) -> None:
    with pytest.raises(DBAPIError, match=r"readonly|read-only"), opened.read() as reader:
        add_account(reader, "9")


def test_a_foreign_key_is_kept(opened: Database) -> None:
    statement = text(
        "INSERT INTO meters (account_id, meter_no, serial, model, installed_on)"
        " VALUES (404, 1, 's', 'm', '2026-01-01')"
    )
    with pytest.raises(IntegrityError), opened.work() as work:
        work.execute(statement)


def test_sqlite_survives_a_power_cut(tmp_path_factory: pytest.TempPathFactory) -> None:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('power') / 'tesweb.db'}")
    with database.work() as work:
        found = {
            name: work.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    database.close()
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_the_plain_address_of_postgresql_is_understood(opened: Database, store: Store) -> None:
    driver = {"sqlite": "pysqlite", "postgresql": "psycopg"}[store.name]
    assert opened.reader.dialect.driver == driver


def test_postgresql_speaks_utc_and_waits_no_longer_than_sqlite(
    postgresql_store: PostgresStore,
) -> None:
    with postgresql_store.fresh() as address:
        database = Database(address)
        with database.work() as work:
            assert work.execute(text("SHOW timezone")).scalar_one() == "UTC"
            assert work.execute(text("SHOW lock_timeout")).scalar_one() == "10s"
        database.close()
