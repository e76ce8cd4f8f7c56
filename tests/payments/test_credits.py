"""The page with everything that was paid for an account, wherever it was paid."""

from collections.abc import Callable
from datetime import date

import pytest

from tests.payments.till import Till
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeAccount, MadeUser

SignIn = Callable[[MadeUser], Client]


@pytest.fixture
def user(make: Factory) -> MadeUser:
    return make.user()


@pytest.fixture
def account(make: Factory, user: MadeUser) -> MadeAccount:
    return make.account(user, region="tyumen")


def text_of(client: Client, account: MadeAccount, query: str = "") -> str:
    page = client.page(f"/pay/{account.id}/credits{query}")
    return page.text.replace("\u00a0", " ").replace(" ,", ",")


def test_what_was_paid_stands_year_by_year_with_where_it_was_paid(
    make: Factory, sign_in: SignIn, user: MadeUser, account: MadeAccount
) -> None:
    make.payment(account, date(2024, 12, 31), 100_00, channel="Почта России")
    make.payment(account, date(2026, 1, 1), 200_00, channel="Касса")
    make.payment(account, date(2026, 11, 2), 300_00, channel="Сбербанк Онлайн")
    client = sign_in(user)
    newest = text_of(client, account)
    assert newest.index("2 ноября 2026 Сбербанк Онлайн 300,00 ₽") < newest.index(
        "1 января 2026 Касса 200,00 ₽"
    )
    assert "За 2026 год: 500,00 ₽" in newest
    assert "Почта России" not in newest
    page = client.page(f"/pay/{account.id}/credits")
    years = [link for link in page.links if "credits?year=" in link]
    assert [link.rpartition("=")[2] for link in years] == ["2024"]
    assert "31 декабря 2024 Почта России 100,00 ₽" in text_of(client, account, "?year=2024")


def test_what_was_paid_here_has_the_name_of_its_bank(till: Till, sign_in: SignIn) -> None:
    till.paid(500_00)
    page = sign_in(till.user).page(f"/pay/{till.accounts[0].id}/credits").text
    assert "20 ноября 2026 Банк в памяти 500" in page.replace("\u00a0", " ")


def test_what_went_back_is_told_and_counted(
    make: Factory, sign_in: SignIn, user: MadeUser, account: MadeAccount
) -> None:
    make.payment(account, date(2026, 11, 2), 300_00)
    make.payment(account, date(2026, 11, 5), -120_00)
    text = text_of(sign_in(user), account)
    assert "возврат или исправление −120,00 ₽" in text
    assert "За 2026 год: 180,00 ₽" in text


def test_somebody_who_has_paid_nothing_is_told_what_comes_here(
    sign_in: SignIn, user: MadeUser, account: MadeAccount
) -> None:
    assert "Платежей пока нет" in text_of(sign_in(user), account)


@pytest.mark.parametrize("year", ["2020", "2027", "-1", "двадцать", "99999999999999999999", ""])
def test_a_year_without_payments_is_the_newest_one(
    make: Factory, sign_in: SignIn, user: MadeUser, account: MadeAccount, year: str
) -> None:
    make.payment(account, date(2026, 11, 2), 300_00)
    assert "За 2026 год: 300,00 ₽" in text_of(sign_in(user), account, f"?year={year}")


def test_it_is_the_account_s_own_and_its_people_s_alone(
    make: Factory, sign_in: SignIn, user: MadeUser, account: MadeAccount
) -> None:
    other = make.account(make.user())
    make.payment(other, date(2026, 11, 2), 777_00)
    client = sign_in(user)
    assert "777" not in text_of(client, account)
    assert client.get(f"/pay/{other.id}/credits").status_code == 404


def test_the_history_of_payments_leads_there(
    make: Factory, sign_in: SignIn, user: MadeUser, account: MadeAccount
) -> None:
    make.payment(account, date(2026, 11, 2), 300_00)
    assert f"/pay/{account.id}/credits" in sign_in(user).page("/pay/history").links
