"""Months that failed one after another end an autopay; months between them do not count."""

from datetime import date

from tests.autopay.conftest import Home
from tesweb.payments.protocol import Reason


def end_of(home: Home) -> str:
    return str(home.ask("SELECT end_reason FROM autopays")[0].end_reason)


def test_two_failures_with_months_between_are_not_in_a_row(home: Home) -> None:
    """November fails, the bill is paid by hand, nothing is owed for two months, February fails."""
    home.switch_on()
    home.charge_bill(date(2026, 10, 1), 600_00)
    home.decline(Reason.NOT_ENOUGH_MONEY)
    home.until(2026, 11, 25)
    home.make.payment(home.account, date(2026, 11, 26), 600_00)
    home.until(2027, 2, 1)
    home.charge_bill(date(2027, 1, 1), 600_00)
    home.until(2027, 2, 25)
    states = [(month, state) for month, state, _, _ in home.months()]
    assert states[0] == ("2026-11", "failed")
    assert states[-1] == ("2027-02", "failed")
    assert end_of(home) == ""


def test_two_months_one_after_the_other_end_it(home: Home) -> None:
    home.switch_on()
    home.charge_bill(date(2026, 10, 1), 600_00)
    home.decline(Reason.NOT_ENOUGH_MONEY)
    home.until(2026, 12, 25)
    states = [(month, state) for month, state, _, _ in home.months()]
    assert states == [("2026-11", "failed"), ("2026-12", "failed")]
    assert end_of(home) == "failures"


def test_a_month_whose_bank_never_answers_is_looked_at_once_a_day(home: Home) -> None:
    """After a week a person is called; the month waits for what they find out."""
    home.switch_on()
    home.charge_bill(date(2026, 10, 1), 600_00)
    home.until(2026, 11, 14)
    home.bank.is_down = True
    home.until(2026, 12, 5)
    (order,) = home.ask("SELECT state, ask_at FROM payment_orders WHERE form_key LIKE 'autopay-%'")
    assert (order.state, order.ask_at) == ("unknown", None)
    (run,) = home.ask("SELECT state, due_at FROM autopay_runs WHERE state = 'charging'")
    due = run.due_at if isinstance(run.due_at, str) else run.due_at.isoformat(" ")
    assert due[:10] in {"2026-12-05", "2026-12-06"}
    home.clock.moment = home.clock.moment.replace(hour=7)
    home.work()
    (later,) = home.ask("SELECT due_at FROM autopay_runs WHERE state = 'charging'")
    assert later.due_at == run.due_at
    home.bank.is_down = False
    home.decline(None)
