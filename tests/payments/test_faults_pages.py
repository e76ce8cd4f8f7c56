"""Faults of the browser: what was sent already is sent again."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.payments.gateways import Teller
from tesweb.payments.protocol import Order, Started
from tesweb.testing.bank import Bank, BankGateway
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.factories import Factory
from tesweb.testing.pages import Page

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


class Pageless(BankGateway):
    """Its answer with the page was lost; asked again, it knows the order and shows no page."""

    def start(self, order: Order) -> Started:
        return Started(BankGateway.start(self, order).reference, None)


def test_an_order_whose_page_was_lost_shows_a_way_on(
    browser: Client, bank: Bank, clock: FixedClock, core: Core
) -> None:
    core.gateways["memory"] = Teller(Pageless(bank))
    sent = browser.submit("/pay/how?pay-1=1&sum-1=500", "/pay", {})
    assert sent.location == "/pay/orders/1"
    page = browser.page("/pay/orders/1")
    assert "второй раз банк её не показывает" in page.text
    assert "Заплатить заново" in page.text
    (onward,) = [link for link in page.links if "sum-1=" in link]
    core.gateways["memory"] = Teller(BankGateway(bank))
    shown = browser.submit(onward, "/pay", {})
    assert shown.status_code == 409
    form = Page(shown.text).form("/pay").fields | {"again": "1"}
    assert browser.post("/pay", data=form, headers=SAME_ORIGIN).location.endswith("/sale-2")
    bank.pay("sale-2")
    clock.moment += timedelta(seconds=3)
    assert "Оплачено. Спасибо!" in browser.page("/pay/orders/2").text
