"""Paying somebody else's bill by its number: the money comes, and nothing is shown or given."""

from collections.abc import Callable
from datetime import date, timedelta
from urllib.parse import urlencode

import pytest
from sqlalchemy import text

from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.testing.bank import Bank
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeAccount, MadeUser

SignIn = Callable[..., Client]
OTHER = "/pay/other"
ADDRESS = "г. Тюмень, ул. Мельникайте, д. 142, кв. 17"
SECRETS = ("Мельникайте", "1 234,56", "123456")


@pytest.fixture
def mother(make: Factory) -> MadeUser:
    return make.user()


@pytest.fixture
def account(make: Factory, mother: MadeUser) -> MadeAccount:
    made = make.account(mother, region="tyumen", address=ADDRESS)
    make.charge(made, date(2026, 10, 1), 1234_56)
    return made


@pytest.fixture
def browser(make: Factory, sign_in: SignIn, account: MadeAccount, bank: Bank) -> Client:
    """Somebody with an account of their own, and none of their mother's."""
    del account, bank
    payer = make.user(email="payer@example.ru")
    make.account(payer, region="tyumen")
    return sign_in(payer)


def find(browser: Client, number: str) -> str:
    """The page of the sum for an account of that number."""
    answer = browser.submit(OTHER, OTHER, {"account": number, "region": "tyumen"})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def to_the_bank(browser: Client, page: str, account: MadeAccount, sum_: str) -> str:
    """Where the payer is led with a sum."""
    form = browser.page(page).form("/pay/how")
    how = "/pay/how?" + urlencode(form.fields | {f"sum-{account.id}": sum_})
    shown = browser.page(how).text
    assert not any(secret in shown for secret in SECRETS)
    return browser.submit(how, "/pay", {}).headers["Location"]


def balance(core: Core, account: MadeAccount) -> int:
    query = text("SELECT balance FROM accounts WHERE id = :id")
    with core.database.read() as reader:
        return int(reader.execute(query, {"id": account.id}).scalar_one())


def test_the_money_comes_and_nothing_is_shown(  # noqa: PLR0913, PLR0917 - fixtures
    browser: Client,
    account: MadeAccount,
    bank: Bank,
    clock: FixedClock,
    core: Core,
    sign_in: SignIn,
    mother: MadeUser,
) -> None:
    page = find(browser, account.number)
    shown = browser.page(page)
    assert "ул. М**********" in shown.text.replace("\u00a0", " ")
    assert not any(secret in shown.text for secret in SECRETS)
    assert shown.form("/pay/how").fields[f"sum-{account.id}"] == ""
    place = to_the_bank(browser, page, account, "500")
    assert place == "https://bank.example/pay/sale-1"
    bank.pay("sale-1")
    clock.moment += timedelta(seconds=3)
    receipt = browser.page("/pay/orders/1").text
    assert "Оплачено. Спасибо!" in receipt
    history = browser.page("/pay/history").text
    for told in (receipt, history):
        assert "Мельникайте" not in told
        assert "М**********" in told
    assert balance(core, account) == 734_56
    assert browser.get(f"/accounts/{account.id}/").status_code == 404
    assert "734,56" in sign_in(mother).page("/").text.replace(" ,", ",")


def test_one_s_own_account_is_paid_as_usual(
    make: Factory, sign_in: SignIn, mother: MadeUser, account: MadeAccount, bank: Bank
) -> None:
    del make, bank
    assert find(sign_in(mother), account.number) == f"/pay/{account.id}"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("720499999999", "с таким номером у нас нет"),
        ("12", "цифр"),
        ("", "номер"),
        ("семь тысяч", "цифр"),
    ],
)
def test_a_wrong_number_is_told(browser: Client, number: str, said: str) -> None:
    answer = browser.submit(OTHER, OTHER, {"account": number, "region": "tyumen"})
    assert answer.status_code == 422
    assert said in answer.text


def test_numbers_cannot_be_tried_one_by_one(browser: Client, account: MadeAccount) -> None:
    values = {"region": "tyumen"}
    for n in range(20):
        browser.submit(OTHER, OTHER, values | {"account": f"7204990000{n:02d}"})
    answer = browser.submit(OTHER, OTHER, values | {"account": account.number})
    assert answer.status_code == 429
    assert "Попробуйте завтра" in answer.text


def test_a_ticket_is_for_one_payer_and_a_day(
    browser: Client, account: MadeAccount, make: Factory, sign_in: SignIn, clock: FixedClock
) -> None:
    page = find(browser, account.number)
    stranger = sign_in(make.user())
    assert stranger.get(page).status_code == 404
    assert stranger.get(f"{page}x").status_code == 404
    clock.moment += timedelta(days=1, seconds=1)
    assert browser.get(page).status_code == 404
    ticket = page.rpartition("/")[2]
    values = {"other": ticket, f"sum-{account.id}": "500"}
    answer = browser.get("/pay/how", query_string=values)
    assert (answer.status_code, answer.headers["Location"]) == (303, OTHER)


def test_an_account_that_no_ticket_names_cannot_be_paid(
    browser: Client, account: MadeAccount, core: Core
) -> None:
    token = browser.page("/pay").form("/logout").fields["csrf_token"]
    data = {"csrf_token": token, f"pay-{account.id}": "1", f"sum-{account.id}": "500"}
    browser.post("/pay", data=data, headers={"Sec-Fetch-Site": "same-origin"})
    with core.database.read() as reader:
        assert reader.execute(text("SELECT count(*) FROM payment_orders")).scalar() == 0


def test_what_the_household_does_is_not_told(
    browser: Client, account: MadeAccount, sign_in: SignIn, mother: MadeUser, core: Core
) -> None:
    how = f"/pay/how?pay-{account.id}=1&sum-{account.id}=300"
    owner = sign_in(mother)
    owner.submit(how, "/pay", {"contact": "mother@example.ru"})
    page = find(browser, account.number)
    assert to_the_bank(browser, page, account, "500") == "https://bank.example/pay/sale-2"
    with core.database.read() as reader:
        assert reader.execute(text("SELECT count(*) FROM payment_orders")).scalar() == 2
