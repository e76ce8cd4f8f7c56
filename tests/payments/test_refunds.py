"""Money goes back once, never more than came, and never more than is overpaid."""

import gc
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from tests.payments.till import Till, outbox
from tesweb.database.naming import table_of
from tesweb.messages.texts import compose
from tesweb.money import Kopecks
from tesweb.payments import engine, janitor, refunds
from tesweb.payments.gateways import Teller
from tesweb.payments.models import Refund, State
from tesweb.payments.protocol import Order, Refused, Report, Unclear, Way
from tesweb.payments.refunds import Busy, Decided, NoSource, NotOverpaid
from tesweb.testing.bank import BankGateway, Fault
from tesweb.testing.factories import Factory

rows = table_of(Refund)


@pytest.fixture
def overpaid(till: Till) -> Till:
    """1,500 ₽ were paid in two payments where 1,000 ₽ were owed."""
    till.paid(900_00)
    till.paid(600_00)
    assert till.balance() == -500_00
    return till


def ask(till: Till, amount: int = 500_00) -> int:
    return refunds.ask(till.user.id, till.accounts[0].id, Kopecks(amount), "переезд")


def states(till: Till) -> list[str]:
    with till.core.database.read() as reader:
        return [row.state for row in reader.execute(select(rows.c.state).order_by(rows.c.id))]


def test_an_overpayment_goes_back_to_where_it_came_from(overpaid: Till) -> None:
    refund_id = ask(overpaid)
    assert refunds.approve(refund_id, None) == [refund_id]
    overpaid.sweep()
    assert states(overpaid) == ["done"]
    assert overpaid.balance() == 0
    assert overpaid.bank.of("sale-2").refunded == 500_00
    assert overpaid.alarms() == set()


def test_more_than_the_last_payment_comes_from_the_ones_before(till: Till) -> None:
    till.paid(1_000_00)
    till.paid(300_00)
    till.paid(300_00)
    refund_id = ask(till, 600_00)
    assert len(refunds.approve(refund_id, None)) == 2
    till.sweep(2)
    assert states(till) == ["done", "done"]
    with till.core.database.read() as reader:
        asked_by = reader.execute(select(rows.c.user_id).distinct()).all()
    assert [row.user_id for row in asked_by] == [till.user.id]
    assert till.balance() == 0


@pytest.mark.parametrize("amount", [0, -1, 500_01])
def test_no_more_is_asked_back_than_is_overpaid(overpaid: Till, amount: int) -> None:
    with pytest.raises(NotOverpaid) as told:
        ask(overpaid, amount)
    assert told.value.most == 500_00


def test_what_is_asked_back_already_is_not_asked_again(overpaid: Till) -> None:
    ask(overpaid, 400_00)
    with pytest.raises(NotOverpaid) as told:
        ask(overpaid, 200_00)
    assert told.value.most == 100_00


def test_a_request_is_decided_once(overpaid: Till) -> None:
    refund_id = ask(overpaid)
    refunds.decline(refund_id, None, "нет")
    with pytest.raises(Decided):
        refunds.approve(refund_id, None)
    with pytest.raises(Decided):
        refunds.decline(refund_id, None, "нет")
    assert states(overpaid) == ["declined"]


def test_money_that_came_another_way_does_not_go_back_this_way(till: Till, make: Factory) -> None:
    till.paid(1_000_00)
    make.payment(till.accounts[0], date(2026, 11, 1), 1_500_00)
    refund_id = ask(till, 1_200_00)
    with pytest.raises(NoSource) as told:
        refunds.approve(refund_id, None)
    assert told.value.most == 1_000_00
    assert states(till) == ["asked"]


def test_a_lost_answer_is_one_refund(overpaid: Till) -> None:
    refund_id = ask(overpaid)
    refunds.approve(refund_id, None)
    overpaid.bank.faults = [Fault.DEAF]
    overpaid.sweep(3)
    assert states(overpaid) == ["done"]
    assert overpaid.bank.of("sale-2").refunded == 500_00
    assert overpaid.balance() == 0


def asked_about(till: Till) -> list[tuple[str, timedelta | None]]:
    """The refund's state and how long it rests, each time until the bank is asked no more."""
    found: list[tuple[str, timedelta | None]] = []
    while not found or found[-1][1] is not None:
        with till.core.database.read() as reader:
            row = reader.execute(select(rows)).one()
        found.append((row.state, row.ask_at and row.ask_at - till.clock.moment))
        if row.ask_at is not None:
            till.clock.moment = row.ask_at
            janitor.sweep()
    return found


def test_a_bank_that_says_nothing_is_asked_for_a_week_and_then_a_person_is(overpaid: Till) -> None:
    refunds.approve(ask(overpaid), None)
    overpaid.bank.is_down = True
    first, *later, last = asked_about(overpaid)
    assert first == ("submitting", timedelta())
    assert {state for state, _ in later} == {"unknown"}
    day = timedelta(days=1)
    waits = [timedelta(seconds=5), timedelta(seconds=15), timedelta(minutes=1)]
    waits += [timedelta(minutes=5), timedelta(hours=1), day, day, day, day, day, day]
    assert [wait for _, wait in later] == waits
    assert last == ("unknown", None)
    assert "unclear" in overpaid.alarms()
    assert overpaid.balance() == -500_00


def test_what_the_bank_has_taken_and_not_done_yet_is_under_way(overpaid: Till) -> None:
    (refund_id,) = refunds.approve(ask(overpaid), None)
    assert refunds.carry(refund_id) is not None
    assert states(overpaid) == ["submitting"]
    overpaid.sweep()
    assert states(overpaid) == ["done"]


@pytest.mark.parametrize("language", ["ru", "en"])
def test_each_step_is_told_in_words(till: Till, make: Factory, language: str) -> None:
    till.user = make.user(email="payer@example.ru", language=language)
    till.paid(1_500_00)
    refunds.decline(ask(till, 200_00), None, "Нужно заявление")
    refunds.approve(ask(till, 500_00), None)
    till.sweep()
    with till.core.database.read() as reader:
        told = reader.execute(select(outbox).where(outbox.c.template == "refund")).all()
    letters = [
        compose("refund", row.channel, row.language, json.loads(row.payload)) for row in told
    ]
    words = [f"{text.subject}\n{text.body}".replace("\u00a0", " ") for text in letters]
    assert len(words) == 3
    assert "Нужно заявление" in words[0]
    assert "500,00 ₽" in words[1]
    assert "500,00 ₽" in words[2]
    assert len(set(words)) == 3


def test_a_refusal_is_put_before_a_person(overpaid: Till) -> None:
    refund_id = ask(overpaid)
    refunds.approve(refund_id, None)
    overpaid.bank.faults = [Fault.REFUSED]
    overpaid.sweep()
    assert states(overpaid) == ["refused"]
    assert overpaid.alarms() == {"refund_refused"}
    assert overpaid.balance() == -500_00


def test_money_of_another_sum_goes_back_from_suspense(till: Till) -> None:
    order_id = till.start()
    till.bank.pay("sale-1", Kopecks(400_00))
    till.look(order_id)
    till.bank.of("sale-1").refunded = Kopecks(400_00)
    assert till.look(order_id) is State.MISMATCHED
    assert till.book("suspense") == 0
    assert till.credited() == []
    assert till.balance() == 1_000_00


def test_a_refund_that_was_done_meanwhile_does_not_become_refused(overpaid: Till) -> None:
    """The first answer is lost; a notice books it while the second attempt is under way."""

    class Repeats(BankGateway):
        def refund(self, order: Order, key: UUID, amount: Kopecks) -> None:
            del order, key, amount
            engine.advance(2, hurry=True)
            raise Refused(text="already given back")

    (refund_id,) = refunds.approve(ask(overpaid), None)
    overpaid.bank.faults = [Fault.DEAF]
    refunds.carry(refund_id)
    overpaid.later(seconds=6)
    overpaid.core.gateways["memory"] = Teller(Repeats(overpaid.bank))
    refunds.carry(refund_id)
    assert states(overpaid) == ["done"]
    assert overpaid.alarms() == set()
    assert overpaid.balance() == 0


def test_a_bank_that_refuses_what_it_has_done_is_asked_before_it_is_believed(
    overpaid: Till,
) -> None:
    """The first answer is lost, no notice comes, and the bank takes the repetition for another."""

    class Forgets(BankGateway):
        def refund(self, order: Order, key: UUID, amount: Kopecks) -> None:
            del order, key, amount
            raise Refused(text="nothing left to give back")

    (refund_id,) = refunds.approve(ask(overpaid), None)
    overpaid.bank.faults = [Fault.DEAF]
    refunds.carry(refund_id)
    overpaid.core.gateways["memory"] = Teller(Forgets(overpaid.bank))
    overpaid.sweep(2)
    assert states(overpaid) == ["done"]
    assert overpaid.balance() == 0


def test_a_refusal_of_a_bank_that_says_no_more_is_asked_about_later(overpaid: Till) -> None:
    class Refuses(BankGateway):
        def refund(self, order: Order, key: UUID, amount: Kopecks) -> None:
            del order, key, amount
            raise Refused

    class Silent(Refuses):
        def report(self, order: Order) -> Report:
            raise Unclear(order.number)

    (refund_id,) = refunds.approve(ask(overpaid), None)
    overpaid.core.gateways["memory"] = Teller(Silent(overpaid.bank))
    refunds.carry(refund_id)
    assert states(overpaid) == ["unknown"]
    overpaid.core.gateways["memory"] = Teller(Refuses(overpaid.bank))
    overpaid.sweep()
    assert states(overpaid) == ["refused"]
    assert overpaid.alarms() == {"refund_refused"}


@pytest.mark.parametrize("fee", [0, 12_34])
def test_what_goes_back_whole_past_us_is_taken_from_each_account_its_share(
    till: Till, fee: int
) -> None:
    """Charged back, or given back at the bank's own desk: 800 ₽ and the fee of one payment."""

    class Costs(BankGateway):
        def fee(self, amount: Kopecks, way: Way) -> Kopecks:
            del amount, way
            return Kopecks(fee)

    till.core.gateways["memory"] = Teller(Costs(till.bank))
    order_id = till.paid(500_00, 300_00)
    assert (till.balance(0), till.balance(1)) == (500_00, 700_00)
    till.bank.of("sale-1").refunded = Kopecks(800_00 + fee)
    till.look(order_id)
    assert (till.balance(0), till.balance(1)) == (1_000_00, 1_000_00)
    assert till.book("suspense") == till.book("fees") == till.book("clearing:memory") == 0
    assert till.alarms() == {"foreign_refund"}


def test_the_rest_that_goes_back_past_us_is_what_was_left_on_the_accounts(till: Till) -> None:
    till.paid(1_000_00)
    order_id = till.paid(500_00, 300_00)
    refunds.approve(ask(till), None)
    till.sweep()
    assert (till.balance(0), till.balance(1)) == (0, 700_00)
    till.bank.of("sale-2").refunded = Kopecks(800_00)
    till.look(order_id)
    assert (till.balance(0), till.balance(1)) == (0, 1_000_00)
    assert till.book("suspense") == 0


def test_a_part_that_goes_back_past_us_of_two_accounts_is_for_a_person(till: Till) -> None:
    order_id = till.paid(500_00, 300_00)
    till.bank.of("sale-1").refunded = Kopecks(200_00)
    till.look(order_id)
    assert till.book("suspense") == 200_00
    assert (till.balance(0), till.balance(1)) == (500_00, 700_00)


def test_a_part_that_goes_back_past_us_of_one_account_is_taken_from_it(till: Till) -> None:
    order_id = till.paid(500_00)
    till.bank.of("sale-1").refunded = Kopecks(200_00)
    till.look(order_id)
    assert till.balance() == 700_00
    assert till.book("suspense") == 0


def test_two_refunds_of_one_payment_wait_for_each_other(till: Till) -> None:
    """Two accounts of one payment, approved one after the other."""
    till.paid(1_500_00, 1_300_00)
    first = ask(till)
    second = refunds.ask(till.user.id, till.accounts[1].id, Kopecks(300_00), "переезд")
    refunds.approve(first, None)
    with pytest.raises(Busy):
        refunds.approve(second, None)
    till.sweep()
    refunds.approve(second, None)
    till.sweep()
    assert states(till) == ["done", "done"]


def test_two_operators_at_once_give_no_error(till: Till, app: Flask) -> None:
    """By real threads: one goes, the other waits; none ends in an error of the database."""
    till.paid(1_500_00, 1_300_00)
    asked = [ask(till), refunds.ask(till.user.id, till.accounts[1].id, Kopecks(300_00), "x")]

    def approve(refund_id: int) -> str:
        with app.app_context():
            try:
                refunds.approve(refund_id, None)
            except Busy:
                return "busy"
        return "gone"

    with ThreadPoolExecutor(2) as pool:
        found = sorted(pool.map(approve, asked))
    gc.collect()
    assert found == ["busy", "gone"]
