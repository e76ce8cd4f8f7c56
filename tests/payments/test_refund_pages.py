"""A resident asks an overpayment back: the sum, the reason, a look at it, the request's number."""

from collections.abc import Callable

import pytest

from tests.payments.test_refunds import states
from tests.payments.till import Till
from tesweb.accounts.models import Role
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory

SignIn = Callable[..., Client]


@pytest.fixture
def browser(till: Till, sign_in: SignIn) -> Client:
    """Whoever has paid 500 ₽ too much."""
    till.paid(1_500_00)
    return sign_in(till.user)


def page(till: Till) -> str:
    return f"/pay/{till.accounts[0].id}/refund"


def check(browser: Client, till: Till, **values: str) -> str:
    query = {"sum": "500", "ground": "twice"} | values
    return browser.get(f"{page(till)}/check", query_string=query).text


def ask(browser: Client, till: Till, **values: str) -> str:
    query = {"sum": "500", "ground": "twice"} | values
    address = f"{page(till)}/check?sum={query['sum']}&ground={query['ground']}"
    answer = browser.submit(address, page(till), {"words": query.get("words", "")})
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def test_the_way_from_the_receipt_to_the_number_of_the_request(till: Till, browser: Client) -> None:
    assert "Вернуть деньги" in browser.page("/pay/orders/1").text
    assert "Вернуть деньги" in browser.page("/pay/history").text
    form = browser.page(page(till))
    assert "До 500,00 ₽" in form.text.replace("\u00a0", " ")
    assert "500,00" in form.form(f"{page(till)}/check").fields["sum"]
    assert "Вернуть деньги" in form.text
    told = check(browser, till)
    assert "Проверьте заявку" in told
    assert "Оплата прошла дважды" in told
    assert states(till) == []
    place = ask(browser, till, words="оплатила и я, и муж")
    assert place == "/pay/refunds/1"
    shown = browser.page(place).text
    assert "Возврат № 1" in shown.replace("\u00a0", " ")
    assert "оплатила и я, и муж" in shown
    assert "рассматриваем" in shown
    assert "рассматриваем" in browser.page("/pay/history").text
    assert states(till) == ["asked"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"sum": ""}, "Введите, сколько вернуть"),
        ({"sum": "много"}, "Это не похоже на сумму"),
        ({"sum": "0"}, "Введите, сколько вернуть"),
        ({"sum": "500,01"}, "Вернуть можно не больше 500"),
        ({"ground": ""}, "Выберите, почему"),
        ({"ground": "other'"}, "Выберите, почему"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(
    till: Till, browser: Client, values: dict[str, str], words: str
) -> None:
    answer = browser.get(
        f"{page(till)}/check", query_string={"sum": "500", "ground": "twice"} | values
    )
    assert answer.status_code == 422
    assert words in answer.text.replace("\u00a0", " ")
    assert states(till) == []


def test_nobody_asks_for_more_than_came_through_a_bank(
    till: Till, sign_in: SignIn, make: Factory
) -> None:
    make.payment(till.accounts[0], till.clock.now().date(), 1_700_00)
    shown = sign_in(till.user).page(page(till)).text
    assert "по заявлению" in shown
    assert "Продолжить" not in shown


def test_where_nothing_is_overpaid_the_page_says_what_to_do(till: Till, sign_in: SignIn) -> None:
    shown = sign_in(till.user).page(page(till)).text
    assert "позвоните нам" in shown
    assert "Вернуть деньги" not in sign_in(till.user).page("/pay/history").text


def test_the_same_form_twice_is_one_request(till: Till, browser: Client) -> None:
    address = f"{page(till)}/check?sum=200&ground=twice"
    form = browser.page(address).form(page(till))
    sent = [browser.post(page(till), data=form.fields).location for _ in range(2)]
    assert sent == ["/pay/refunds/1", "/pay/refunds/1"]
    assert states(till) == ["asked"]


def test_two_forms_at_once_never_ask_for_more_than_is_overpaid(till: Till, browser: Client) -> None:
    forms = [
        browser.page(f"{page(till)}/check?sum=400&ground=moved").form(page(till)) for _ in "ab"
    ]
    answers = [browser.post(page(till), data=form.fields) for form in forms]
    assert [answer.status_code for answer in answers] == [303, 422]
    assert "100,00" in answers[1].text
    assert states(till) == ["asked"]


def test_a_reader_and_a_stranger_ask_for_nothing(
    till: Till, browser: Client, sign_in: SignIn, make: Factory
) -> None:
    place = ask(browser, till)
    reader = make.user()
    make.link(reader, till.accounts[0].id, Role.READER)
    assert sign_in(reader).get(page(till)).status_code == 403
    assert sign_in(reader).get(place).status_code == 404
    assert sign_in(make.user()).get(page(till)).status_code == 404
