"""The page about late bills."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from tesweb.accounts.models import Role
from tesweb.clock import FixedClock
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeAccount, MadeUser

SignIn = Callable[[MadeUser], Client]


@pytest.fixture
def user(make: Factory) -> MadeUser:
    return make.user()


@pytest.fixture
def account(make: Factory, user: MadeUser) -> MadeAccount:
    return make.account(user, region="tyumen")


def text_of(client: Client, account: MadeAccount) -> str:
    return client.page(f"/accounts/{account.id}/penalty").text.replace("\u00a0", " ")


def test_each_late_bill_has_its_days_and_its_cost(
    make: Factory, sign_in: SignIn, user: MadeUser, account: MadeAccount
) -> None:
    """Today is 20 November 2026; May's bill was due on 15 June, 158 days ago."""
    make.charge(account, date(2026, 5, 1), 1_000_000)
    make.charge(account, date(2026, 9, 1), 500_000)
    make.charge(account, date(2026, 10, 1), 300_000)
    text = text_of(sign_in(user), account)
    # 60 days of 1/300 and 68 of 1/130; September's is 36 days late, six of them cost.
    assert "май 2026 15 июня 2026 158 10 000,00 ₽ 686,92 ₽" in text
    assert "сентябрь 2026 15 октября 2026 36 5 000,00 ₽ 9,50 ₽" in text
    assert "октябрь 2026 16 ноября 2026 4 3 000,00 ₽ 0,00 ₽" in text
    assert "696 ,42 ₽ Это наша оценка на 20 ноября 2026" in text
    assert "Ставка сейчас 9,5 % годовых" in text


def test_what_was_paid_since_lowers_it(
    make: Factory, sign_in: SignIn, user: MadeUser, account: MadeAccount
) -> None:
    make.charge(account, date(2026, 5, 1), 1_000_000)
    make.payment(account, date(2026, 7, 30), 400_000)  # day 45
    text = text_of(sign_in(user), account)
    # 15 days of the whole and 45 of the rest at 1/300, 68 of the rest at 1/130
    assert "158 6 000,00 ₽ 431,15 ₽" in text


def test_what_was_overpaid_before_is_paid(
    make: Factory, sign_in: SignIn, user: MadeUser, account: MadeAccount
) -> None:
    make.payment(account, date(2020, 1, 10), 1_000_000)
    make.charge(account, date(2026, 5, 1), 1_000_000)
    text = text_of(sign_in(user), account)
    assert "Просроченных счетов нет" in text


def test_what_was_overpaid_before_pays_once(
    make: Factory, sign_in: SignIn, user: MadeUser, account: MadeAccount
) -> None:
    make.payment(account, date(2020, 1, 10), 400_000)
    make.charge(account, date(2026, 5, 1), 1_000_000)
    text = text_of(sign_in(user), account)
    assert "158 6 000,00 ₽" in text


def test_what_was_owed_before_three_years_is_paid_first_and_not_told(
    make: Factory, sign_in: SignIn, user: MadeUser, account: MadeAccount
) -> None:
    """Today is 20 November 2026: November 2023 is the oldest month that somebody may ask for."""
    make.charge(account, date(2023, 10, 1), 100_000)
    make.charge(account, date(2023, 11, 1), 100_000)
    make.payment(account, date(2026, 1, 10), 150_000)
    text = text_of(sign_in(user), account)
    assert "октябрь 2023" not in text
    assert "ноябрь 2023" in text
    assert "500,00 ₽" in text


def test_what_is_owed_for_longer_than_three_years_is_not_told(
    make: Factory, sign_in: SignIn, user: MadeUser, account: MadeAccount
) -> None:
    make.charge(account, date(2023, 10, 1), 100_000)
    assert "Просроченных счетов нет" in text_of(sign_in(user), account)


def test_a_kopeck_is_late_and_an_empty_bill_is_not(
    make: Factory, sign_in: SignIn, user: MadeUser, account: MadeAccount
) -> None:
    make.charge(account, date(2026, 5, 1), 1)
    make.charge(account, date(2026, 6, 1), 0)
    text = text_of(sign_in(user), account)
    assert "май 2026 15 июня 2026 158 0,01 ₽ 0,00 ₽" in text
    assert "июнь 2026" not in text


def test_on_the_last_day_to_pay_no_bill_is_late(
    make: Factory, sign_in: SignIn, user: MadeUser, account: MadeAccount, clock: FixedClock
) -> None:
    make.charge(account, date(2026, 10, 1), 300_000)
    clock.moment = datetime(2026, 11, 16, 12, tzinfo=UTC)
    assert "Просроченных счетов нет" in text_of(sign_in(user), account)
    clock.moment = datetime(2026, 11, 17, 12, tzinfo=UTC)
    assert "октябрь 2026" in text_of(sign_in(user), account)


def test_the_card_leads_there(
    make: Factory, sign_in: SignIn, user: MadeUser, account: MadeAccount
) -> None:
    client = sign_in(user)
    link = f"/accounts/{account.id}/penalty"
    assert link not in client.page("/").links
    make.charge(account, date(2026, 5, 1), 100_000)
    assert link in client.page("/").links
    reader = make.user()
    make.link(reader, account.id, Role.READER)
    assert "май 2026" in text_of(sign_in(reader), account)


def test_a_stranger_learns_nothing(make: Factory, sign_in: SignIn, account: MadeAccount) -> None:
    assert sign_in(make.user()).get(f"/accounts/{account.id}/penalty").status_code == 404
