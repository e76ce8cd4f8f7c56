"""A register is read in once for each line, booked, and laid beside our books."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from tests.cashier.conftest import DAY
from tests.payments.till import Till
from tesweb.cashier import services
from tesweb.cashier.rules import MOSCOW, possible_days
from tesweb.cashier.services import (
    NoSuchGateway,
    fetch_register,
    read_in,
    reconcile,
    with_register,
)
from tesweb.database.naming import table_of
from tesweb.ledger.models import LedgerTransaction
from tesweb.money import Kopecks
from tesweb.payments import refunds
from tesweb.payments.gateways import CannotDo, Teller
from tesweb.payments.models import BankRegister, RegisterLine, State
from tesweb.payments.protocol import Settled, Unclear
from tesweb.testing.bank import BankGateway, Fault


def register(till: Till, day: date = DAY) -> list[Settled]:
    return till.core.gateways["memory"].settled(day)


def count(till: Till) -> list[int]:
    tables = (RegisterLine, LedgerTransaction, BankRegister)
    with till.core.database.read() as reader:
        return [
            reader.execute(select(func.count()).select_from(table_of(table))).scalar_one()
            for table in tables
        ]


def test_a_day_that_agrees_settles_what_the_bank_owed(till: Till) -> None:
    till.paid(500_00)
    till.paid(300_00, 200_00, again=True)
    assert fetch_register("memory", DAY).new == 2
    found = reconcile("memory", DAY)
    assert (len(found.agreed), found.differences, found.waiting) == (2, 0, [])
    assert till.book("clearing:memory") == 0
    assert till.book("bank") == 990_00
    assert till.book("acquiring") == 10_00
    assert till.book("suspense") == 0


def test_the_same_register_again_changes_nothing(till: Till) -> None:
    till.paid(500_00)
    fetch_register("memory", DAY)
    before = count(till)
    again = fetch_register("memory", DAY)
    assert (again.new, again.known) == (0, 1)
    assert count(till) == before


def test_a_longer_register_of_the_same_day_adds_its_new_line_only(till: Till) -> None:
    till.paid(500_00)
    fetch_register("memory", DAY)
    till.paid(300_00)
    again = fetch_register("memory", DAY)
    assert (again.new, again.known) == (1, 1)
    assert len(reconcile("memory", DAY).agreed) == 2
    assert count(till)[2] == 2


def test_a_payment_in_the_next_day_s_register_too_is_settled_once(till: Till) -> None:
    till.paid(500_00)
    fetch_register("memory", DAY)
    [line] = register(till)
    later = replace(line, at=line.at + timedelta(hours=20))
    assert read_in("memory", DAY + timedelta(days=1), [later]).known == 1
    assert till.book("bank") == 495_00


def test_money_of_no_order_waits_in_suspense(till: Till) -> None:
    till.paid(500_00)
    stray = Settled("sale-99", uuid4(), Kopecks(77_00), Kopecks(1_00), till.clock.now())
    read_in("memory", DAY, [*register(till), stray])
    found = reconcile("memory", DAY)
    assert [line.reference for line in found.theirs_only] == ["sale-99"]
    assert found.differences == 1
    assert till.book("suspense") == -77_00
    assert till.book("bank") == 571_00


def test_money_that_no_register_has_is_ours_only(till: Till) -> None:
    order_id = till.paid(500_00)
    read_in("memory", DAY, [])
    found = reconcile("memory", DAY)
    assert [each.ours.order_id for each in found.ours_only] == [order_id]
    assert found.ours_only[0].waits == ()


def test_before_a_register_is_read_money_waits_for_it(till: Till) -> None:
    till.paid(500_00)
    found = reconcile("memory", DAY)
    assert (len(found.waiting), found.differences) == (1, 0)


def test_another_sum_is_told_beside_ours(till: Till) -> None:
    order_id = till.paid(500_00)
    [line] = register(till)
    read_in("memory", DAY, [replace(line, amount=Kopecks(499_00))])
    [differs] = reconcile("memory", DAY).differ
    assert (differs.order_id, differs.ours, differs.line.amount) == (order_id, 500_00, 499_00)
    assert till.book("clearing:memory") == 1_00


def test_an_order_that_the_bank_took_another_sum_for_differs(till: Till) -> None:
    order_id = till.start(500_00)
    till.bank.pay("sale-1", Kopecks(400_00))
    assert till.look(order_id) is State.MISMATCHED
    fetch_register("memory", DAY)
    [differs] = reconcile("memory", DAY).differ
    assert (differs.ours, differs.line.amount) == (500_00, 400_00)


def test_a_payment_that_only_the_register_knows_is_credited(till: Till) -> None:
    order_id = till.start(500_00)
    till.bank.pay("sale-1")
    till.later(seconds=3)
    fetch_register("memory", DAY)
    assert till.state(order_id) is State.SUCCEEDED
    assert till.balance() == 500_00
    assert reconcile("memory", DAY).differences == 0


def test_the_register_is_believed_where_the_bank_does_not_answer(till: Till) -> None:
    order_id = till.start(500_00)
    till.bank.pay("sale-1")
    lines = register(till)
    till.bank.is_down = True
    till.later(seconds=3)
    read_in("memory", DAY, lines)
    assert till.state(order_id) is State.SUCCEEDED
    assert till.told() == 1


def test_what_an_earlier_register_left_behind_is_caught_up_with(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = till.start(500_00)
    till.bank.pay("sale-1")
    lines = register(till)
    till.bank.is_down = True

    def killed(gateway: str) -> None:
        raise KeyboardInterrupt(gateway)

    with monkeypatch.context() as here:
        here.setattr(services, "_catch_up", killed)
        with pytest.raises(KeyboardInterrupt):
            read_in("memory", DAY, lines)
    assert till.state(order_id) is not State.SUCCEEDED
    stray = Settled("sale-99", None, Kopecks(1_00), Kopecks(0), till.clock.now())
    assert read_in("memory", DAY, [*lines, stray]).behind == 0
    assert till.state(order_id) is State.SUCCEEDED


def test_as_many_orders_as_there_are_behind_are_caught_up_with(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "_MOST", 1)
    order_ids = [till.start(100_00, again=True) for _ in range(3)]
    for order_id in order_ids:
        till.bank.pay(till.reference(order_id))
    read_in("memory", DAY, register(till))
    assert {till.state(order_id) for order_id in order_ids} == {State.SUCCEEDED}


def test_a_stranger_s_line_hides_no_later_one(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "_MOST", 1)
    till.bank.faults = [Fault.DEAF]
    order_id = till.start(500_00)
    till.bank.pay("sale-1")
    lines = [replace(each, key=None) for each in register(till)]
    strange = Settled("sale-0", None, Kopecks(1_00), Kopecks(0), till.clock.now())
    read_in("memory", DAY, [strange, *lines])
    till.sweep(2)
    assert till.state(order_id) is State.SUCCEEDED
    read_in("memory", DAY, lines)
    assert till.book("suspense") == -1_00


def test_what_the_bank_does_not_answer_about_is_told_as_left(till: Till) -> None:
    till.paid(500_00)
    till.bank.is_down = True
    till.later(seconds=3)
    [line] = [Settled("sale-1", None, Kopecks(-200_00), Kopecks(0), till.clock.now())]
    assert read_in("memory", DAY, [line]).behind == 1


def test_more_than_had_come_is_no_money_that_is_left_behind(till: Till) -> None:
    till.paid(500_00)
    sale = till.bank.of("sale-1")
    sale.refunded = Kopecks(500_00)
    till.later(seconds=3)
    back = [
        Settled("sale-1", None, Kopecks(-amount), Kopecks(0), till.clock.now())
        for amount in (500_00, 1_00)
    ]
    assert read_in("memory", DAY, [*register(till), *back]).behind == 0
    assert reconcile("memory", DAY).differences == 1


def test_a_register_is_read_once_its_lines_are(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    till.paid(500_00)

    def killed(*_given: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as here:
        here.setattr(services, "_store", killed)
        with pytest.raises(KeyboardInterrupt):
            read_in("memory", DAY, register(till))
    found = reconcile("memory", DAY)
    assert (len(found.waiting), found.ours_only) == (1, [])
    read_in("memory", DAY, register(till))
    assert reconcile("memory", DAY).waiting == []


def test_a_line_finds_its_order_once_the_bank_s_number_is_known(till: Till) -> None:
    till.bank.faults = [Fault.DEAF]
    order_id = till.start(500_00)
    till.bank.pay("sale-1")
    [line] = register(till)
    read_in("memory", DAY, [replace(line, key=None)])
    assert till.book("suspense") == -500_00
    till.sweep(2)
    assert till.state(order_id) is State.SUCCEEDED
    read_in("memory", DAY, [replace(line, key=None)])
    assert till.book("suspense") == 0
    assert till.book("clearing:memory") == 0
    assert reconcile("memory", DAY).differences == 0


def test_a_line_finds_by_our_key_an_order_whose_number_the_bank_never_told_us(till: Till) -> None:
    till.bank.faults = [Fault.DEAF]
    order_id = till.start(500_00)
    till.bank.pay("sale-1")
    [line] = register(till)
    assert line.key is not None
    read_in("memory", DAY, [line])
    assert (till.book("suspense"), till.book("clearing:memory")) == (0, 0)
    assert till.state(order_id) is State.SUCCEEDED


def test_refunds_have_lines_too(till: Till) -> None:
    till.paid(1_500_00)
    refund_id = refunds.ask(till.user.id, till.accounts[0].id, Kopecks(500_00), "")
    refunds.approve(refund_id, None)
    till.sweep()
    fetch_register("memory", DAY)
    found = reconcile("memory", DAY)
    assert sorted(line.amount for line in found.agreed) == [-500_00, 1_500_00]
    lines = table_of(RegisterLine)
    with till.core.database.read() as reader:
        kinds = reader.execute(select(lines.c.kind, lines.c.amount)).all()
    assert sorted(kinds) == [("payment", 1_500_00), ("refund", -500_00)]
    assert till.book("clearing:memory") == 0
    assert till.book("bank") == 1_000_00 - 15_00


def test_a_refund_without_its_line_is_ours_only(till: Till) -> None:
    till.paid(1_500_00)
    refund_id = refunds.ask(till.user.id, till.accounts[0].id, Kopecks(500_00), "")
    refunds.approve(refund_id, None)
    till.sweep()
    read_in("memory", DAY, [line for line in register(till) if line.amount > 0])
    assert [each.ours.amount for each in reconcile("memory", DAY).ours_only] == [-500_00]


def test_a_refund_that_only_the_register_knows_is_asked_about_and_booked(till: Till) -> None:
    order_id = till.paid(500_00)
    sale = till.bank.of("sale-1")
    key = uuid4()
    sale.refunds[key], sale.refunded_at[key] = Kopecks(200_00), till.clock.now()
    sale.refunded = Kopecks(200_00)
    till.later(seconds=3)
    fetch_register("memory", DAY)
    assert till.state(order_id) is State.SUCCEEDED
    assert till.balance() == 700_00
    assert till.alarms() == {"foreign_refund"}
    assert reconcile("memory", DAY).differences == 0


def test_other_money_than_rubles_is_put_before_a_person(till: Till) -> None:
    line = Settled("sale-9", None, Kopecks(5_00), Kopecks(0), till.clock.now(), currency="USD")
    assert read_in("memory", DAY, [line]).foreign == 1
    assert till.alarms() == {"amount"}
    assert till.book("bank") == 0


def test_money_at_midnight_waits_for_the_neighbour_s_register(till: Till) -> None:
    # 23:59 by Moscow, where it is the next day already in Tyumen.
    till.clock.moment = datetime(2026, 11, 20, 20, 59, tzinfo=UTC)
    order_id = till.paid(500_00)
    [line] = register(till)
    read_in("memory", DAY, [])
    found = reconcile("memory", DAY)
    assert [each.ours.order_id for each in found.waiting] == [order_id]
    assert found.waiting[0].waits == (date(2026, 11, 21),)
    assert found.differences == 0
    read_in("memory", date(2026, 11, 21), [line])
    assert reconcile("memory", DAY).waiting == []
    assert reconcile("memory", date(2026, 11, 21)).differences == 0


def test_money_at_midnight_that_no_neighbour_has_is_told(till: Till) -> None:
    till.clock.moment = datetime(2026, 11, 20, 20, 59, tzinfo=UTC)
    till.paid(500_00)
    read_in("memory", DAY, [])
    read_in("memory", date(2026, 11, 21), [])
    assert reconcile("memory", DAY).differences == 1


@pytest.mark.parametrize(
    ("moment", "days"),
    [
        (datetime(2026, 11, 20, 9, 0, tzinfo=UTC), [20]),
        (datetime(2026, 11, 20, 20, 30, tzinfo=UTC), [20, 21]),
        (datetime(2026, 11, 20, 23, 30, tzinfo=UTC), [20, 21]),
        (datetime(2026, 11, 21, 0, 30, tzinfo=UTC), [20, 21]),
        (datetime(2026, 11, 21, 1, 30, tzinfo=UTC), [21]),
    ],
)
def test_the_days_in_which_money_may_stand(moment: datetime, days: list[int]) -> None:
    assert [day.day for day in possible_days(moment, MOSCOW)] == days


def test_a_bank_that_does_not_answer_changes_nothing(till: Till) -> None:
    till.paid(500_00)
    before = count(till)
    till.bank.faults = [Fault.DEAF]
    with pytest.raises(Unclear):
        fetch_register("memory", DAY)
    assert count(till) == before


def test_a_gateway_without_a_register_says_so(till: Till) -> None:
    class Plain:
        """A gateway without its register."""

        def __init__(self, inner: BankGateway) -> None:
            self._inner = inner

        def __getattr__(self, name: str) -> object:
            if name == "settled":
                raise AttributeError(name)
            return getattr(self._inner, name)

    till.core.gateways["memory"] = Teller(Plain(BankGateway(till.bank)))  # type: ignore[arg-type]  # it has all a gateway needs
    with pytest.raises(CannotDo):
        fetch_register("memory", DAY)
    assert with_register() == []


def test_a_gateway_that_nobody_knows_has_no_register(till: Till) -> None:
    with pytest.raises(NoSuchGateway):
        read_in("nobody", DAY, [])
    assert count(till)[2] == 0


def test_registers_in_any_order_and_number_end_in_the_same_books(till: Till) -> None:
    chance = random.Random(20261120)  # noqa: S311 - a test's own dice
    for amount in (500_00, 300_00, 200_00):
        till.paid(amount)
    moment = till.clock.now()
    strays = [
        Settled(f"stray-{number}", None, Kopecks(10_00), Kopecks(10), moment) for number in range(3)
    ]
    lines = [*register(till), *strays]
    for _ in range(12):
        some = chance.sample(lines, chance.randrange(len(lines) + 1))
        read_in("memory", DAY + timedelta(days=chance.randrange(2)), some)
    read_in("memory", DAY, lines)
    assert count(till)[0] == len(lines)
    assert till.book("clearing:memory") == 0
    assert till.book("suspense") == -30_00
    assert till.book("bank") == 990_00 + 30_00 - 30
    till.check()
