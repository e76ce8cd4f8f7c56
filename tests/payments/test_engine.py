"""An order goes to its bank, and what the bank says is written once."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from tests.payments.till import Till, orders
from tesweb.current import Core
from tesweb.database.types import UtcDateTime
from tesweb.money import Kopecks
from tesweb.payments import engine, janitor
from tesweb.payments.models import State
from tesweb.payments.protocol import Reason, Way
from tesweb.payments.rules import BadAmount
from tesweb.payments.services import (
    KeyTaken,
    NoGateway,
    Nothing,
    PayerLocked,
    UnderWay,
    place,
)
from tesweb.testing.bank import Fault
from tesweb.testing.factories import Factory


def test_a_payment_covers_several_accounts(till: Till) -> None:
    order_id = till.paid(300_00, 200_50)
    assert till.state(order_id) is State.SUCCEEDED
    assert till.credited() == [300_00, 200_50]
    assert (till.balance(0), till.balance(1)) == (700_00, 799_50)
    assert till.book("clearing:memory") == 500_50
    assert till.told() == 1


def test_what_is_learnt_again_changes_nothing(till: Till) -> None:
    order_id = till.paid()
    for _ in range(3):
        assert till.look(order_id) is State.SUCCEEDED
    assert till.credited() == [500_00]
    assert till.told() == 1


def test_the_same_form_is_the_same_order(till: Till) -> None:
    first, second = till.place(form_key="f" * 36), till.place(form_key="f" * 36)
    assert first.order_id == second.order_id
    assert second.is_replay


def test_a_form_of_somebody_else_is_refused(till: Till, make: Factory) -> None:
    till.place(form_key="f" * 36)
    till.user = make.user()
    with pytest.raises(KeyTaken):
        till.place(form_key="f" * 36)


def test_another_tab_is_told_of_the_payment_under_way(till: Till) -> None:
    order_id = till.start()
    with pytest.raises(UnderWay) as told:
        till.place()
    assert (told.value.order_id, told.value.own) == (order_id, True)
    assert till.place(again=True).order_id != order_id


def test_a_payment_of_somebody_else_is_told_and_does_not_forbid(till: Till, make: Factory) -> None:
    till.start()
    till.user = make.user()
    with pytest.raises(UnderWay) as told:
        till.place()
    assert not told.value.own
    till.paid(again=True)


def test_both_of_two_payments_count(till: Till) -> None:
    first, second = till.start(), till.start(again=True)
    for order_id in (first, second):
        till.bank.pay(till.reference(order_id))
        till.look(order_id)
    assert till.balance() == 0
    assert till.credited() == [500_00, 500_00]


@pytest.mark.parametrize("amount", [49_99, 1, 0, -100_00, 350_000_01, 10**18])
def test_sums_out_of_bounds_leave_no_trace(till: Till, amount: int) -> None:
    with pytest.raises(BadAmount):
        till.place(amount)
    with till.core.database.read() as reader:
        assert reader.execute(text("SELECT count(*) FROM payment_orders")).scalar() == 0


def test_fifty_rubles_are_taken(till: Till) -> None:
    till.paid(50_00)


def test_nobody_pays_for_nothing_or_by_an_unknown_way(till: Till) -> None:
    with pytest.raises(Nothing):
        place(till.wish(shares={}))
    with pytest.raises(Nothing):
        place(till.wish(shares={999: Kopecks(500_00)}))
    with pytest.raises(NoGateway):
        till.place(gateway="gone")


def test_a_locked_cabinet_pays_nothing(till: Till) -> None:
    with till.core.database.work() as work:
        work.execute(text("UPDATE users SET frozen_at = created_at"))
    with pytest.raises(PayerLocked):
        till.place()


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.DEAF])
def test_a_lost_answer_is_unknown_and_found_later(till: Till, fault: Fault) -> None:
    till.bank.faults = [fault]
    order_id = till.start()
    assert till.state(order_id) is State.UNKNOWN
    till.sweep()
    assert till.state(order_id) is State.PENDING
    assert len(till.bank.sales) == 1


def test_an_order_whose_request_died_is_sent_by_the_clock(till: Till) -> None:
    order_id = till.place().order_id
    till.sweep()
    assert till.state(order_id) is State.PENDING


def test_a_key_that_the_bank_has_forgotten_is_never_sent_again(till: Till) -> None:
    till.bank.faults = [Fault.LOST]
    order_id = till.start()
    till.later(hours=25)
    till.sweep()
    assert till.state(order_id) is State.EXPIRED
    assert till.bank.sales == {}


def test_a_key_that_the_bank_has_forgotten_is_looked_up(till: Till) -> None:
    till.bank.faults = [Fault.DEAF]
    order_id = till.start()
    till.bank.pay(till.reference(order_id))
    till.later(hours=25)
    till.sweep()
    assert till.state(order_id) is State.SUCCEEDED


def test_a_refusal_is_final_and_has_its_reason(till: Till) -> None:
    till.bank.faults = [Fault.REFUSED]
    order_id = till.start()
    assert till.state(order_id) is State.FAILED
    till.place()


def test_a_decline_has_its_reason(till: Till, core: Core) -> None:
    order_id = till.start()
    till.bank.decline(till.reference(order_id), Reason.CARD_EXPIRED)
    assert till.look(order_id) is State.FAILED
    with core.database.read() as reader:
        reason = reader.execute(text("SELECT reason FROM payment_orders")).scalar()
    assert reason == "card_expired"
    assert till.credited() == []


def test_a_late_success_is_credited_and_told(till: Till) -> None:
    order_id = till.start()
    till.bank.decline(till.reference(order_id))
    till.look(order_id)
    till.bank.pay(till.reference(order_id))
    assert till.look(order_id) is State.SUCCEEDED
    assert till.alarms() == {"late_success"}
    assert till.credited() == [500_00]


def test_a_success_that_is_taken_back_stays_with_an_alarm(till: Till) -> None:
    order_id = till.paid()
    till.bank.decline(till.reference(order_id))
    assert till.look(order_id) is State.SUCCEEDED
    assert till.alarms() == {"taken_back"}


@pytest.mark.parametrize("amount", [499_99, 500_01, 1])
def test_another_sum_is_kept_in_suspense(till: Till, amount: int) -> None:
    order_id = till.start()
    till.bank.pay(till.reference(order_id), Kopecks(amount))
    assert till.look(order_id) is State.MISMATCHED
    assert till.credited() == []
    assert till.book("suspense") == -amount
    assert till.alarms() == {"amount"}


def test_ten_notifications_are_one_payment(till: Till) -> None:
    order_id = till.start()
    till.bank.pay(till.reference(order_id))
    note = till.bank.notification(till.reference(order_id))
    for _ in range(10):
        assert janitor.keep_notice("memory", note) == "OK"
    till.later(seconds=3)
    assert janitor.sweep() >= 1
    assert till.state(order_id) is State.SUCCEEDED
    assert till.credited() == [500_00]


def test_a_bank_that_is_down_is_asked_until_it_is_back(till: Till) -> None:
    order_id = till.start()
    till.bank.is_down = True
    till.sweep(5)
    assert till.state(order_id) is State.PENDING
    till.bank.is_down = False
    till.bank.pay(till.reference(order_id))
    till.sweep()
    assert till.state(order_id) is State.SUCCEEDED


def test_an_order_that_stays_unclear_is_put_before_a_person(till: Till) -> None:
    till.bank.is_down = True
    order_id = till.start()
    till.sweep(14)
    assert till.state(order_id) is State.UNKNOWN
    assert till.alarms() == {"unclear"}


def test_an_order_that_goes_on_late_has_its_week_from_then(till: Till) -> None:
    till.bank.spoil(Fault.DEAF)
    order_id = till.start()
    till.bank.is_down = True
    till.sweep(9)  # five days
    till.bank.is_down = False
    till.sweep()
    assert till.state(order_id) is State.PENDING
    till.sweep(9)
    # It is older than nine days, and the clock is still asking.
    assert till.alarms() == set()
    till.check()


def test_the_clock_asks_after_the_pauses_of_the_design(till: Till) -> None:
    order_id = till.start()
    began = till.clock.moment
    seen: list[timedelta] = []
    for _ in range(6):
        with till.core.database.read() as reader:
            row = reader.execute(
                text("SELECT ask_at FROM payment_orders").columns(ask_at=UtcDateTime)
            ).one()
        seen.append(row.ask_at - began)
        till.clock.moment = began = row.ask_at
        assert engine.advance(order_id) is State.PENDING
    seconds = [round(pause.total_seconds()) for pause in seen]
    assert seconds == [5, 15, 60, 300, 3600, 86400]


def test_when_and_with_what_card_it_was_paid_is_kept(till: Till) -> None:
    order_id = till.paid(remember=True)
    paid_at = till.clock.moment
    till.later(hours=2)
    till.bank.of(till.reference(order_id)).refunded = Kopecks(120_00)
    till.look(order_id)
    with till.core.database.read() as reader:
        row = reader.execute(select(orders).where(orders.c.id == order_id)).one()
    assert (row.paid_at, row.changed_at) == (paid_at, till.clock.moment)
    assert (row.brand, row.last4) == ("mir", "0004")


def test_what_went_back_unasked_is_booked_with_an_alarm(till: Till) -> None:
    order_id = till.paid()
    till.bank.of(till.reference(order_id)).refunded = Kopecks(120_00)
    till.look(order_id)
    assert till.credited() == [-120_00, 500_00] or till.credited() == [500_00, -120_00]
    assert till.balance() == 620_00
    assert till.alarms() == {"foreign_refund"}


@pytest.mark.parametrize("table", ["ledger_entries", "ledger_transactions"])
@pytest.mark.parametrize("act", ["UPDATE {} SET {}", "DELETE FROM {}"])
def test_the_books_cannot_be_changed(till: Till, table: str, act: str) -> None:
    till.paid()
    column = "amount = 1" if table == "ledger_entries" else "kind = 'x'"
    with pytest.raises(DatabaseError, match="append-only"), till.core.database.work() as work:
        work.execute(text(act.format(table, column)))


def test_sbp_gives_a_link(till: Till) -> None:
    till.start(way=Way.SBP)
    with till.core.database.read() as reader:
        row = reader.execute(text("SELECT step, step_url FROM payment_orders")).one()
    assert row == ("code", "https://bank.example/sbp/sale-1")
