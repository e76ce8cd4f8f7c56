"""YooKassa's own library works against this bank unchanged."""

from uuid import uuid4

import pytest
from yookassa import Configuration, Payment, Receipt, Refund, Settings
from yookassa.domain.exceptions import (
    BadRequestError,
    NotFoundError,
    UnauthorizedError,
)
from yookassa.domain.notification import WebhookNotificationFactory

from tests.plugins.sandbox_bank.support import BACK, SECRET, SHOP, Body, Payer, Running, Shop, order
from tests.plugins.sandbox_bank.support import until as wait_until

pytestmark = pytest.mark.usefixtures("sdk")
CARD = "4111111111111111"
RECEIPT: Body = {
    "customer": {"email": "payer@example.ru"},
    "items": [
        {
            "description": "Электроэнергия",
            "quantity": "1.00",
            "amount": {"value": "500.00", "currency": "RUB"},
            "vat_code": 11,
            "payment_subject": "service",
            "payment_mode": "full_payment",
            "measure": "piece",
        }
    ],
    "tax_system_code": 1,
}
UTILITIES: Body = {
    "type": "utilities",
    "amount": {"value": "500.00", "currency": "RUB"},
    "payment_purpose": "Электроэнергия, лицевой счёт 720400000001",
    "recipient": {
        "name": "ООО «Энергия»",
        "inn": "7203000001",
        "kpp": "720301001",
        "bank": {
            "name": "Банк",
            "bic": "047102651",
            "account": "40702810000000000001",
            "correspondent_account": "30101810800000000651",
        },
    },
    "kbk": "0",
    "oktmo": "0",
    "payment_period": {"month": 10, "year": 2026},
    "account_number": "720400000001",
}


def test_the_whole_life_of_a_payment(shop: Shop, payer: Payer) -> None:
    asked = order(receipt=RECEIPT, payment_order=UTILITIES, merchant_customer_id="tesweb-5")
    made = Payment.create(asked, str(uuid4()))
    assert (made.status, made.paid, made.test) == ("pending", False, True)
    assert made.confirmation.return_url == BACK
    assert made.metadata["key"] == asked["metadata"]["key"]
    payer.open(made.confirmation.confirmation_url)
    payer.pay(CARD)
    told = Payment.find_one(made.id)
    assert (told.status, told.paid, told.refundable) == ("succeeded", True, True)
    assert (told.amount.value, told.income_amount.value) == (500, 495)
    assert told.payment_method.card.last4 == "1111"
    assert told.merchant_customer_id == "tesweb-5"
    shop.wait(1)
    notice = WebhookNotificationFactory().create(shop.got[0])
    assert (notice.event, notice.object.id) == ("payment.succeeded", made.id)
    wait_until(lambda: Payment.find_one(made.id).receipt_registration == "succeeded")
    (receipt,) = Receipt.list({"payment_id": made.id}).items
    assert (receipt.type, receipt.status) == ("payment", "succeeded")
    assert receipt.fiscal_document_number
    assert receipt.fiscal_storage_number
    assert receipt.fiscal_attribute
    assert receipt.registered_at
    assert Receipt.find_one(receipt.id).payment_id == made.id


def test_two_stages(payer: Payer, shop: Shop) -> None:
    made = [Payment.create(order(capture=False), str(uuid4())) for _ in range(3)]
    for one in made:
        payer.open(one.confirmation.confirmation_url)
        payer.pay(CARD)
        held = Payment.find_one(one.id)
        assert (held.status, held.paid) == ("waiting_for_capture", True)
        assert held.expires_at
    whole, part, none = (one.id for one in made)
    assert Payment.capture(whole, idempotency_key="c-1").status == "succeeded"
    some = Payment.capture(part, {"amount": {"value": "300.00", "currency": "RUB"}}, "c-2")
    assert (some.status, some.amount.value) == ("succeeded", 300)
    gone = Payment.cancel(none, "c-3")
    assert (gone.status, gone.paid) == ("canceled", False)
    assert gone.cancellation_details.party == "merchant"
    assert gone.cancellation_details.reason == "canceled_by_merchant"
    shop.wait(6)
    with pytest.raises(BadRequestError):
        Payment.capture(none, idempotency_key="c-4")
    with pytest.raises(BadRequestError):
        Payment.cancel(whole, "c-5")


def test_refunds_in_parts_and_never_too_much(payer: Payer, shop: Shop) -> None:
    made = Payment.create(order(), str(uuid4()))
    back = {"payment_id": made.id, "amount": {"value": "200.00", "currency": "RUB"}}
    with pytest.raises(BadRequestError):
        Refund.create(back, "r-0")
    payer.open(made.confirmation.confirmation_url)
    payer.pay(CARD)
    first = Refund.create(back, "r-1")
    assert (first.status, first.amount.value) == ("succeeded", 200)
    assert Refund.create(back, "r-1").id == first.id
    second = Refund.create(back, "r-2")
    assert second.id != first.id
    with pytest.raises(BadRequestError):
        Refund.create(back, "r-3")
    told = Payment.find_one(made.id)
    assert (told.refunded_amount.value, told.refundable) == (400, True)
    assert {one.id for one in Refund.list({"payment_id": made.id}).items} == {first.id, second.id}
    assert Refund.find_one(first.id).payment_id == made.id
    back["amount"] = {"value": "100.00", "currency": "RUB"}
    receipt = RECEIPT | {"items": [RECEIPT["items"][0] | {"amount": back["amount"]}]}
    third = Refund.create(back | {"receipt": receipt}, "r-4")
    assert third.receipt_registration == "pending"
    assert Payment.find_one(made.id).refundable is False
    assert sorted(shop.wait(4)) == ["payment.succeeded", *["refund.succeeded"] * 3]
    wait_until(lambda: Refund.find_one(third.id).receipt_registration == "succeeded")
    with pytest.raises(NotFoundError):
        Refund.create(back | {"payment_id": str(uuid4())}, "r-5")


def test_a_receipt_apart_from_its_payment(payer: Payer) -> None:
    made = Payment.create(order(), str(uuid4()))
    payer.open(made.confirmation.confirmation_url)
    payer.pay(CARD)
    asked = RECEIPT | {
        "type": "payment",
        "payment_id": made.id,
        "send": True,
        "settlements": [{"type": "cashless", "amount": {"value": "500.00", "currency": "RUB"}}],
    }
    receipt = Receipt.create(asked, "rt-1")
    assert (receipt.type, receipt.payment_id, receipt.status) == ("payment", made.id, "pending")
    wait_until(lambda: Receipt.find_one(receipt.id).status == "succeeded")


def test_lists_by_time_and_by_pages() -> None:
    ids = [Payment.create(order(), f"l-{number}").id for number in range(5)]
    seen: list[str] = []
    asked: Body = {"limit": 2, "created_at.gte": "2020-01-01T00:00:00.000Z"}
    while True:
        page = Payment.list(asked)
        seen += [one.id for one in page.items]
        if not page.next_cursor:
            break
        asked["cursor"] = page.next_cursor
    assert seen == ids[::-1]
    middle = Payment.find_one(ids[2]).created_at
    assert [one.id for one in Payment.list({"created_at.gte": middle}).items] == ids[:1:-1]
    assert [one.id for one in Payment.list({"created_at.gt": middle}).items] == ids[:2:-1]
    assert [one.id for one in Payment.list({"created_at.lte": middle}).items] == ids[2::-1]
    assert [one.id for one in Payment.list({"created_at.lt": middle}).items] == ids[1::-1]
    assert Payment.list({"status": "succeeded"}).items == []


def test_the_shop_and_a_stranger(bank: Running) -> None:
    me = Settings.get_account_settings()
    assert (me.account_id, me.status, me.test) == (SHOP, "enabled", True)
    assert {"bank_card", "sbp"} <= set(me.payment_methods)
    Configuration.configure(SHOP, SECRET + "x", api_url=bank.api)
    with pytest.raises(UnauthorizedError):
        Settings.get_account_settings()
    Configuration.configure(SHOP, SECRET, api_url=bank.api)
    with pytest.raises(NotFoundError):
        Payment.find_one(str(uuid4()))


def test_the_same_key_is_the_same_payment() -> None:
    asked, key = order(), str(uuid4())
    made = Payment.create(asked, key)
    assert Payment.create(asked, key).id == made.id
    with pytest.raises(BadRequestError) as refused:
        Payment.create(asked | {"description": "Другое"}, key)
    assert refused.value.content["code"] == "invalid_request"
    assert refused.value.content["parameter"] == "Idempotence-Key"
    assert len(Payment.list().items) == 1
