"""Switching autopay on through the pages, and paying with a saved card."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.autopay.conftest import Home
from tesweb.accounts.models import Role
from tesweb.money import Kopecks
from tesweb.payments import engine
from tesweb.payments.models import State
from tesweb.payments.protocol import Way
from tesweb.payments.services import Wish, place


def check(home: Home, **values: str) -> str:
    """The page that is looked at before switching on."""
    path = f"/pay/autopay/{home.account.id}"
    given = {"kind": "bill", "amount": "5000", "when": "day", "day": "15"} | values
    answer = home.browser.submit(path, f"{path}/check", given)
    assert answer.status_code == 200
    return answer.text.replace("\u00a0", " ")


def test_the_dry_run_says_what_the_last_year_would_have_cost(home: Home) -> None:
    page = check(home, day="31")
    assert "Что было бы списано за прошлый год" in page
    assert "31 октября 2026" in page
    assert "28 февраля 2026" in page
    assert page.count('<tr role="row">') == 12
    assert "Всего 11 000,00 ₽" in page
    assert home.ask("SELECT id FROM autopays") == []


def test_the_dry_run_leaves_out_what_would_have_been_held(home: Home) -> None:
    page = check(home, amount="999", when="bill", day="")
    assert "Счёт больше суммы, которую вы разрешили" in page
    assert "Всего 0,00 ₽" in page


def test_the_dry_run_of_somebody_without_bills_says_so(home: Home) -> None:
    new = home.make.account(home.user)
    home.sign_in_again()
    path = f"/pay/autopay/{new.id}"
    values = {"kind": "bill", "amount": "5000", "when": "day", "day": "15"}
    answer = home.browser.submit(path, f"{path}/check", values)
    assert "Счетов за прошлый год пока нет" in answer.text


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"amount": "сто"}, "Напишите рубли и копейки"),
        ({"amount": "49,99"}, "не меньше 50"),
        ({"amount": "9999999"}, "Банк принимает не больше"),
        ({"day": "32"}, "число от 1 до 31"),
        ({"day": "0"}, "число от 1 до 31"),
        ({"day": ""}, "число от 1 до 31"),
        ({"kind": "fixed", "when": "bill"}, "выберите день месяца"),
        ({"card": ""}, "Выберите карту"),
        ({"card": "77"}, "Выберите карту"),
        ({"kind": "all"}, "Выберите, сколько платить"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(
    home: Home, values: dict[str, str], said: str
) -> None:
    given = {"kind": "bill", "amount": "500", "when": "day", "day": "15", "card": "1"} | values
    answer = home.browser.get(f"/pay/autopay/{home.account.id}/check", query_string=given)
    assert answer.status_code == 422
    assert said in answer.text.replace("\u00a0", " ")


def test_switching_on_asks_for_a_fresh_proof(home: Home) -> None:
    home.browser = home.sign_in(home.user)
    given = {"kind": "bill", "amount": "500", "when": "day", "day": "15", "card": "1"}
    path = f"/pay/autopay/{home.account.id}"
    assert home.browser.get(path).status_code == 200
    answer = home.browser.get(f"{path}/check", query_string=given)
    assert "/confirm" in answer.headers["Location"]


def test_without_a_saved_card_the_page_says_how(home: Home) -> None:
    payer = home.make.user(email="son@example.ru")
    home.make.link(payer, home.account.id, Role.PAYER)
    page = home.sign_in(payer, "password").page(f"/pay/autopay/{home.account.id}").text
    assert "отметив «Запомнить карту»" in page


def test_without_an_address_there_is_nobody_to_tell(home: Home) -> None:
    payer = home.make.user()
    home.make.link(payer, home.account.id, Role.PAYER)
    page = home.sign_in(payer, "password").page(f"/pay/autopay/{home.account.id}").text
    assert "укажите почту или телефон" in page


def test_who_only_reads_has_no_autopay(home: Home) -> None:
    reader = home.make.user(email="guest@example.ru")
    home.make.link(reader, home.account.id, Role.READER)
    browser = home.sign_in(reader, "password")
    assert browser.get(f"/pay/autopay/{home.account.id}").status_code == 403
    assert browser.get(f"/pay/autopay/{home.account.id}/check").status_code == 403


def test_another_member_sees_who_pays_and_changes_nothing(home: Home) -> None:
    home.switch_on(kind="fixed", amount="700", day="15")
    other = home.make.user(email="son@example.ru")
    home.make.link(other, home.account.id, Role.OWNER)
    browser = home.sign_in(other, "password")
    page = browser.page(f"/pay/autopay/{home.account.id}")
    assert "платит Анна П." in page.text
    assert "0004" not in page.text
    with pytest.raises(LookupError):
        page.form(f"/pay/autopay/{home.account.id}/off")


def test_a_card_is_saved_only_where_the_box_was_ticked(home: Home) -> None:
    how = f"/pay/how?pay-{home.account.id}=1&sum-{home.account.id}=500"
    form = home.browser.page(how).form("/pay")
    assert "remember" in form.names
    assert "remember" not in form.fields
    home.browser.submit(how, "/pay", {"way": "memory:card"})
    home.bank.pay("sale-2")
    home.clock.moment += timedelta(seconds=3)
    assert "Оплачено" in home.browser.page("/pay/orders/2").text
    assert len(home.ask("SELECT id FROM payment_cards")) == 1


def test_a_saved_card_pays_at_once(home: Home) -> None:
    how = f"/pay/how?pay-{home.account.id}=1&sum-{home.account.id}=500"
    assert "•••• 0004" in home.browser.page(how).text
    sent = home.browser.submit(how, "/pay", {"way": "saved:1"})
    assert sent.headers["Location"] == "/pay/orders/2"
    home.clock.moment += timedelta(seconds=3)
    assert "Оплачено" in home.browser.page("/pay/orders/2").text
    assert home.taken() == [500_00]


def test_a_card_that_was_removed_before_its_order_was_given_fails_it_with_a_reason(
    home: Home,
) -> None:
    wish = Wish(
        user_id=home.user.id,
        shares={home.account.id: Kopecks(500_00)},
        gateway="memory",
        way=Way.CARD,
        contact="payer@example.ru",
        form_key=str(uuid4()),
        card_id=1,
    )
    with home.app.app_context():
        order_id = place(wish).order_id
        home.browser.submit("/pay/cards/1/remove", "/pay/cards/1/remove", {})
        assert engine.advance(order_id) is State.FAILED
    assert "Банк отклонил платёж" in home.browser.page(f"/pay/orders/{order_id}").text
    assert home.taken() == []


def test_another_ones_card_pays_nothing(home: Home) -> None:
    payer = home.make.user(email="son@example.ru")
    home.make.link(payer, home.account.id, Role.PAYER)
    how = f"/pay/how?sum-{home.account.id}=500"
    sent = home.sign_in(payer).submit(how, "/pay", {"way": "saved:1"})
    assert sent.status_code == 422
    assert home.taken() == []


def test_a_sum_that_was_remembered_stands_in_the_form(home: Home) -> None:
    field = f"sum-{home.account.id}"
    first = home.browser.submit("/pay", "/pay/how", {field: "654,32", "autopay": "1"})
    address = first.request.full_path
    home.browser.submit(address, "/pay", {"way": "saved:1"})
    home.clock.moment += timedelta(seconds=3)
    page = home.browser.page("/pay/orders/2")
    (link,) = [each for each in page.links if "/pay/autopay/" in each]
    form = home.browser.page(link).form(f"/pay/autopay/{home.account.id}/check")
    assert (form.fields["amount"], form.fields["kind"]) == ("654,32", "fixed")


def test_a_sum_that_was_not_remembered_is_not_offered(home: Home) -> None:
    how = f"/pay/how?sum-{home.account.id}=500"
    home.browser.submit(how, "/pay", {"way": "saved:1"})
    home.clock.moment += timedelta(seconds=3)
    page = home.browser.page("/pay/orders/2")
    assert not [each for each in page.links if "/pay/autopay/" in each]


def test_the_list_says_which_account_is_paid_by_itself(home: Home) -> None:
    assert "выключен" in home.browser.page("/pay/autopay").text
    home.switch_on(kind="fixed", amount="700", day="31")
    page = home.browser.page("/pay/autopay").text.replace("\u00a0", " ")
    assert "700,00 ₽ каждый месяц, 31-го числа, а в коротком месяце — в последний день" in page
