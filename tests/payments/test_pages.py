"""Paying through the pages, as a browser without JavaScript does."""

from collections.abc import Callable
from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from tesweb.accounts.models import Role
from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.testing.bank import Bank, Fault
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeAccount, MadeUser

SignIn = Callable[..., Client]
#: As long as a page waits before it asks the bank again.
LATER = timedelta(seconds=3)


@pytest.fixture
def payer(make: Factory) -> MadeUser:
    return make.user(email="payer@example.ru")


@pytest.fixture
def account(make: Factory, payer: MadeUser) -> MadeAccount:
    made = make.account(payer)
    make.charge(made, date(2026, 10, 1), 1234_56)
    return made


@pytest.fixture
def browser(sign_in: SignIn, payer: MadeUser, account: MadeAccount, bank: Bank) -> Client:
    del account, bank
    return sign_in(payer)


@pytest.fixture
def how(account: MadeAccount) -> str:
    """The page of ways to pay 500 ₽."""
    return f"/pay/how?pay-{account.id}=1&sum-{account.id}=500"


def number_of_orders(core: Core) -> int:
    with core.database.read() as reader:
        return int(reader.execute(text("SELECT count(*) FROM payment_orders")).scalar_one())


def test_the_suggested_sum_stands_in_the_field(browser: Client, account: MadeAccount) -> None:
    field = f"sum-{account.id}"
    assert browser.page("/pay").form("/pay/how").fields[field] == "1234,56"
    assert browser.page("/pay?fill=clear").form("/pay/how").fields[field] == ""


def test_the_way_back_from_the_ways_keeps_what_was_typed(browser: Client, how: str) -> None:
    (back,) = [link for link in browser.page(how).links if link.startswith("/pay?")]
    fields = browser.page(back).form("/pay/how").fields
    assert "500,00" in fields.values()


def test_every_address_is_there_with_what_it_owes(
    browser: Client, make: Factory, payer: MadeUser
) -> None:
    overpaid = make.account(payer)
    make.payment(overpaid, date(2026, 10, 1), 200_00)
    page = browser.page("/pay")
    assert "К оплате: 1 234,56 ₽" in page.text
    assert "Переплата: 200,00 ₽" in page.text
    form = page.form("/pay/how")
    assert f"pay-{overpaid.id}" in form.names
    assert f"pay-{overpaid.id}" not in form.fields


def test_whoever_only_reads_pays_nothing(
    sign_in: SignIn, make: Factory, account: MadeAccount, bank: Bank
) -> None:
    del bank
    reader = make.user()
    make.link(reader, account.id, Role.READER)
    browser = sign_in(reader)
    assert "Пока нет счёта" in browser.page("/pay").text
    assert "Пока нет счёта" in browser.page(f"/pay/{account.id}").text
    page = browser.page(f"/pay/how?pay-{account.id}=1&sum-{account.id}=500")
    assert "500,00" not in page.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("49,99", "не меньше 50 ₽"),
        ("0", "Напишите, сколько заплатить"),
        ("", "Напишите, сколько заплатить"),
        ("-100", "не похоже на сумму"),
        ("1,555", "не похоже на сумму"),
        ("٥٠", "не похоже на сумму"),
        ("1e18", "не похоже на сумму"),
        ("999999999999", "не больше 350 000 ₽"),
    ],
)
def test_a_wrong_sum_is_told_beside_its_field(
    browser: Client, account: MadeAccount, core: Core, typed: str, said: str
) -> None:
    answer = browser.get("/pay/how", query_string={f"sum-{account.id}": typed})
    assert answer.status_code == 422
    assert said in answer.text.replace("\u00a0", " ")
    assert number_of_orders(core) == 0


@pytest.mark.parametrize("typed", ["50", "50,00", "1 234,5", "1234.50", " 1\u00a0000 "])
def test_sums_are_taken_as_people_type_them(
    browser: Client, account: MadeAccount, typed: str
) -> None:
    answer = browser.get("/pay/how", query_string={f"sum-{account.id}": typed})
    assert answer.status_code == 200


def test_a_payer_is_led_to_the_bank_and_back(
    browser: Client, how: str, bank: Bank, clock: FixedClock
) -> None:
    sent = browser.submit(how, "/pay", {})
    assert sent.status_code == 303
    assert sent.headers["Location"] == "https://bank.example/pay/sale-1"
    assert "К оплате: 1 234,56 ₽" in browser.page("/pay").text
    bank.pay("sale-1")
    clock.moment += LATER
    page = browser.page("/pay/orders/1")
    assert "Оплачено. Спасибо!" in page.text
    assert "К оплате: 734,56 ₽" in browser.page("/pay").text
    assert "оплачен" in browser.page("/pay/history").text


@pytest.fixture
def paid(browser: Client, how: str, bank: Bank, clock: FixedClock) -> str:
    """The page of a payment that has come."""
    browser.submit(how, "/pay", {})
    bank.pay("sale-1")
    clock.moment += LATER
    page = "/pay/orders/1"
    assert "Оплачено. Спасибо!" in browser.page(page).text
    return page


def test_a_receipt_is_a_pdf_of_the_payer_s_own(
    browser: Client, paid: str, make: Factory, sign_in: SignIn
) -> None:
    paper = f"{paid}/receipt.pdf"
    assert paper in browser.page(paid).links
    answer = browser.get(paper)
    assert answer.content_type == "application/pdf"
    assert answer.data.startswith(b"%PDF-")
    assert "Платёж № 1".encode() in answer.data  # its title, in the metadata
    assert sign_in(make.user()).get(paper).status_code == 404


def test_what_was_not_paid_has_no_receipt(browser: Client, how: str) -> None:
    browser.submit(how, "/pay", {})
    assert "/pay/orders/1/receipt.pdf" not in browser.page("/pay/orders/1").links
    assert browser.get("/pay/orders/1/receipt.pdf").status_code == 404


def test_forms_may_lead_to_the_bank_from_the_page_of_ways_only(browser: Client, how: str) -> None:
    policy = browser.get(how).headers["Content-Security-Policy"]
    assert "form-action 'self' https://bank.example;" in policy
    elsewhere = browser.get("/pay").headers["Content-Security-Policy"]
    assert "form-action 'self';" in elsewhere


def test_htmx_loads_the_bank_as_a_whole_page(browser: Client, how: str) -> None:
    headers = {"HX-Request": "true", "Sec-Fetch-Site": "same-origin"}
    sent = browser.submit(how, "/pay", {}, headers)
    assert sent.headers["HX-Redirect"] == "https://bank.example/pay/sale-1"


def test_a_form_that_is_sent_twice_is_one_order(
    browser: Client, how: str, core: Core, bank: Bank
) -> None:
    form = browser.page(how).form("/pay").fields
    headers = {"Sec-Fetch-Site": "same-origin"}
    first = browser.post("/pay", data=form, headers=headers)
    second = browser.post("/pay", data=form, headers=headers)
    assert first.headers["Location"] == second.headers["Location"]
    assert number_of_orders(core) == len(bank.sales) == 1


@pytest.mark.parametrize(
    "changed", [{"sum": "600"}, {"way": "memory:sbp"}], ids=["another sum", "another way"]
)
def test_a_form_changed_after_back_is_not_silently_the_old_one(
    browser: Client, how: str, core: Core, account: MadeAccount, changed: dict[str, str]
) -> None:
    form = browser.page(how).form("/pay").fields
    headers = {"Sec-Fetch-Site": "same-origin"}
    browser.post("/pay", data=form, headers=headers)
    if "sum" in changed:
        changed = {f"sum-{account.id}": changed["sum"]}
    asked = browser.post("/pay", data=form | changed, headers=headers)
    assert asked.status_code == 409
    assert "Платёж уже начат" in asked.text
    again = {"again": "1"}
    first = browser.post("/pay", data=form | changed | again, headers=headers)
    second = browser.post("/pay", data=form | changed | again, headers=headers)
    assert first.headers["Location"] == second.headers["Location"]
    assert number_of_orders(core) == 2


def test_a_form_sent_another_way_after_it_was_paid_shows_the_payment(
    browser: Client, how: str, core: Core, bank: Bank, clock: FixedClock
) -> None:
    form = browser.page(how).form("/pay").fields
    headers = {"Sec-Fetch-Site": "same-origin"}
    browser.post("/pay", data=form, headers=headers)
    bank.pay("sale-1")
    clock.moment += LATER
    assert "Оплачено" in browser.page("/pay/orders/1").text
    sent = browser.post("/pay", data=form | {"way": "memory:sbp"}, headers=headers)
    assert sent.headers["Location"] == "/pay/orders/1"
    assert number_of_orders(core) == 1


def test_another_tab_shows_the_payment_under_way(browser: Client, how: str, core: Core) -> None:
    browser.submit(how, "/pay", {})
    second = browser.submit(how, "/pay", {})
    assert second.status_code == 409
    assert "Платёж уже начат" in second.text
    assert "/pay/orders/1" in second.text
    assert number_of_orders(core) == 1


def test_sbp_has_a_page_of_ours_with_its_link(browser: Client, how: str) -> None:
    sent = browser.submit(how, "/pay", {"way": "memory:sbp"})
    assert sent.headers["Location"] == "/pay/orders/1"
    assert "https://bank.example/sbp/sale-1" in browser.page("/pay/orders/1").links


def test_a_bank_that_is_silent_is_told_so(browser: Client, how: str, bank: Bank) -> None:
    bank.faults = [Fault.DEAF]
    sent = browser.submit(how, "/pay", {})
    assert sent.headers["Location"] == "/pay/orders/1"
    assert "Банк ещё не ответил" in browser.page("/pay/orders/1").text


def test_a_decline_is_told_with_advice(
    browser: Client, how: str, bank: Bank, clock: FixedClock
) -> None:
    browser.submit(how, "/pay", {})
    bank.decline("sale-1")
    clock.moment += LATER
    page = browser.page("/pay/orders/1")
    assert "На карте не хватает денег" in page.text
    assert any(link.startswith("/pay/how?") for link in page.links)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("contact", "кот", "Напишите почту"),
        ("contact", "", "Напишите почту"),
        ("way", "gone:card", "Выберите, как заплатить"),
        ("way", "", "Выберите, как заплатить"),
    ],
)
def test_what_is_missing_is_told(
    browser: Client, how: str, name: str, value: str, said: str
) -> None:
    sent = browser.submit(how, "/pay", {name: value})
    assert sent.status_code == 422
    assert said in sent.text
    assert "пока ничего не оплачивали" in browser.page("/pay/history").text


def test_a_sum_that_was_tampered_with_is_judged_again(
    browser: Client, how: str, account: MadeAccount, core: Core
) -> None:
    form = browser.page(how).form("/pay").fields | {f"sum-{account.id}": "1"}
    sent = browser.post("/pay", data=form, headers={"Sec-Fetch-Site": "same-origin"})
    assert sent.status_code == 422
    assert number_of_orders(core) == 0


def test_another_account_cannot_be_slipped_in(
    browser: Client, how: str, make: Factory, core: Core
) -> None:
    foreign = make.account(make.user())
    more = {f"pay-{foreign.id}": "1", f"sum-{foreign.id}": "500"}
    form = browser.page(how).form("/pay").fields | more
    browser.post("/pay", data=form, headers={"Sec-Fetch-Site": "same-origin"})
    with core.database.read() as reader:
        paid = [row.account_id for row in reader.execute(text("SELECT * FROM payment_shares"))]
    assert foreign.id not in paid


def test_a_payment_is_its_payers_alone(
    browser: Client, how: str, sign_in: SignIn, make: Factory
) -> None:
    browser.submit(how, "/pay", {})
    other = make.user()
    make.account(other)
    assert sign_in(other).get("/pay/orders/1").status_code == 404


def test_the_way_back_works_signed_out_and_shows_no_address(
    browser: Client, how: str, bank: Bank, client: Client, clock: FixedClock
) -> None:
    browser.submit(how, "/pay", {})
    bank.pay("sale-1")
    clock.moment += LATER
    back = way_back(bank)
    page = client.page(f"{back}?status=success")
    assert "Оплачено. Спасибо!" in page.text
    assert "ул." not in page.text
    assert client.get(f"{back}x").status_code == 404
    assert "Оплачено" in browser.page(back).text


def test_an_address_that_says_success_is_not_believed(
    browser: Client, how: str, client: Client, bank: Bank
) -> None:
    browser.submit(how, "/pay", {})
    page = client.page(f"{way_back(bank)}?status=success&paid=true")
    assert "Оплачено" not in page.text
    assert "ждёт оплаты" in page.text


def test_notifications_are_kept_and_answered(
    browser: Client, how: str, bank: Bank, client: Client, core: Core
) -> None:
    browser.submit(how, "/pay", {})
    note = bank.notification("sale-1")
    kept = client.post("/pay/memory/notify", data=note.body, headers=dict(note.headers))
    assert (kept.status_code, kept.text) == (200, "OK")
    forged = client.post("/pay/memory/notify", data=note.body, headers={"X-Signature": "0"})
    assert forged.status_code == 403
    unknown = client.post("/pay/gone/notify", data=note.body, headers=dict(note.headers))
    assert unknown.status_code == 404
    long = client.post("/pay/memory/notify", data=b"x" * 70_000, headers=dict(note.headers))
    assert long.status_code == 413
    with core.database.read() as reader:
        assert reader.execute(text("SELECT count(*) FROM payment_notices")).scalar() == 1


def way_back(bank: Bank) -> str:
    """The address that the bank was given, without its host."""
    return urlsplit(bank.of("sale-1").return_url).path


@pytest.mark.parametrize(
    "address",
    [
        "/pay/orders/99999999999999999999",
        "/pay/orders/99999999999999999999/receipt.pdf",
        "/pay/orders/9223372036854775808",
        "/pay/refunds/99999999999999999999",
    ],
)
def test_a_number_that_no_payment_has_is_not_found(browser: Client, address: str) -> None:
    assert browser.get(address).status_code == 404


@pytest.mark.parametrize("before", ["99999999999999999999", "-1", "x", "", "0", "٣"])
@pytest.mark.parametrize("name", ["before", "refunds"])
def test_a_page_of_the_history_that_is_none_is_a_page(
    browser: Client, how: str, name: str, before: str
) -> None:
    browser.submit(how, "/pay", {})
    assert browser.get(f"/pay/history?{name}={before}").status_code == 200


def test_nothing_older_disappears_from_the_history(
    browser: Client, core: Core, payer: MadeUser, account: MadeAccount, clock: FixedClock
) -> None:
    """120 refunds and 3 payments: each stands once on the pages that lead to one another."""
    values = {"user": payer.id, "account": account.id, "moment": clock.moment.replace(tzinfo=None)}
    with core.database.work() as work:
        for number in range(120):
            work.execute(
                text(
                    "INSERT INTO refunds (key, account_id, amount, state, user_id, ground, answer, "
                    "created_at, looks) VALUES (:key, :account, 100, 'declined', :user, '', '', "
                    ":moment, 0)"
                ),
                values | {"key": str(number)},
            )
    browser.submit(f"/pay/how?pay-{account.id}=1&sum-{account.id}=500", "/pay", {})
    page, seen = browser.page("/pay/history"), []
    while True:
        seen += [link for link in page.links if link.startswith("/pay/refunds/")]
        further = [link for link in page.links if link.startswith("/pay/history?refunds=")]
        if not further:
            break
        page = browser.page(further[0])
        assert "/pay/orders/1" not in page.links
    assert sorted(seen) == sorted(f"/pay/refunds/{number}" for number in range(1, 121))
    assert "/pay/history" in page.links
