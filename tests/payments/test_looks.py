"""Who asks the bank how often: the clock, a page that waits, a notification."""

import threading
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from flask import current_app
from sqlalchemy import select, update

from tests.payments.till import Till, alarms, orders
from tesweb.cashier import acts
from tesweb.database.naming import table_of
from tesweb.money import Kopecks
from tesweb.payments import engine, errands, janitor
from tesweb.payments.gateways import Teller
from tesweb.payments.models import PaymentNotice, State
from tesweb.payments.protocol import Notification, Order, Report, Started
from tesweb.testing.bank import Bank, BankGateway
from tesweb.testing.factories import Factory

notices = table_of(PaymentNotice)


@dataclass(frozen=True, slots=True)
class Other(BankGateway):
    """Another bank; it hangs until `free` is set, if that is given, and notes who has asked."""

    name: str = "other"
    asked: list[int] = field(default_factory=list)
    free: threading.Event | None = None

    def start(self, order: Order) -> Started:
        if self.free is not None:
            self.free.wait(10)
        return BankGateway.start(self, order)

    def report(self, order: Order) -> Report:
        self.asked.append(1)
        return BankGateway.report(self, order)


def other_bank(till: Till, free: threading.Event | None = None) -> Other:
    made = Other(Bank(till.clock), free=free)
    till.core.gateways["other"] = Teller(made)
    return made


def notify(till: Till, order_id: int) -> Notification:
    """The bank's notification, kept but not looked into yet; it is the same each time."""
    note = till.bank.notification(till.reference(order_id))
    till.later(seconds=3)
    janitor.keep_notice("memory", note)
    return note


def days(till: Till, count: int) -> None:
    for _ in range(count):
        till.later(days=1)
        janitor.sweep()


def test_a_page_that_waits_does_not_use_up_the_clock_s_patience(till: Till) -> None:
    """It asks each three seconds; the notification is lost, the payer pays and closes the page."""
    order_id = till.start()
    for _ in range(30):
        till.look(order_id)
    assert till.alarms() == set()
    till.bank.pay(till.reference(order_id))
    days(till, 1)
    assert till.state(order_id) is State.SUCCEEDED


def test_a_page_that_waits_does_not_put_off_the_clock(till: Till) -> None:
    order_id = till.start()
    with till.core.database.read() as reader:
        due = reader.execute(select(orders.c.ask_at)).scalar_one()
    till.look(order_id)
    with till.core.database.read() as reader:
        assert reader.execute(select(orders.c.ask_at)).scalar_one() == due


def test_a_bank_is_asked_neither_before_its_time_nor_twice_within_a_breath(till: Till) -> None:
    gateway = other_bank(till)
    order_id = till.start(100_00, gateway="other")
    gateway.asked.clear()
    till.later(seconds=3)
    engine.advance(order_id)
    assert gateway.asked == []
    gateway.bank.pay("sale-1")
    for seconds, asked in ((0, 1), (1, 1), (2, 2)):
        till.later(seconds=seconds)
        assert engine.advance(order_id, hurry=True) is State.SUCCEEDED
        assert len(gateway.asked) == asked


def test_after_a_week_without_news_a_person_is_called_once(till: Till) -> None:
    order_id = till.start()
    days(till, 30)
    assert till.alarms() == {"unclear"}
    for _ in range(3):
        till.look(order_id)
    with till.core.database.read() as reader:
        assert reader.execute(select(orders.c.ask_at)).scalar_one() is None


def test_the_same_words_about_something_new_are_looked_into(till: Till) -> None:
    order_id = till.start()
    notify(till, order_id)
    janitor.sweep()
    assert till.state(order_id) is State.PENDING
    till.bank.pay(till.reference(order_id))
    notify(till, order_id)
    janitor.sweep()
    assert till.state(order_id) is State.SUCCEEDED


@pytest.mark.parametrize("hindrance", ["down", "asked by another"])
def test_a_notification_that_nobody_could_look_into_is_not_lost(till: Till, hindrance: str) -> None:
    """Money goes back of a payment that is done: nobody but the notification tells."""
    order_id = till.paid()
    till.bank.of(till.reference(order_id)).refunded = Kopecks(100_00)
    if hindrance == "down":
        till.bank.is_down = True
    else:
        until = till.clock.moment + timedelta(seconds=10)
        with till.core.database.work() as work:
            work.execute(update(orders).values(held_until=until))
    notify(till, order_id)
    janitor.sweep()
    till.bank.is_down = False
    till.later(minutes=1)
    janitor.sweep()
    assert till.bank.of(till.reference(order_id)).refunded == 100_00
    with till.core.database.read() as reader:
        assert reader.execute(select(orders.c.refunded)).scalar_one() == 100_00


def test_one_that_can_never_be_looked_into_is_put_before_a_person(till: Till) -> None:
    order_id = till.paid()
    till.bank.is_down = True
    notify(till, order_id)
    days(till, 30)
    assert till.alarms() == {"unclear"}


def test_one_that_comes_while_the_bank_is_asked_is_looked_into_again(till: Till) -> None:
    @dataclass(frozen=True, slots=True)
    class Meanwhile(BankGateway):
        """Between the bank's answer and our writing it down the bank sends the next one."""

        def report(self, order: Order) -> Report:
            found = BankGateway.report(self, order)
            till.core.gateways["memory"] = Teller(BankGateway(till.bank))
            till.bank.pay(found.reference)
            notify(till, order_id)
            return found

    order_id = till.start()
    notify(till, order_id)
    till.core.gateways["memory"] = Teller(Meanwhile(till.bank))
    janitor.sweep()
    till.later(seconds=3)
    janitor.sweep()
    assert till.state(order_id) is State.SUCCEEDED


def test_what_was_looked_into_is_forgotten_after_a_season(till: Till) -> None:
    notify(till, till.paid())
    janitor.sweep()
    till.later(days=80)
    assert janitor.forget() == 0
    till.later(days=11)
    assert janitor.forget() == 1
    with till.core.database.read() as reader:
        assert reader.execute(select(notices.c.id)).all() == []


def test_an_alarm_that_was_dealt_with_sounds_again_for_the_next_event(
    till: Till, make: Factory
) -> None:
    operator = make.user(is_operator=True)
    order_id = till.paid()
    sale = till.bank.of(till.reference(order_id))
    sale.refunded = Kopecks(100_00)
    till.look(order_id)
    with till.core.database.read() as reader:
        alarm_id = reader.execute(select(alarms.c.id)).scalar_one()
    assert acts.close_alarm(operator.id, alarm_id, "The bank was asked")
    till.look(order_id)
    assert open_alarms(till) == []
    sale.refunded = Kopecks(300_00)
    till.look(order_id)
    assert open_alarms(till) == ["foreign_refund"]


def open_alarms(till: Till) -> list[str]:
    with till.core.database.read() as reader:
        return [
            row.kind
            for row in reader.execute(select(alarms.c.kind).where(alarms.c.closed_at.is_(None)))
        ]


def test_a_bank_that_is_down_is_asked_once_and_keeps_no_other_waiting(till: Till) -> None:
    gateway = other_bank(till)
    for _ in range(5):
        order_id = till.start(100_00, gateway="other", again=True)
    mine = till.start(100_00, again=True)
    till.bank.pay(till.reference(mine))
    gateway.bank.is_down = True
    gateway.asked.clear()
    till.later(minutes=2)
    janitor.sweep()
    assert len(gateway.asked) == 1
    assert till.state(mine) is State.SUCCEEDED
    gateway.bank.is_down = False
    till.later(minutes=2)
    janitor.sweep()
    assert till.state(order_id) is State.PENDING
    assert len(gateway.asked) == 6


def test_notifications_of_a_bank_that_is_down_keep_none_of_another_waiting(till: Till) -> None:
    gateway = other_bank(till)
    for number in range(3):
        till.start(100_00, gateway="other", again=True)
        till.later(seconds=3)
        janitor.keep_notice("other", gateway.bank.notification(f"sale-{number + 1}"))
    gateway.bank.is_down = True
    mine = till.start(100_00, again=True)
    till.bank.pay(till.reference(mine))
    notify(till, mine)
    with till.core.database.work() as work:
        # Nothing but its notification tells of it.
        work.execute(update(orders).where(orders.c.id == mine).values(ask_at=None))
    gateway.asked.clear()
    janitor.sweep()
    assert len(gateway.asked) == 1
    assert till.state(mine) is State.SUCCEEDED


def test_payers_of_one_bank_do_not_wait_for_another(till: Till) -> None:
    """As many pages as there are threads wait for a bank that hangs."""
    free = threading.Event()
    other_bank(till, free)
    stuck = [till.place(100_00, gateway="other", again=True).order_id for _ in range(8)]
    mine = till.place(100_00, again=True).order_id
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # Flask's documented way

    def wait_for(order_id: int) -> None:
        with app.app_context():
            errands.advance("other", order_id)

    threads = [threading.Thread(target=wait_for, args=(order_id,)) for order_id in stuck]
    for thread in threads:
        thread.start()
    try:
        assert errands.advance("memory", mine) is State.PENDING
    finally:
        free.set()
        for thread in threads:
            thread.join()
