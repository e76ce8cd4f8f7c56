"""The API without the library: what it refuses, keys, times, and the register."""

import copy
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.plugins.sandbox_bank.support import Body, Payer, Running, Shop, order, until
from tests.plugins.sandbox_bank.test_sdk import RECEIPT, UTILITIES

CARD = "2202474301322987"
HOUR, DAY = 3600, 86_400


def changed(body: Body, path: str, value: object) -> Body:
    """The body with one value changed; None takes it out."""
    made = copy.deepcopy(body)
    place = made
    *way, last = path.split(".")
    for name in way:
        place = place[int(name)] if isinstance(place, list) else place[name]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return made


def refused(answer: httpx.Response, parameter: str, code: str = "invalid_request") -> None:
    told = answer.json()
    assert told["type"] == "error"
    assert (told["code"], told.get("parameter", "")) == (code, parameter)
    assert told["id"]
    assert told["description"]
    assert answer.status_code == {"invalid_request": 400, "not_found": 404}[code]


@pytest.mark.parametrize(
    ("path", "value", "parameter"),
    [
        ("amount", None, "amount"),
        ("amount.value", "0.00", "amount.value"),
        ("amount.value", "0.99", "amount.value"),
        ("amount.value", "350000.01", "amount.value"),
        ("amount.value", "-5.00", "amount.value"),
        ("amount.value", "5.001", "amount.value"),
        ("amount.value", "1e3", "amount.value"),
        ("amount.value", "٥٠", "amount.value"),
        ("amount.value", 500, "amount.value"),
        ("amount.currency", "USD", "amount.currency"),
        ("capture", "yes", "capture"),
        ("description", "x" * 129, "description"),
        ("merchant_customer_id", "x" * 201, "merchant_customer_id"),
        ("metadata", {str(number): "x" for number in range(17)}, "metadata"),
        ("metadata", {"x" * 33: "x"}, "metadata"),
        ("metadata", {"x": "x" * 513}, "metadata"),
        ("metadata", {"x": ["x"]}, "metadata"),
        ("save_payment_method", 1, "save_payment_method"),
        ("payment_method_data.type", "cash", "payment_method_data.type"),
        ("payment_method_id", "none", "payment_method_data"),
        ("confirmation", None, "confirmation"),
        ("confirmation.type", "embedded", "confirmation.type"),
        ("confirmation.type", "qr", "confirmation.type"),
        ("confirmation.return_url", None, "confirmation.return_url"),
        ("confirmation.return_url", "javascript:alert(1)", "confirmation.return_url"),
        ("confirmation.return_url", "http://a;b/", "confirmation.return_url"),
        ("confirmation.return_url", "http://a/\nb", "confirmation.return_url"),
        ("confirmation.return_url", "http://a/" + "x" * 2048, "confirmation.return_url"),
    ],
)
def test_a_wrong_payment_is_refused_by_name(
    bank: Running, path: str, value: object, parameter: str
) -> None:
    refused(bank.ask("POST", "/payments", changed(order(), path, value), key="k"), parameter)
    assert bank.ask("GET", "/payments").json()["items"] == []
    assert bank.create("k")["status"] == "pending"


@pytest.mark.parametrize("value", ["1.00", "350000.00", "500", "500.5"])
def test_sums_at_the_edge_are_taken(bank: Running, value: str) -> None:
    assert float(bank.create(value=value)["amount"]["value"]) == float(value)


@pytest.mark.parametrize(
    ("path", "value", "parameter"),
    [
        ("type", "budget", "type"),
        ("amount.value", "500.01", "amount.value"),
        ("payment_purpose", "x" * 211, "payment_purpose"),
        ("recipient.inn", "720300000", "recipient.inn"),
        ("recipient.kpp", "7203010011", "recipient.kpp"),
        ("recipient.bank.name", "x" * 46, "recipient.bank.name"),
        ("recipient.bank.bic", "04710265", "recipient.bank.bic"),
        ("recipient.bank.account", "407028100000000000011", "recipient.bank.account"),
        ("recipient.bank.correspondent_account", "1", "recipient.bank.correspondent_account"),
        ("kbk", "1", "kbk"),
        ("oktmo", "123", "oktmo"),
        ("payment_period.month", 13, "payment_period.month"),
        ("payment_period.year", 1919, "payment_period.year"),
        ("account_number", None, "account_number"),
        ("account_number", "x" * 31, "account_number"),
        ("payment_document_id", "x" * 17, "payment_document_id"),
        ("unified_account_number", "75ДА53331", "unified_account_number"),
        ("service_id", "x" * 14, "service_id"),
    ],
)
def test_wrong_data_of_utilities_are_refused_by_name(
    bank: Running, path: str, value: object, parameter: str
) -> None:
    asked = order(payment_order=changed(UTILITIES, path, value))
    refused(bank.ask("POST", "/payments", asked, key="k"), f"payment_order.{parameter}")


@pytest.mark.parametrize(
    ("path", "value", "parameter"),
    [
        ("customer", {}, "customer.email"),
        ("customer.email", "nobody", "customer.email"),
        ("customer.phone", "12", "customer.phone"),
        ("tax_system_code", 7, "tax_system_code"),
        ("items", [], "items"),
        ("items.0.description", "x" * 129, "items[0].description"),
        ("items.0.vat_code", 13, "items[0].vat_code"),
        ("items.0.quantity", "many", "items[0].quantity"),
        ("items.0.quantity", "2.00", "items"),
        ("items.0.amount.value", "499.99", "items"),
        ("items.0.payment_subject", "light", "items[0].payment_subject"),
        ("items.0.payment_mode", "none", "items[0].payment_mode"),
        ("items.0.measure", "inch", "items[0].measure"),
    ],
)
def test_a_wrong_receipt_is_refused_by_name(
    bank: Running, path: str, value: object, parameter: str
) -> None:
    asked = order(receipt=changed(RECEIPT, path, value))
    refused(bank.ask("POST", "/payments", asked, key="k"), f"receipt.{parameter}")


def test_card_data_of_the_shop_are_refused_and_not_repeated(bank: Running) -> None:
    data = {"type": "bank_card", "card": {"number": CARD, "csc": "987"}}
    answer = bank.ask("POST", "/payments", order(payment_method_data=data), key="k")
    refused(answer, "payment_method_data.type")
    assert CARD not in answer.text


def test_what_is_no_request_at_all(bank: Running) -> None:
    refused(bank.ask("POST", "/payments", order()), "Idempotence-Key")
    refused(bank.ask("POST", "/payments", order(), key="k" * 65), "Idempotence-Key")
    refused(bank.ask("GET", "/payouts"), "", "not_found")
    refused(bank.ask("GET", "/payments?limit=101"), "limit")
    refused(bank.ask("GET", "/payments?cursor=none"), "cursor")
    refused(bank.ask("GET", "/payments?created_at.gte=yesterday"), "created_at.gte")
    url, key = f"{bank.api}/payments", {"Idempotence-Key": "k"}
    auth = (bank.bank.options.shop_id, bank.bank.options.secret_key)
    for body in (b"{", b"[]", b"[" * 100_000, b"\xff"):
        answer = bank.client.post(url, content=body, auth=auth, headers=key)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    for wrong in ({}, {"Authorization": "Basic !"}, {"Authorization": "Bearer x"}):
        answer = bank.client.get(url, headers=wrong)
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credentials")


def test_a_key_asked_at_once_makes_one_payment(bank: Running) -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(lambda _: bank.create("same")["id"], range(16)))
    assert len(ids) == 1
    assert len(bank.ask("GET", "/payments").json()["items"]) == 1


def test_a_key_brings_back_the_first_answer_for_a_day(bank: Running, payer: Payer) -> None:
    made = bank.create("same")
    payer.open(made["confirmation"]["confirmation_url"])
    payer.pay(CARD)
    assert bank.create("same") == made
    bank.fault(forward=DAY - HOUR)
    assert bank.create("same") == made
    bank.fault(forward=2 * HOUR)
    until(lambda: bank.create("same")["id"] != made["id"])


def test_a_key_of_a_refusal_is_free(bank: Running) -> None:
    assert bank.ask("POST", "/payments", order("0.10"), key="k").status_code == 400
    assert bank.create("k")["status"] == "pending"


def test_nobody_confirms_for_an_hour(bank: Running, shop: Shop, payer: Payer) -> None:
    made = bank.create()
    bank.fault(forward=HOUR - 60)
    assert bank.payment(made["id"])["status"] == "pending"
    bank.fault(forward=60)
    told = bank.payment(made["id"])
    assert told["cancellation_details"] == {
        "party": "yoo_money",
        "reason": "expired_on_confirmation",
    }
    assert "confirmation" not in told
    assert shop.wait(1) == ["payment.canceled"]
    assert "не подтвердили" in payer.open(made["confirmation"]["confirmation_url"]).text


def test_nobody_captures_for_a_week(bank: Running, shop: Shop, payer: Payer) -> None:
    made = bank.create(capture=False)
    payer.open(made["confirmation"]["confirmation_url"])
    payer.pay(CARD)
    bank.fault(forward=7 * DAY - HOUR)
    assert bank.payment(made["id"])["status"] == "waiting_for_capture"
    bank.fault(forward=HOUR)
    told = bank.payment(made["id"])
    assert told["cancellation_details"]["reason"] == "expired_on_capture"
    assert shop.wait(2) == ["payment.waiting_for_capture", "payment.canceled"]


def test_who_has_not_said_how_to_pay_chooses_on_the_page(bank: Running, payer: Payer) -> None:
    made = bank.create(payment_method_data=None)
    page = payer.open(made["confirmation"]["confirmation_url"])
    assert f"/pay/{made['id']}/card" in page.text
    assert f"/pay/{made['id']}/sbp" in page.text
    payer.open(f"/pay/{made['id']}/card")
    payer.pay(CARD)
    assert bank.payment(made["id"])["status"] == "succeeded"


def test_the_register_of_the_day(bank: Running, payer: Payer) -> None:
    paid = bank.create("k-1", "500.50")
    payer.open(paid["confirmation"]["confirmation_url"])
    payer.pay(CARD)
    other = bank.create("k-2", "100.00", metadata=None)
    payer.open(other["confirmation"]["confirmation_url"])
    payer.pay("2200000000000053")
    back = {"payment_id": paid["id"], "amount": {"value": "0.50", "currency": "RUB"}}
    refund = bank.ask("POST", "/refunds", back, key="r-1").json()
    today = bank.bank.clock.now().astimezone(ZoneInfo("Europe/Moscow")).date()
    url = f"{bank.address}/register/{today}.csv"
    assert bank.client.get(url).status_code == 401
    auth = (bank.bank.options.shop_id, bank.bank.options.secret_key)
    answer = bank.client.get(url, auth=auth)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    head, first, second = (line.split(";") for line in answer.text.splitlines())
    key = paid["metadata"]["key"]
    assert head == ["kind", "id", "payment", "order", "amount", "fee", "moment"]
    assert first[:-1] == ["payment", paid["id"], paid["id"], key, "500.50", "5.01"]
    assert second[:-1] == ["refund", refund["id"], paid["id"], key, "0.50", "0.00"]
    assert datetime.fromisoformat(first[-1]) < datetime.fromisoformat(second[-1])
    assert bank.client.get(f"{bank.address}/register/today.csv", auth=auth).status_code == 404
    empty = bank.client.get(f"{bank.address}/register/2020-02-29.csv", auth=auth)
    assert empty.text.splitlines() == [";".join(head)]
