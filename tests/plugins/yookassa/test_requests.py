"""What YooKassa is asked, word by word."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from tesweb_yookassa.gateway import YooKassaWithCards

from tests.plugins.yookassa.conftest import Build
from tests.plugins.yookassa.double import Double
from tesweb.api import Kopecks
from tesweb.api import payments as p

ITEM = {
    "quantity": "1.00",
    "measure": "piece",
    "vat_code": 12,
    "payment_subject": "service",
    "payment_mode": "full_payment",
}
FIRST = ITEM | {
    "description": "Электроэнергия, счёт 720400000001",
    "amount": {"value": "1000.05", "currency": "RUB"},
}
SECOND = ITEM | {
    "description": "Электроэнергия, счёт 720400000002",
    "amount": {"value": "234.00", "currency": "RUB"},
}


def test_a_payment_by_card(gateway: YooKassaWithCards, double: Double, order: p.Order) -> None:
    gateway.start(order)
    (asked,) = double.asked
    assert (asked.method, asked.path) == ("POST", "/v3/payments")
    assert asked.headers["idempotence-key"] == str(order.key)
    assert asked.headers["content-type"] == "application/json"
    assert asked.body == {
        "amount": {"value": "1234.05", "currency": "RUB"},
        "capture": True,
        "confirmation": {"type": "redirect", "return_url": "https://lk.example.ru/pay/back/abc"},
        "payment_method_data": {"type": "bank_card"},
        "description": "Электроэнергия, лицевой счёт 720400000001",
        "metadata": {"key": str(order.key), "number": "17"},
        "merchant_customer_id": "tesweb-5",
        "receipt": {"customer": {"email": "payer@example.ru"}, "items": [FIRST, SECOND]},
    }


def test_a_payment_by_sbp_goes_by_the_banks_page_too(
    gateway: YooKassaWithCards, double: Double, order: p.Order
) -> None:
    started = gateway.start(replace(order, way=p.Way.SBP, remember=True, customer=""))
    body = double.asked[0].body
    assert body["payment_method_data"] == {"type": "sbp"}
    assert body["confirmation"]["type"] == "redirect"
    assert "save_payment_method" not in body
    assert "merchant_customer_id" not in body
    assert isinstance(started.step, p.Redirect)


def test_a_card_is_remembered_when_the_payer_asks_for_it(
    gateway: YooKassaWithCards, double: Double, order: p.Order
) -> None:
    gateway.start(replace(order, remember=True))
    assert double.asked[0].body["save_payment_method"] is True


def test_utilities_travel_with_a_payment_for_one_account(
    gateway: YooKassaWithCards, double: Double, order: p.Order
) -> None:
    payee = p.Payee(
        name="АО «Энергосбыт»",
        inn="7203162698",
        kpp="720301001",
        bank="ЗАПАДНО-СИБИРСКОЕ ОТДЕЛЕНИЕ №8647 ПАО СБЕРБАНК",
        bic="047102651",
        account="40702810167100012345",
        correspondent_account="30101810800000000651",
        oktmo="71701000",
    )
    utilities = p.Utilities(payee, "720400000001", date(2026, 10, 1), "Электроэнергия " * 20)
    gateway.start(replace(order, utilities=utilities))
    told = double.asked[0].body["payment_order"]
    purpose = told.pop("payment_purpose")
    assert len(purpose) == 210
    assert told == {
        "type": "utilities",
        "amount": {"value": "1234.05", "currency": "RUB"},
        "recipient": {
            "name": "АО «Энергосбыт»",
            "inn": "7203162698",
            "kpp": "720301001",
            "bank": {
                "name": "ЗАПАДНО-СИБИРСКОЕ ОТДЕЛЕНИЕ №8647 ПАО СБЕРБАН",
                "bic": "047102651",
                "account": "40702810167100012345",
                "correspondent_account": "30101810800000000651",
            },
        },
        "kbk": "0",
        "oktmo": "71701000",
        "payment_period": {"month": 10, "year": 2026},
        "account_number": "720400000001",
    }


def test_a_receipt_to_a_phone_with_a_system_of_taxation(
    build: Build, double: Double, order: p.Order
) -> None:
    build(tax_system=2).start(replace(order, contact="+79123456789"))
    receipt = double.asked[0].body["receipt"]
    assert receipt["customer"] == {"phone": "79123456789"}
    assert receipt["tax_system_code"] == 2


@pytest.mark.parametrize(
    ("vat", "code"),
    [
        ("none", 1),
        ("0", 2),
        ("10", 3),
        ("20", 4),
        ("10/110", 5),
        ("20/120", 6),
        ("22", 11),
        ("22/122", 12),
    ],
)
def test_each_rate_of_vat_has_its_code(
    gateway: YooKassaWithCards, double: Double, order: p.Order, vat: str, code: int
) -> None:
    gateway.start(replace(order, lines=(p.Line("Т", order.amount, p.Vat(vat)),)))
    assert double.asked[0].body["receipt"]["items"][0]["vat_code"] == code


def test_a_charge_of_a_saved_card(
    gateway: YooKassaWithCards, double: Double, order: p.Order
) -> None:
    double.cards["pm-1"] = None
    reference = gateway.charge(order, p.SavedCard("pm-1"))
    assert double.payments[reference]["status"] == "succeeded"
    assert double.asked[0].headers["idempotence-key"] == str(order.key)
    assert double.asked[0].body == {
        "amount": {"value": "1234.05", "currency": "RUB"},
        "capture": True,
        "payment_method_id": "pm-1",
        "description": "Электроэнергия, лицевой счёт 720400000001",
        "metadata": {"key": str(order.key), "number": "17"},
        "merchant_customer_id": "tesweb-5",
        "receipt": {"customer": {"email": "payer@example.ru"}, "items": [FIRST, SECOND]},
    }


@pytest.mark.parametrize(
    ("amount", "items"),
    [
        (1234_05, [FIRST, SECOND]),
        (234_00, [SECOND]),
        (1000_06, [FIRST, SECOND | {"amount": {"value": "0.01", "currency": "RUB"}}]),
        (1_00, [FIRST | {"amount": {"value": "1.00", "currency": "RUB"}}]),
    ],
)
def test_a_refund_has_a_key_and_a_receipt_of_its_own(
    gateway: YooKassaWithCards,
    double: Double,
    order: p.Order,
    amount: int,
    items: list[dict[str, object]],
) -> None:
    reference, key = gateway.start(order).reference, uuid4()
    double.pay(reference)
    gateway.refund(replace(order, reference=reference), key, Kopecks(amount))
    asked = double.asked[1]
    assert (asked.path, asked.headers["idempotence-key"]) == ("/v3/refunds", str(key))
    assert asked.body == {
        "payment_id": reference,
        "amount": {"value": f"{amount / 100:.2f}", "currency": "RUB"},
        "metadata": {"key": str(order.key), "number": "17"},
        "receipt": {"customer": {"email": "payer@example.ru"}, "items": items},
    }


def test_a_card_is_forgotten_without_a_word_to_the_bank(
    gateway: YooKassaWithCards, double: Double
) -> None:
    gateway.forget(p.SavedCard("pm-1"))
    assert double.asked == []


def test_a_payment_is_asked_for_by_its_number(
    gateway: YooKassaWithCards, double: Double, order: p.Order
) -> None:
    reference = gateway.start(order).reference
    gateway.report(replace(order, reference=reference))
    asked = double.asked[1]
    assert (asked.method, asked.path, asked.query) == ("GET", f"/v3/payments/{reference}", {})


def test_a_payment_without_a_number_is_looked_for_around_its_time(
    gateway: YooKassaWithCards, double: Double, order: p.Order
) -> None:
    reference = gateway.start(order).reference
    assert gateway.report(order).reference == reference
    asked = double.asked[1]
    assert asked.path == "/v3/payments"
    assert asked.query["limit"] == "100"
    assert asked.query["created_at.gte"] < double.payments[reference]["created_at"]
    assert asked.query["created_at.lt"] > double.payments[reference]["created_at"]


def test_every_page_of_the_list_is_turned(
    gateway: YooKassaWithCards, double: Double, order: p.Order
) -> None:
    first = gateway.start(order).reference
    for _ in range(4):
        gateway.start(replace(order, key=uuid4()))
    double.page = 2
    assert gateway.report(order).reference == first
    with pytest.raises(p.Unknown):
        gateway.report(replace(order, key=uuid4()))


def test_a_list_that_breaks_off_proves_nothing(
    gateway: YooKassaWithCards, double: Double, order: p.Order
) -> None:
    gateway.start(order)
    gateway.start(replace(order, key=uuid4()))
    double.page = 1
    double.faults = ["", "500"]
    with pytest.raises(p.Unclear):
        gateway.report(replace(order, key=uuid4()))
