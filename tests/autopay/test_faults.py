"""Faults of autopay by their numbers in docs/testing.md."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import cast
from uuid import uuid4

import pytest
from flask import Flask

from tests.autopay.conftest import Home
from tests.payments.test_faults_restore import Backup
from tesweb.app import create_app
from tesweb.autopay import runs
from tesweb.current import Core
from tesweb.money import Kopecks
from tesweb.payments import engine, janitor
from tesweb.payments.gateways import Teller
from tesweb.payments.protocol import Reason, Way
from tesweb.payments.services import Wish, place
from tesweb.testing.bank import BankGateway


@pytest.fixture
def nodes(home: Home) -> Iterator[list[Flask]]:
    """Two machines on one database, each with its own worker."""
    other = create_app(home.core.settings, clock=home.clock)
    theirs = cast("Core", other.extensions["tesweb"])
    theirs.gateways["memory"] = Teller(BankGateway(home.bank))
    yield [home.app, other]
    theirs.database.close()


def work_at_once(nodes: list[Flask]) -> None:
    """Both machines' workers do the whole of their work at the same moment."""
    barrier = Barrier(len(nodes))

    def work(app: Flask) -> None:
        with app.app_context():
            for duty in (runs.remind, runs.sweep, janitor.sweep):
                barrier.wait()
                duty()

    with ThreadPoolExecutor(len(nodes)) as pool:
        list(pool.map(work, nodes))


def test_two_machines_take_each_month_once(home: Home, nodes: list[Flask]) -> None:
    home.switch_on(kind="fixed", amount="700", day="5")
    for _ in range(60):
        home.clock.moment += timedelta(hours=24)
        for _ in range(2):
            home.clock.moment += timedelta(seconds=61)
            work_at_once(nodes)
    assert home.taken() == [700_00, 700_00]
    assert len(home.told("notice")) == 2
    assert [month[:2] for month in home.months()] == [("2026-11", "paid"), ("2026-12", "paid")]


def by_hand(home: Home, amount: int) -> int:
    """A payment by hand that its bank has and that is not paid yet."""
    wish = Wish(
        user_id=home.user.id,
        shares={home.account.id: Kopecks(amount)},
        gateway="memory",
        way=Way.CARD,
        contact="",
        form_key=str(uuid4()),
    )
    with home.app.app_context():
        order_id = place(wish).order_id
        engine.advance(order_id)
    return order_id


@pytest.mark.parametrize(("paid", "taken"), [(1_000_00, [200_00]), (1_200_00, [])])
def test_what_is_being_paid_by_hand_is_waited_for_and_not_taken_again(
    home: Home, paid: int, taken: list[int]
) -> None:
    home.switch_on(day="15")
    home.charge_bill(date(2026, 11, 1), 1_200_00)
    home.until(2026, 11, 15, 4)
    home.clock.moment = datetime(2026, 11, 15, 4, 30, tzinfo=UTC)
    by_hand(home, paid)
    sale = list(home.bank.sales.values())[-1]
    home.clock.moment = datetime(2026, 11, 15, 5, 10, tzinfo=UTC)
    home.work()
    assert home.taken() == []
    home.bank.pay(sale.reference)
    home.until(2026, 11, 16)
    assert home.taken() == [paid, *taken]
    state, amount = ("paid", 200_00) if taken else ("nothing", 1_200_00)
    assert home.months() == [("2026-11", state, amount, "")]


def test_money_that_comes_just_before_the_order_is_written_is_not_taken_again(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.switch_on(day="15")
    home.charge_bill(date(2026, 11, 1), 1_200_00)
    home.until(2026, 11, 15, 4)

    def slowly(wish: Wish) -> object:
        monkeypatch.setattr(runs, "place", place)
        home.make.payment(home.account, date(2026, 11, 15), 1_000_00)
        return place(wish)

    monkeypatch.setattr(runs, "place", slowly)
    home.until(2026, 11, 16)
    assert home.taken() == [200_00]
    assert home.months() == [("2026-11", "paid", 200_00, "")]


@pytest.mark.parametrize(
    ("reason", "tries", "months"), [(Reason.DECLINED, 6, 2), (Reason.CARD_EXPIRED, 1, 1)]
)
def test_a_card_that_fails_is_tried_a_few_times_told_each_time_and_left_alone(
    home: Home, reason: Reason, tries: int, months: int
) -> None:
    home.switch_on(kind="fixed", amount="700", day="15")
    home.decline(reason)
    before = home.bank.orders()
    home.until(2027, 3, 20)
    assert home.bank.orders() - before == tries
    letters = home.told("failed")
    assert len(letters) == tries
    assert "Автоплатёж выключен" in letters[-1]
    assert [month[1] for month in home.months()] == ["failed"] * months
    assert home.taken() == []


def test_switched_off_while_its_order_waits_for_the_bank_takes_nothing(home: Home) -> None:
    home.switch_on(kind="fixed", amount="700", day="15")
    home.until(2026, 11, 15, 4)
    home.bank.is_down = True
    home.until(2026, 11, 15, 6)
    assert len(home.ask("SELECT id FROM payment_orders WHERE card_id IS NOT NULL")) == 1
    home.sign_in_again()
    path = f"/pay/autopay/{home.account.id}"
    home.browser.submit(path, f"{path}/off", {})
    home.bank.is_down = False
    home.until(2026, 11, 20)
    assert home.taken() == []
    assert home.told("failed") == []
    assert home.months()[0][1] == "skipped"
    (order,) = home.ask("SELECT id FROM payment_orders WHERE card_id IS NOT NULL")
    assert order.id in {run.order_id for run in home.ask("SELECT order_id FROM autopay_runs")}


@pytest.fixture(params=["UTC", "Asia/Vladivostok", "America/New_York"])
def server_zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine's own time zone, which means nothing."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", str(request.param))
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("server_zone")
def test_a_clock_that_steps_and_short_months_are_one_payment_a_month(home: Home) -> None:
    """Every six hours at best, and each time an hour back and an hour on: ten in the morning of
    Tyumen's last day of the month is passed several times."""
    home.switch_on(kind="fixed", amount="700", day="31")
    end = datetime(2027, 4, 30, 12, tzinfo=UTC)
    while home.clock.moment < end:
        home.clock.moment += timedelta(hours=6)
        around = (datetime(2026, 1, 1, 4, 30, tzinfo=UTC) - home.clock.moment) % timedelta(days=1)
        if around < timedelta(hours=6):
            home.clock.moment += around
        for step in (0, 1, -1, -1, 1):
            home.clock.moment += timedelta(hours=step)
            home.work()
    days = [sale.paid_at for sale in home.bank.sales.values() if not sale.remember]
    local = [(day + timedelta(hours=5)).date() for day in days if day is not None]
    assert [f"{day:%m-%d}" for day in local] == [
        "11-30",
        "12-31",
        "01-31",
        "02-28",
        "03-31",
        "04-30",
    ]
    assert home.taken() == [700_00] * 6
    assert len(home.told("notice")) == 6


def test_a_month_that_was_given_up_and_whose_money_came_is_shown_as_paid(home: Home) -> None:
    home.switch_on(kind="fixed", amount="700", day="15")
    home.decline(Reason.NOT_ENOUGH_MONEY)
    home.until(2026, 11, 20)
    assert home.months()[0][1] == "failed"
    first = next(sale for sale in home.bank.sales.values() if not sale.remember)
    home.bank.pay(first.reference)
    with home.app.app_context():
        janitor.keep_notice("memory", home.bank.notification(first.reference))
    home.until(2026, 11, 21)
    assert home.taken() == [700_00]
    assert home.months() == [("2026-11", "paid", 700_00, "")]
    home.sign_in_again()
    page = home.browser.page(f"/pay/autopay/{home.account.id}").text
    assert "На карте не хватает денег" not in page


@pytest.mark.parametrize("way", ["removed", "with the cabinet"])
def test_a_bank_that_is_silent_is_asked_again_to_forget_a_card(home: Home, way: str) -> None:
    (token,) = home.bank.tokens
    home.bank.is_down = True
    if way == "removed":
        home.browser.submit("/pay/cards/1/remove", "/pay/cards/1/remove", {})
    else:
        home.browser.submit("/profile/data/delete", "/profile/data/delete", {"word": "удалить"})
    assert home.ask("SELECT id FROM payment_cards") == []
    home.until(2026, 11, 4)
    assert token in home.bank.tokens
    home.bank.is_down = False
    home.until(2026, 11, 6)
    assert token not in home.bank.tokens
    assert home.ask("SELECT id FROM forgotten_cards") == []


def test_a_bank_that_stays_silent_is_not_asked_for_ever(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    home.bank.is_down = True
    home.browser.submit("/pay/cards/1/remove", "/pay/cards/1/remove", {})
    home.until(2026, 11, 20)
    assert home.ask("SELECT id FROM forgotten_cards") == []
    assert "still known to its bank" in caplog.text


def test_a_card_that_was_saved_again_meanwhile_is_not_forgotten(home: Home) -> None:
    home.bank.is_down = True
    home.browser.submit("/pay/cards/1/remove", "/pay/cards/1/remove", {})
    (token,) = home.bank.tokens
    home.bank.is_down = False
    del home.bank.tokens[token]
    home.remember_card()
    home.until(2026, 11, 6)
    assert token in home.bank.tokens
    assert home.ask("SELECT id FROM forgotten_cards") == []


def test_a_month_that_a_restored_backup_knows_nothing_of_is_not_taken_again(
    home: Home, tmp_path: Path
) -> None:
    home.switch_on(kind="fixed", amount="700", day="15")
    home.until(2026, 11, 15, 4)
    backup = Backup(home.core.database, tmp_path)
    home.until(2026, 11, 15, 6)
    assert home.taken() == [700_00]
    backup.put_back()
    assert home.months() == [("2026-11", "noticed", 700_00, "")]
    by_hand(home, 300_00)
    home.clock.moment += timedelta(hours=2)
    home.until(2026, 11, 16)
    assert home.taken() == [700_00]
    assert home.months() == [("2026-11", "paid", 700_00, "")]
