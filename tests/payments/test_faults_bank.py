"""Faults of the bank and of the way to it: nothing is lost, nothing is charged twice."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, cast
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from tests.payments.test_refunds import ask
from tests.payments.till import Till
from tesweb.current import Core
from tesweb.money import Kopecks
from tesweb.payments import engine, janitor, refunds
from tesweb.payments.gateways import Teller
from tesweb.payments.models import State
from tesweb.payments.protocol import (
    BankState,
    Fiscal,
    FiscalState,
    Notice,
    Notification,
    Order,
    Report,
    Started,
)
from tesweb.payments.services import UnderWay
from tesweb.testing.bank import BankGateway, Fault


@dataclass(frozen=True)
class Says(BankGateway):
    """Changes its reports before it tells them."""

    changes: dict[str, Any] = field(default_factory=dict)

    def report(self, order: Order) -> Report:
        return replace(BankGateway.report(self, order), **self.changes)


@dataclass(frozen=True)
class OwnNumbers(BankGateway):
    """A bank whose notifications know nothing of our numbers."""

    def read(self, notification: Notification) -> Notice:
        return Notice(reference=notification.body.decode())


@pytest.mark.parametrize("fault", [Fault.BROKEN, Fault.GARBAGE, Fault.SLOW])
def test_an_error_nonsense_and_a_late_answer_are_unknown_and_one_order(
    till: Till, fault: Fault
) -> None:
    till.bank.faults = [fault, fault]
    order_id = till.start()
    assert till.state(order_id) is State.UNKNOWN
    till.sweep(2)
    assert till.state(order_id) is State.PENDING
    assert len(till.bank.sales) == 1
    till.bank.pay(till.reference(order_id))
    till.bank.faults = [fault]
    till.sweep(2)
    assert till.credited() == [500_00]


def test_ten_notifications_at_once_are_one_payment(app: Flask, till: Till) -> None:
    order_id = till.start()
    till.bank.pay(till.reference(order_id))
    note = till.bank.notification(till.reference(order_id))
    till.later(seconds=3)

    def arrives(_: int) -> str:
        with app.app_context():
            answer = janitor.keep_notice("memory", note)
            janitor.sweep()
            return answer

    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(arrives, range(10))) == ["OK"] * 10
    till.sweep()
    assert till.state(order_id) is State.SUCCEEDED
    assert (till.credited(), till.told()) == ([500_00], 1)


@pytest.mark.parametrize("state", [BankState.HELD, BankState.PENDING, BankState.EXPIRED])
def test_what_the_bank_says_of_before_changes_nothing(till: Till, state: BankState) -> None:
    order_id = till.paid()
    sale = till.bank.of(till.reference(order_id))
    sale.state, sale.paid = state, Kopecks(0)
    assert till.look(order_id) is State.SUCCEEDED
    assert till.credited() == [500_00]


@pytest.mark.parametrize(
    ("changes", "alarm"), [({"currency": "CNY"}, "amount"), ({"reference": "other"}, "reference")]
)
def test_another_currency_and_another_order_are_put_aside(
    till: Till, changes: dict[str, Any], alarm: str
) -> None:
    order_id = till.start()
    till.bank.pay(till.reference(order_id))
    till.core.gateways["memory"] = Teller(Says(till.bank, changes=changes))
    assert till.look(order_id) in {State.MISMATCHED, State.PENDING}
    assert till.credited() == []
    assert alarm in till.alarms()


def test_a_notification_with_the_bank_s_number_alone_finds_its_order(till: Till) -> None:
    order_id = till.start()
    till.bank.pay(reference := till.reference(order_id))
    till.core.gateways["memory"] = Teller(OwnNumbers(till.bank))
    till.later(seconds=3)
    assert janitor.keep_notice("memory", Notification(reference.encode(), {}, "")) == "OK"
    janitor.sweep()
    assert till.state(order_id) is State.SUCCEEDED
    assert till.credited() == [500_00]


def test_a_notification_of_an_order_that_nobody_has_is_kept_and_told(till: Till) -> None:
    order_id = till.start()
    sale = till.bank.of(till.reference(order_id))
    strange = replace(sale, key=uuid4(), reference="strange")
    till.bank.sales[strange.key] = strange
    note = till.bank.notification("strange")
    assert json.loads(note.body) == {"key": str(strange.key)}
    janitor.keep_notice("memory", note)
    for _ in range(6):
        till.later(days=1)
        janitor.sweep()
    assert "stranger" in till.alarms()
    with till.core.database.read() as reader:
        assert reader.execute(text("SELECT count(*) FROM payment_notices")).scalar() == 1
    assert till.credited() == []


def test_without_any_notification_for_a_day_the_clock_finds_the_money(till: Till) -> None:
    order_id = till.start()
    till.bank.pay(till.reference(order_id))
    till.later(hours=24)
    janitor.sweep()
    assert till.state(order_id) is State.SUCCEEDED


def test_money_that_the_bank_takes_back_after_a_refund_is_booked_by_itself(till: Till) -> None:
    till.paid(900_00)
    till.paid(600_00)
    assert refunds.approve(ask(till), None)
    till.sweep()
    assert till.balance() == 0
    till.bank.of("sale-2").refunded = Kopecks(600_00)
    till.look(2)
    assert till.balance() == 100_00
    assert till.alarms() == {"foreign_refund"}
    assert till.book("clearing:memory") == 900_00


def test_another_bank_is_offered_while_the_first_is_down(till: Till, core: Core) -> None:
    core.gateways["other"] = Teller(BankGateway(till.bank, name="other"))
    till.bank.faults = [Fault.LOST]
    first = till.start()
    assert till.state(first) is State.UNKNOWN
    for _ in range(2):
        with pytest.raises(UnderWay):
            till.place(gateway="other")
        till.later(hours=3)
    second = till.start(gateway="other", again=True)
    till.bank.pay(till.reference(second))
    assert till.look(second) is State.SUCCEEDED
    till.later(hours=30)
    till.sweep()
    assert till.state(first) is State.EXPIRED
    assert till.credited() == [500_00]


@dataclass(frozen=True)
class Wild(BankGateway):
    """A plugin that was never tested: each call is given something else."""

    gives: tuple[object, ...] = ()
    calls: list[int] = field(default_factory=list)

    def start(self, order: Order) -> Started:
        given = self.gives[len(self.calls) % len(self.gives)]
        self.calls.append(1)
        BankGateway.start(self, order)
        if isinstance(given, BaseException):
            raise given
        return cast("Started", given)


def test_a_plugin_that_raises_or_answers_junk_is_isolated(
    till: Till, caplog: pytest.LogCaptureFixture
) -> None:
    wild = (KeyError("a secret"), SystemExit(1), None, "paid", {"reference": "x"}, 7)
    till.core.gateways["memory"] = Teller(Wild(till.bank, gives=wild))
    with caplog.at_level(logging.ERROR):
        order_id = till.start()
        for _ in wild[1:]:
            till.sweep()
    assert till.state(order_id) is State.UNKNOWN
    assert "a secret" not in caplog.text
    till.core.gateways["memory"] = Teller(BankGateway(till.bank))
    till.sweep()
    assert till.state(order_id) is State.PENDING
    assert len(till.bank.sales) == 1


def test_an_account_that_changes_hands_meanwhile_keeps_the_money(till: Till) -> None:
    order_id = till.start()
    with till.core.database.work() as work:
        work.execute(text("DELETE FROM memberships"))
    till.bank.pay(till.reference(order_id))
    assert till.look(order_id) is State.SUCCEEDED
    assert till.balance() == 500_00
    assert till.told() == 1


def test_a_fiscal_receipt_that_fails_leaves_the_payment_alone(till: Till) -> None:
    order_id = till.start()
    till.bank.pay(till.reference(order_id))
    late = {"fiscal": Fiscal(FiscalState.PENDING)}
    till.core.gateways["memory"] = Teller(Says(till.bank, changes=late))
    assert till.look(order_id) is State.SUCCEEDED
    till.sweep(3)
    done = {"fiscal": Fiscal(FiscalState.SUCCEEDED, "3986", "9288000100115785", "2617603921")}
    till.core.gateways["memory"] = Teller(Says(till.bank, changes=done))
    till.sweep()
    with till.core.database.read() as reader:
        row = reader.execute(text("SELECT state, number FROM fiscal_receipts")).one()
    assert tuple(row) == ("succeeded", "3986")
    assert till.credited() == [500_00]
    assert engine.state_of(order_id) is State.SUCCEEDED
