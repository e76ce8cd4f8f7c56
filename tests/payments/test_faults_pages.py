"""Faults of the browser: what was sent already is sent again."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.testing.bank import Bank
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory

SignIn = Callable[..., Client]


@pytest.fixture
def browser(sign_in: SignIn, make: Factory, bank: Bank) -> Client:
    del bank
    user = make.user(email="payer@example.ru")
    make.charge(make.account(user), date(2026, 10, 1), 1234_56)
    return sign_in(user)


def number_of_orders(core: Core) -> int:
    with core.database.read() as reader:
        return int(reader.execute(text("SELECT count(*) FROM payment_orders")).scalar_one())


def test_a_form_sent_again_after_paying_shows_what_was_paid(
    browser: Client, bank: Bank, clock: FixedClock, core: Core
) -> None:
    form = browser.page("/pay/how?pay-1=1&sum-1=500").form("/pay").fields
    headers = {"Sec-Fetch-Site": "same-origin"}
    browser.post("/pay", data=form, headers=headers)
    bank.pay("sale-1")
    clock.moment += timedelta(seconds=3)
    assert "Оплачено. Спасибо!" in browser.page("/pay/orders/1").text
    again = browser.post("/pay", data=form, headers=headers)
    assert (again.status_code, again.headers["Location"]) == (303, "/pay/orders/1")
    assert number_of_orders(core) == len(bank.sales) == 1


def test_the_answer_reloaded_makes_no_order(browser: Client, bank: Bank, core: Core) -> None:
    sent = browser.submit("/pay/how?pay-1=1&sum-1=500", "/pay", {"way": "memory:sbp"})
    assert sent.status_code == 303
    for _ in range(3):
        assert "ждёт оплаты" in browser.page(sent.headers["Location"]).text
    assert number_of_orders(core) == len(bank.sales) == 1
