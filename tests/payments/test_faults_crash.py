"""Faults of the process: it dies, its lease runs out, somebody else goes on."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from flask import Flask
from sqlalchemy import event, text

from tests.payments.till import Till
from tests.simulation.stage import Axe, Killed
from tesweb.payments import engine, janitor
from tesweb.payments.gateways import Teller
from tesweb.payments.models import State
from tesweb.payments.protocol import Notification, Order, Started
from tesweb.testing.bank import BankGateway


@contextmanager
def killed_at(till: Till, statement: int) -> Iterator[None]:
    """The process dies before its n-th statement that writes or takes part in writing."""
    axe = Axe(statement)
    event.listen(till.core.database.writer, "before_cursor_execute", axe.fall)
    try:
        with pytest.raises(Killed):
            yield
    finally:
        event.remove(till.core.database.writer, "before_cursor_execute", axe.fall)


def count(till: Till, table: str) -> int:
    with till.core.database.read() as reader:
        return int(reader.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608 - our own name


@pytest.mark.parametrize("statement", [0, 1, 2, 3])
def test_killed_before_the_intent_is_there_leaves_nothing(till: Till, statement: int) -> None:
    with killed_at(till, statement):
        till.place()
    assert count(till, "payment_orders") == count(till, "payment_shares") == 0
    janitor.sweep()
    assert till.bank.sales == {}


@dataclass(frozen=True)
class Deadly(BankGateway):
    """The process dies as soon as the bank has taken the order."""

    axe: Axe = field(default_factory=Axe)

    def start(self, order: Order) -> Started:
        started = BankGateway.start(self, order)
        self.axe.left = 0
        return started


def test_killed_after_the_bank_has_it_is_found_again(till: Till) -> None:
    axe = Axe()
    till.core.gateways["memory"] = Teller(Deadly(till.bank, axe=axe))
    event.listen(till.core.database.writer, "before_cursor_execute", axe.fall)
    order_id = till.place().order_id
    with pytest.raises(Killed):
        engine.advance(order_id)
    event.remove(till.core.database.writer, "before_cursor_execute", axe.fall)
    till.core.gateways["memory"] = Teller(BankGateway(till.bank))
    till.sweep()
    assert till.state(order_id) is State.PENDING
    assert len(till.bank.sales) == 1


@pytest.mark.parametrize("statement", range(1, 12, 2))
def test_killed_between_state_and_books_has_written_neither(till: Till, statement: int) -> None:
    order_id = till.start()
    till.bank.pay(till.reference(order_id))
    till.later(seconds=3)
    with killed_at(till, statement):
        engine.advance(order_id, hurry=True)
    assert till.state(order_id) is State.PENDING
    assert (till.credited(), till.told(), count(till, "ledger_entries")) == ([], 0, 0)
    till.check()
    till.sweep()
    assert till.credited() == [500_00]


def test_a_notification_whose_answer_was_lost_comes_again_and_changes_nothing(till: Till) -> None:
    order_id = till.start()
    till.bank.pay(till.reference(order_id))
    note = till.bank.notification(till.reference(order_id))
    for _ in range(2):
        assert janitor.keep_notice("memory", note) == "OK"
        till.later(seconds=3)
        janitor.sweep()
    assert count(till, "payment_notices") == 1
    assert (till.credited(), till.told()) == ([500_00], 1)


@dataclass(frozen=True)
class Slow(BankGateway):
    """While it answers for the first time, something else happens."""

    meanwhile: list[Callable[[], object]] = field(default_factory=list)

    def start(self, order: Order) -> Started:
        if self.meanwhile:
            self.meanwhile.pop()()
        return BankGateway.start(self, order)


def test_whoever_comes_back_after_the_lease_changes_nothing(app: Flask, till: Till) -> None:
    order_id = till.place().order_id

    def another_worker() -> None:
        till.later(seconds=61)
        with app.app_context():
            assert engine.advance(order_id, hurry=True) is State.PENDING

    till.core.gateways["memory"] = Teller(Slow(till.bank, meanwhile=[another_worker]))
    assert engine.advance(order_id) is State.PENDING
    assert len(till.bank.sales) == 1
    till.bank.pay(till.reference(order_id))
    assert till.look(order_id) is State.SUCCEEDED
    assert till.credited() == [500_00]


def test_a_notification_before_the_answer_is_kept_until_the_number_is_known(
    app: Flask, till: Till
) -> None:
    order_id = till.place().order_id
    gateway = Slow(till.bank)
    till.core.gateways["memory"] = Teller(gateway)

    def the_bank_is_quicker() -> None:
        with app.app_context():
            with till.core.database.read() as reader:
                key = reader.execute(text("SELECT key FROM payment_orders")).scalar_one()
            body = json.dumps({"key": key}).encode()
            signature = hmac.new(till.bank.secret, body, hashlib.sha256).hexdigest()
            janitor.keep_notice(
                "memory", Notification(body, {"x-signature": signature}, "203.0.113.7")
            )
            janitor.sweep()

    gateway.meanwhile.append(the_bank_is_quicker)
    assert engine.advance(order_id) is State.PENDING
    till.bank.pay(till.reference(order_id))
    till.sweep(2)
    assert till.state(order_id) is State.SUCCEEDED
    assert till.credited() == [500_00]
    assert till.alarms() == set()
