"""What the dashboard says about what is owed."""

from collections.abc import Callable
from datetime import date

import pytest

from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeUser

SignIn = Callable[[MadeUser], Client]


@pytest.fixture
def card(make: Factory, sign_in: SignIn) -> Callable[..., str]:
    """The words of the first page for what was charged by month and what was paid of it."""

    def shown(charged: dict[date, int], paid: int = 0) -> str:
        user = make.user()
        account = make.account(user, region="tyumen")
        for period, amount in charged.items():
            make.charge(account, period, amount)
        if paid:
            make.payment(account, date(2026, 11, 2), paid)
        return sign_in(user).page("/").text.replace(" ,", ",")

    return shown


def test_a_bill_that_is_not_due_yet_has_its_day(card: Callable[..., str]) -> None:
    text = card({date(2026, 11, 1): 50_000})
    assert "500,00 ₽ до 15 декабря" in text
    assert "Долг" not in text


def test_what_is_late_is_told_with_its_day(card: Callable[..., str]) -> None:
    text = card({date(2026, 5, 1): 40_000, date(2026, 6, 1): 30_000})
    assert "700,00 ₽ Долг: срок оплаты прошёл 15 июня 2026" in text
    assert "до 15 декабря" not in text


def test_payments_are_taken_for_the_oldest_bills(card: Callable[..., str]) -> None:
    months = {date(2026, 5, 1): 40_000, date(2026, 9, 1): 30_000, date(2026, 11, 1): 20_000}
    text = card(months, paid=45_000)
    assert "450,00 ₽ Из них долг 250,00 ₽: срок оплаты прошёл 15 октября 2026" in text
