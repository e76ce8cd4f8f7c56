"""What T-Bank is asked, word by word."""

from dataclasses import replace
from uuid import uuid4

import pytest
from pydantic import SecretStr
from tesweb_tbank.gateway import TBankWithCards, of
from tesweb_tbank.settings import TBankSettings

from tests.plugins.tbank.conftest import Build
from tests.plugins.tbank.double import ORIGIN, PASSWORD, TERMINAL, Body, Double
from tesweb.api import Kopecks
from tesweb.api import payments as p

ITEM = {
    "Quantity": 1,
    "Tax": "vat122",
    "PaymentMethod": "full_payment",
    "PaymentObject": "service",
}
FIRST = ITEM | {"Name": "Электроэнергия, счёт 720400000001", "Price": 100005, "Amount": 100005}
SECOND = ITEM | {"Name": "Электроэнергия, счёт 720400000002", "Price": 23400, "Amount": 23400}
RECEIPT = {
    "FfdVersion": "1.05",
    "Taxation": "osn",
    "Email": "payer@example.ru",
    "Items": [FIRST, SECOND],
}


def told(double: Double, place: int = -1) -> tuple[str, Body]:
    """A request without what every one of them has."""
    method, body = double.asked[place]
    assert body["TerminalKey"] == TERMINAL
    return method, {name: body[name] for name in body if name not in {"TerminalKey", "Token"}}


def test_a_payment_by_card(gateway: TBankWithCards, double: Double, order: p.Order) -> None:
    started = gateway.start(order)
    assert started.step == p.Redirect(f"{ORIGIN}/new/{started.reference}")
    assert [method for method, _ in double.asked] == ["Init"]
    assert told(double)[1] == {
        "Amount": 123405,
        "OrderId": str(order.key),
        "Description": "Электроэнергия, лицевой счёт 720400000001",
        "PayType": "O",
        "NotificationURL": "https://lk.example.ru/pay/tbank/notify",
        "SuccessURL": "https://lk.example.ru/pay/back/abc",
        "FailURL": "https://lk.example.ru/pay/back/abc",
        "RedirectDueDate": "2026-11-20T11:00:00+03:00",
        "Receipt": RECEIPT,
    }


def test_sbp_is_a_code_of_ours(gateway: TBankWithCards, double: Double, order: p.Order) -> None:
    started = gateway.start(replace(order, way=p.Way.SBP, remember=True))
    assert isinstance(started.step, p.Code)
    assert started.step.link.startswith("https://qr.nspk.ru/")
    assert "Recurrent" not in double.asked[0][1]
    assert told(double) == ("GetQr", {"PaymentId": started.reference, "DataType": "PAYLOAD"})


def test_a_card_is_remembered_when_the_payer_asks_for_it(
    gateway: TBankWithCards, double: Double, order: p.Order
) -> None:
    order = replace(order, remember=True)
    order = replace(order, reference=gateway.start(order).reference)
    body = told(double)[1]
    assert (body["Recurrent"], body["CustomerKey"]) == ("Y", str(order.key))
    assert body["DATA"] == {"OperationInitiatorType": "1"}
    double.pay(str(order.reference))
    card = gateway.report(order).card
    assert card is not None
    assert (card.brand, card.last4) == ("mir", "0004")
    assert card.token not in repr(card)


def test_a_card_that_the_terminal_may_not_keep_is_not_asked_for(
    double: Double, order: p.Order
) -> None:
    gateway = of(
        TBankSettings(
            terminal_key=TERMINAL,
            password=SecretStr(PASSWORD),
            api=double.api,
            origins=(ORIGIN,),
            saves_cards=False,
        )
    )
    order = replace(order, remember=True)
    order = replace(order, reference=gateway.start(order).reference)
    double.pay(str(order.reference))
    assert gateway.report(order).card is None
    assert [method for method, _ in double.asked] == ["Init", "GetState"]
    assert "Recurrent" not in double.asked[0][1]


def test_a_charge_is_made_and_then_charged(
    gateway: TBankWithCards, double: Double, order: p.Order
) -> None:
    double.cards["900000"] = {"customer": "c"}
    reference = gateway.charge(order, p.SavedCard("900000/c/1"))
    first, second = told(double, 0), told(double, 1)
    assert first[0] == "Init"
    assert first[1]["DATA"] == {"OperationInitiatorType": "R"}
    assert "SuccessURL" not in first[1]
    assert second == ("Charge", {"PaymentId": reference, "RebillId": "900000"})


def test_a_card_is_forgotten(gateway: TBankWithCards, double: Double) -> None:
    gateway.forget(p.SavedCard("900000/c/70001"))
    assert told(double) == ("RemoveCard", {"CardId": "70001", "CustomerKey": "c"})


@pytest.mark.parametrize(
    ("amount", "items"),
    [
        (234_00, [SECOND]),
        (1000_06, [FIRST, SECOND | {"Price": 1, "Amount": 1}]),
        (1_00, [FIRST | {"Price": 100, "Amount": 100}]),
    ],
)
def test_a_part_that_goes_back_has_a_receipt(
    gateway: TBankWithCards, double: Double, order: p.Order, amount: int, items: list[Body]
) -> None:
    order, key = replace(order, reference=gateway.start(order).reference), uuid4()
    double.pay(str(order.reference))
    gateway.refund(order, key, Kopecks(amount))
    assert told(double) == (
        "Cancel",
        {
            "PaymentId": order.reference,
            "Amount": amount,
            "ExternalRequestId": str(key),
            "Receipt": RECEIPT | {"Items": items},
        },
    )


def test_all_of_it_goes_back_without_one(
    gateway: TBankWithCards, double: Double, order: p.Order
) -> None:
    order = replace(order, reference=gateway.start(order).reference)
    double.pay(str(order.reference))
    gateway.refund(order, uuid4(), order.amount)
    assert "Receipt" not in told(double)[1]


def test_a_till_of_the_newer_format(build: Build, double: Double, order: p.Order) -> None:
    build(receipts="1.2", taxation="usn_income").start(replace(order, contact="+79123456789"))
    receipt = told(double)[1]["Receipt"]
    assert (receipt["FfdVersion"], receipt["Taxation"]) == ("1.2", "usn_income")
    assert receipt["Phone"] == "+79123456789"
    assert receipt["Items"] == [
        FIRST | {"MeasurementUnit": "шт"},
        SECOND | {"MeasurementUnit": "шт"},
    ]


def test_no_till_no_receipt(build: Build, double: Double, order: p.Order) -> None:
    build(receipts="").start(order)
    assert "Receipt" not in told(double)[1]


@pytest.mark.parametrize(
    ("vat", "tax"),
    [
        ("none", "none"),
        ("0", "vat0"),
        ("10", "vat10"),
        ("20", "vat20"),
        ("22", "vat22"),
        ("10/110", "vat110"),
        ("20/120", "vat120"),
        ("22/122", "vat122"),
    ],
)
def test_each_rate_of_vat_has_its_word(
    gateway: TBankWithCards, double: Double, order: p.Order, vat: str, tax: str
) -> None:
    gateway.start(replace(order, lines=(p.Line("Т", order.amount, p.Vat(vat)),)))
    assert told(double)[1]["Receipt"]["Items"][0]["Tax"] == tax
