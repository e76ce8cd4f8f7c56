"""Bulk data: any number of accounts of 24 months, made by the database itself from a few formulas.

The same `INSERT … SELECT` of bulk.sql run on SQLite and PostgreSQL. Every account has an owner with
a session; every fourth user sees the neighbour's account too; every fifth meter has two zones. What
is charged is what was consumed, and all but the last month is paid: `tesweb check` finds nothing.
"""

import hashlib
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, TextClause, create_engine, event, text

from tesweb.clock import add_months

MONTHS = 24
SCRIPT = Path(__file__).with_suffix(".sql")
#: Accounts in one transaction on SQLite, whose tables lie in the order of their accounts.
_CHUNK = 50_000
#: Kopecks for a kilowatt-hour.
_PRICE = 342
_SID_STEM = "bench-bench-bench-bench-bench"
_SID_BASE = 10**13
_NUMBERS = (
    "WITH RECURSIVE n(id) AS (SELECT CAST(:low AS BIGINT) "
    "UNION ALL SELECT n.id + 1 FROM n WHERE n.id < :high)"
)

Step = tuple[TextClause, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to make."""

    address: str
    accounts: int
    #: The first day of the last month that has readings.
    last: date


def sid(user_id: int) -> str:
    """The session id of a user: no secret, so that the load generator knows it."""
    return f"{_SID_STEM}{_SID_BASE + user_id}"


def has_two_zones(account_id: int) -> bool:
    """Whether the account's meter counts day and night apart."""
    return account_id % 5 == 0


def last_value(account_id: int, register_no: int) -> int:
    """What a register showed after the last month, in kWh."""
    grown = MONTHS * (100 + account_id % 150)
    return 2000 + account_id % 700 + grown + (account_id * 31 + MONTHS * 17 + register_no * 7) % 50


def fill(plan: Plan) -> None:
    """Fill a migrated, empty database; says on stderr how far it is."""
    engine = _engine(plan.address)
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        _prepare(connection, plan, sqlite=sqlite)
        steps = list(_steps(plan, sqlite=sqlite))
        for done, (statement, values) in enumerate(steps, start=1):
            connection.execute(statement, values)
            connection.commit()
            _progress(plan, done * 100 // len(steps))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for tidying in ("ANALYZE",) if sqlite else ("VACUUM ANALYZE", "CHECKPOINT"):
            connection.execute(text(tidying))
    engine.dispose()
    sys.stderr.write("\n")


def _steps(plan: Plan, *, sqlite: bool) -> Iterator[Step]:
    """By account where tables are clustered by it, else as billing sends them, month by month."""
    script = SCRIPT.read_text("utf-8").format(**_words(plan, sqlite=sqlite))
    people, _, history = script.partition("-- people\n")[2].partition("-- history\n")
    chunks = [_between(low, plan.accounts) for low in range(1, plan.accounts + 1, _CHUNK)]
    everyone = {"low": 1, "high": plan.accounts}
    months = [everyone | {"first": number, "last": number} for number in range(1, MONTHS + 1)]
    always = [chunk | {"first": 1, "last": MONTHS} for chunk in chunks]
    for part, values in ((people, chunks), (history, always if sqlite else months)):
        for statement in part.split(";")[:-1]:
            clause = text(statement)
            yield from ((clause, each) for each in values)


def _between(low: int, last: int) -> dict[str, int]:
    return {"low": low, "high": min(low + _CHUNK - 1, last)}


def _words(plan: Plan, *, sqlite: bool) -> dict[str, object]:
    owed = [f"{_consumed('n.id', str(MONTHS), str(register))} * {_PRICE}" for register in (1, 2)]
    return {
        "numbers": _NUMBERS,
        "moment": "2026-01-01 00:00:00.000000",
        "balance": f"{owed[0]} + CASE WHEN n.id % 5 = 0 THEN {owed[1]} ELSE 0 END",
        "balance_on": add_months(plan.last, 1),
        "sid": f"'{_SID_STEM}' || CAST({_SID_BASE} + n.id AS TEXT)",
        "bytes": "BLOB" if sqlite else "BYTEA",
        "value": _value("a.id", "m.n", "r.register_no"),
        "consumed": _consumed("a.id", "m.n", "r.register_no"),
        "price": f"{_PRICE / 100:.2f}",
        "kopecks": _PRICE,
        "months": MONTHS,
    }


def _value(account: str, month: str, register: str) -> str:
    """SQL for what a register showed after a month, in kWh; it grows every month."""
    return (
        f"(2000 + {account} % 700 + {month} * (100 + {account} % 150) "
        f"+ ({account} * 31 + {month} * 17 + {register} * 7) % 50)"
    )


def _consumed(account: str, month: str, register: str) -> str:
    return f"({_value(account, month, register)} - {_value(account, f'({month} - 1)', register)})"


def _engine(address: str) -> Engine:
    engine = create_engine(address)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _hurry)
    return engine


def _hurry(connection: sqlite3.Connection, record: object) -> None:
    del record
    connection.create_function("sha256", 1, _sha256, deterministic=True)
    for pragma in ("journal_mode = MEMORY", "synchronous = OFF", "cache_size = -400000"):
        connection.execute(f"PRAGMA {pragma}")


def _sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _prepare(connection: Connection, plan: Plan, *, sqlite: bool) -> None:
    if not sqlite:
        connection.execute(text("SET session_replication_role = replica"))  # no foreign key checks
        connection.execute(text("SET timezone = 'UTC'"))
    for table in (
        "bench_months (n INTEGER, period DATE, read_on DATE, paid_on DATE)",
        "bench_zones (register_no INTEGER, zone TEXT)",
    ):
        connection.execute(text(f"CREATE TEMP TABLE {table}"))
    zones = "INSERT INTO bench_zones VALUES (1, 'single'), (1, 'day'), (2, 'night')"
    connection.execute(text(zones))
    connection.execute(
        text("INSERT INTO bench_months VALUES (:n, :period, :read_on, :paid_on)"),
        [_month(plan.last, number) for number in range(1, MONTHS + 1)],
    )
    connection.commit()


def _month(last: date, number: int) -> dict[str, Any]:
    period = add_months(last, number - MONTHS)
    return {
        "n": number,
        "period": period.isoformat(),
        "read_on": period.replace(day=20).isoformat(),
        "paid_on": add_months(period, 1).replace(day=10).isoformat(),
    }


def _progress(plan: Plan, percent: int) -> None:
    sys.stderr.write(f"\rmaking {plan.accounts} accounts of {MONTHS} months: {percent} %")
    sys.stderr.flush()
