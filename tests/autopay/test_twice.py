"""Nothing is taken twice: two workers at once, one killed anywhere, a form sent twice."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import text

from tests.autopay.conftest import Home
from tesweb.autopay import runs
from tesweb.autopay.checks import CHECKS
from tesweb.payments import engine
from tesweb.testing.bank import Fault
from tesweb.testing.client import SAME_ORIGIN


@pytest.fixture
def due(home: Home) -> Home:
    """A payment of 700 ₽ that is due in this very minute."""
    home.switch_on(kind="fixed", amount="700", day="15")
    home.until(2026, 11, 14, 6)
    home.until(2026, 11, 15, 4)
    home.clock.moment = home.clock.moment.replace(hour=6, minute=10)
    return home


class Killed(BaseException):
    """The process ends here."""


class Undone(Exception):
    """What was spoiled is as it was."""


def together(home: Home, duty: Callable[[], object], number: int = 4) -> None:
    """Do it in several threads at the same moment."""
    barrier = threading.Barrier(number)

    def one() -> None:
        with home.app.app_context():
            barrier.wait()
            duty()

    with ThreadPoolExecutor(number) as pool:
        for errand in [pool.submit(one) for _ in range(number)]:
            errand.result()


def test_two_workers_at_once_take_once(due: Home) -> None:
    together(due, runs.sweep)
    due.until(2026, 11, 15, 12)
    assert due.taken() == [700_00]
    assert due.months() == [("2026-11", "paid", 700_00, "")]


def test_two_workers_at_once_tell_once(home: Home) -> None:
    home.switch_on(kind="fixed", amount="700", day="4")
    home.clock.moment = home.clock.moment.replace(hour=6)
    together(home, runs.remind)
    assert len(home.told("notice")) == 1
    assert len(home.months()) == 1


@pytest.mark.parametrize("place_of_death", ["place", "_judge"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_that_is_killed_takes_once(
    due: Home, monkeypatch: pytest.MonkeyPatch, place_of_death: str, when: str
) -> None:
    real = getattr(runs, place_of_death)

    def dying(*values: Any) -> object:  # noqa: ANN401 - the function's own
        if when == "after":
            real(*values)
        raise Killed

    with monkeypatch.context() as patch, due.app.app_context():
        patch.setattr(runs, place_of_death, dying)
        with pytest.raises(Killed):
            runs.sweep()
    due.until(2026, 11, 16)
    assert due.taken() == [700_00]
    assert due.months() == [("2026-11", "paid", 700_00, "")]
    assert len(due.ask("SELECT id FROM payment_orders WHERE card_id IS NOT NULL")) == 1


def test_a_worker_that_is_killed_while_the_bank_takes_the_money(
    due: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dying(*values: object) -> None:
        raise Killed(values)

    with monkeypatch.context() as patch, due.app.app_context():
        patch.setattr(engine, "_take_note", dying)
        with pytest.raises(Killed):
            runs.sweep()
    assert due.taken() == [700_00], "the bank has taken it, and nothing is written"
    due.until(2026, 11, 16)
    assert due.taken() == [700_00]
    assert due.months() == [("2026-11", "paid", 700_00, "")]


def test_the_card_removed_while_nobody_knows_does_not_hide_the_money(due: Home) -> None:
    """The bank has taken it, its answer was lost, the card has gone: the money is still found."""
    due.bank.spoil(Fault.DEAF)
    with due.app.app_context():
        runs.sweep()
    due.sign_in_again()
    due.browser.submit("/pay/cards/1/remove", "/pay/cards/1/remove", {})
    due.until(2026, 11, 16)
    assert due.taken() == [700_00]
    assert due.months() == [("2026-11", "paid", 700_00, "")]


def test_switching_on_in_two_tabs_is_one_autopay(home: Home) -> None:
    path = f"/pay/autopay/{home.account.id}"
    fields = {"kind": "fixed", "amount": "700", "when": "day", "day": "15", "card": "1"}
    query = "&".join(f"{name}={value}" for name, value in fields.items())
    form = home.browser.page(f"{path}/check?{query}").form(path).fields
    for _ in range(2):
        assert home.browser.post(path, data=form, headers=SAME_ORIGIN).status_code == 303
    assert len(home.ask("SELECT id FROM autopays")) == 1


#: A payment by hand that looks as if it were the month's second.
SECOND = (
    "UPDATE payment_orders SET form_key = CASE WHEN card_id IS NULL "
    "THEN 'autopay-1-202611-2' ELSE form_key END"
)


@pytest.mark.parametrize(
    ("spoiled", "code"),
    [
        ("UPDATE autopays SET ended_at = started_at", "A1"),
        ("UPDATE autopay_runs SET state = 'paid', order_id = NULL", "A2"),
        (SECOND, "A3"),
    ],
)
def test_the_check_finds_what_is_wrong(due: Home, spoiled: str, code: str) -> None:
    due.until(2026, 11, 15, 12)
    found = set()
    with suppress(Undone), due.core.database.work() as work:
        work.execute(text(spoiled))
        found = {finding.code for check in CHECKS for finding in check(work)}
        raise Undone
    assert found == {code}
