"""Payments begun and notifications taken per second, beside plain transactions on the same disk.

One process and one thread, on a database of its own that is as durable as in earnest: each payment
is written down, given to a bank that answers at once, and written down again. Then the bank tells
of each ten times over, in any order; afterwards each account has its money once, and every
invariant of `tesweb check` holds.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar
from uuid import uuid4

import psycopg
from flask import Flask
from psycopg.sql import SQL, Identifier
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.engine import make_url

from bench.stores import FOLDER, Store
from tesweb.app import create_app
from tesweb.clock import FixedClock, SystemClock
from tesweb.commands.check import INVARIANTS
from tesweb.current import Core, core
from tesweb.database import migrations
from tesweb.database.engine import Database
from tesweb.money import Kopecks
from tesweb.payments import engine, janitor
from tesweb.payments.gateways import Teller
from tesweb.payments.protocol import Notification, Way
from tesweb.payments.services import Wish, place
from tesweb.plugins import Plugins
from tesweb.testing.bank import Bank, BankGateway
from tesweb.testing.client import ORIGIN
from tesweb.testing.factories import Factory
from tesweb.testing.fixtures import TestSettings

T = TypeVar("T")
ORDERS, TIMES = 1_000, 10
#: Each payer pays for one account.
_PLAIN = text("UPDATE accounts SET balance = balance + 1 WHERE id = :id")
_UNDONE = text("UPDATE accounts SET balance = balance - 1")
_CREDITED = text("SELECT count(*), count(DISTINCT account_id) FROM payments WHERE amount = 50000")


class Wrong(Exception):
    """A payment has come twice, or not at all, or the books do not agree."""


@dataclass(frozen=True, slots=True)
class Speed:
    """How many of something were done in a second."""

    name: str
    per_second: float
    #: Of as many plain transactions, each an update of one row.
    ratio: float


def measure(store: Store) -> Iterator[Speed]:
    """Transactions, payments begun, notifications taken, orders asked about. Raises Wrong."""
    with _scratch(store) as address, TemporaryDirectory() as folder:
        settings = TestSettings(
            folder=Path(folder), database=address, secret_key=SecretStr("s" * 64)
        )
        clock = FixedClock(SystemClock().now())
        app = create_app(settings, clock=clock)
        with app.app_context(), closing(core().database):
            yield from _run(app, core(), clock)


def _run(app: Flask, here: Core, clock: FixedClock) -> Iterator[Speed]:
    bank = Bank(clock)
    here.gateways["memory"] = Teller(BankGateway(bank))
    make = Factory(here)
    payers = [make.user() for _ in range(ORDERS)]
    pairs = [(payer.id, make.account(payer).id) for payer in payers]
    plain = _timed(lambda pair: _plain(here, pair[1]), pairs)
    yield Speed("plain transactions", plain, 1)
    with here.database.work() as work:
        work.execute(_UNDONE)
    begun = _timed(lambda pair: _begin(*pair), pairs)
    yield Speed("payments begun", begun, begun / plain)
    for sale in list(bank.sales.values()):
        bank.pay(sale.reference)
    told = [bank.notification(sale.reference) for sale in bank.sales.values()] * TIMES
    random.Random(7).shuffle(told)  # noqa: S311 - the same order in each run
    taken = _timed(_teller_of(app), told)
    yield Speed(f"notifications, {TIMES} of each", taken, taken / plain)
    asked = _timed(lambda _: _sweep(clock), range(1), ORDERS)
    yield Speed("paid orders credited", asked, asked / plain)
    _check(here)


def _plain(here: Core, account_id: int) -> None:
    with here.database.work() as work:
        work.execute(_PLAIN, {"id": account_id})


def _begin(user_id: int, account_id: int) -> None:
    wish = Wish(
        user_id=user_id,
        shares={account_id: Kopecks(500_00)},
        gateway="memory",
        way=Way.CARD,
        contact="payer@example.ru",
        form_key=str(uuid4()),
    )
    engine.advance(place(wish).order_id)


def _teller_of(app: Flask) -> Callable[[Notification], None]:
    client = app.test_client()

    def tell(notification: Notification) -> None:
        answer = client.post(
            "/pay/memory/notify",
            data=notification.body,
            headers=dict(notification.headers),
            base_url=ORIGIN,
        )
        if answer.status_code != 200:
            raise Wrong(answer.status)

    return tell


def _sweep(clock: FixedClock) -> None:
    clock.moment += timedelta(seconds=3)
    while janitor.sweep():
        pass


def _check(here: Core) -> None:
    with here.database.read() as reader:
        found = [finding for invariant in INVARIANTS for finding in invariant(reader)]
        credited = tuple(reader.execute(_CREDITED).one())
    if found or credited != (ORDERS, ORDERS):
        raise Wrong(f"{credited} payments of {ORDERS}; {found[:3]}")


def _timed(act: Callable[[T], object], things: Sequence[T], number: int = 0) -> float:
    start = time.perf_counter()
    for thing in things:
        act(thing)
    return (number or len(things)) / (time.perf_counter() - start)


@contextmanager
def _scratch(store: Store) -> Iterator[str]:
    """A database of the store's kind, with every table and nothing in it; gone afterwards."""
    if store.kind == "sqlite":
        with TemporaryDirectory(dir=FOLDER) as folder:
            yield _upgraded(f"sqlite:///{folder}/money.db")
        return
    name, url = "bench_money", make_url(store.address)
    with closing(
        psycopg.connect(
            host=url.host,
            port=url.port or 5432,
            user=url.username,
            password=url.password,
            dbname="postgres",
            autocommit=True,
        )
    ) as connection:
        connection.execute(SQL("DROP DATABASE IF EXISTS {}").format(Identifier(name)))
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        try:
            yield _upgraded(url.set(database=name).render_as_string(hide_password=False))
        finally:
            connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def _upgraded(address: str) -> str:
    plugins = Plugins()
    plugins.load()
    with closing(Database(address)) as database:
        list(migrations.upgrade(database, plugins))
    return address
