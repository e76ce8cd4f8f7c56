"""What is made of T-Bank's answers."""

import json
from dataclasses import replace
from uuid import uuid4

import pytest
from tesweb_tbank.gateway import TBankWithCards

from tests.plugins.tbank.double import Double, error
from tesweb.api import Kopecks
from tesweb.api import payments as p
from tesweb.payments.gateways import Teller

S = p.BankState


@pytest.fixture
def made(gateway: TBankWithCards, order: p.Order) -> p.Order:
    return replace(order, reference=gateway.start(order).reference)


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("NEW", (S.PENDING, 0)),
        ("FORM_SHOWED", (S.PENDING, 0)),
        ("PREAUTHORIZING", (S.PENDING, 0)),
        ("AUTHORIZING", (S.PENDING, 0)),
        ("3DS_CHECKING", (S.PENDING, 0)),
        ("3DS_CHECKED", (S.PENDING, 0)),
        ("AUTHORIZED", (S.HELD, 0)),
        ("CONFIRMING", (S.HELD, 0)),
        ("REVERSING", (S.HELD, 0)),
        ("PARTIAL_REVERSED", (S.HELD, 0)),
        ("CONFIRMED", (S.PAID, 1234_05)),
        ("REJECTED", (S.FAILED, 0)),
        ("AUTH_FAIL", (S.FAILED, 0)),
        ("CANCELED", (S.CANCELED, 0)),
        ("REVERSED", (S.CANCELED, 0)),
        ("DEADLINE_EXPIRED", (S.EXPIRED, 0)),
    ],
)
def test_each_status_is_a_state(
    gateway: TBankWithCards, double: Double, made: p.Order, status: str, told: tuple[S, int]
) -> None:
    double.move(str(made.reference), status)
    report = gateway.report(made)
    assert (report.state, report.paid, report.refunded) == (*told, 0)


@pytest.mark.parametrize("status", ["REFUNDING", "ASYNC_REFUNDING", "SOMETHING_NEW", ""])
def test_a_status_between_or_unheard_of_is_asked_for_again(
    gateway: TBankWithCards, double: Double, made: p.Order, status: str
) -> None:
    double.move(str(made.reference), status)
    with pytest.raises(p.Unclear):
        gateway.report(made)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("1051", p.Reason.NOT_ENOUGH_MONEY),
        ("116", p.Reason.NOT_ENOUGH_MONEY),
        ("1014", p.Reason.WRONG_NUMBER),
        ("1082", p.Reason.WRONG_CODE),
        ("1054", p.Reason.CARD_EXPIRED),
        ("101", p.Reason.NOT_CONFIRMED),
        ("1001", p.Reason.CALL_BANK),
        ("1061", p.Reason.LIMIT_REACHED),
        ("1057", p.Reason.CARD_RESTRICTED),
        ("76", p.Reason.COUNTRY_FORBIDDEN),
        ("1059", p.Reason.FRAUD_SUSPECTED),
        ("1096", p.Reason.BANK_UNAVAILABLE),
        ("104", p.Reason.PERMISSION_REVOKED),
        ("5062", p.Reason.LIMIT_REACHED),
        ("99", p.Reason.DECLINED),
        ("0", p.Reason.DECLINED),
        ("424242", p.Reason.DECLINED),
    ],
)
def test_each_code_is_a_reason(
    gateway: TBankWithCards, double: Double, made: p.Order, code: str, reason: p.Reason
) -> None:
    double.move(str(made.reference), "REJECTED", code)
    assert gateway.report(made).reason is reason


def test_a_part_that_went_back_twice_is_told_in_totals(
    gateway: TBankWithCards, double: Double, made: p.Order
) -> None:
    double.pay(str(made.reference))
    for count in (1, 2):
        gateway.refund(made, uuid4(), Kopecks(100_00))
        report = gateway.report(made)
        assert (report.paid, report.refunded) == (1234_05, count * 100_00)
    gateway.refund(made, uuid4(), Kopecks(1034_05))
    report = gateway.report(made)
    assert (report.state, report.paid, report.refunded) == (S.PAID, 1234_05, 1234_05)


@pytest.mark.parametrize("left", [1234_05, 0, 1234_06])
def test_a_part_of_no_known_size_is_asked_for_again(
    gateway: TBankWithCards, double: Double, made: p.Order, left: int
) -> None:
    double.move(str(made.reference), "PARTIAL_REFUNDED", amount=left)
    with pytest.raises(p.Unclear):
        gateway.report(made)


def test_money_that_is_held_is_not_given_back(
    gateway: TBankWithCards, double: Double, made: p.Order
) -> None:
    double.move(str(made.reference), "AUTHORIZED")
    with pytest.raises(p.Refused):
        gateway.refund(made, uuid4(), Kopecks(1_00))
    assert "Cancel" not in [method for method, _ in double.asked]


def test_of_two_payments_of_an_order_the_further_one_counts(
    gateway: TBankWithCards, double: Double, made: p.Order
) -> None:
    double.payments["99999"] = double.payments[str(made.reference)] | {"PaymentId": "99999"}
    double.move(str(made.reference), "REJECTED", "1051")
    double.move("99999", "CONFIRMED")
    report = gateway.report(replace(made, reference=None))
    assert (report.reference, report.state) == ("99999", S.PAID)
    double.move(str(made.reference), "CONFIRMED")
    with pytest.raises(p.Unclear):
        gateway.report(replace(made, reference=None))


@pytest.mark.parametrize(
    "other",
    [
        {"OrderId": "theirs"},
        {"OrderId": None},
        {"Amount": 1234.05},
        {"Amount": "123405"},
        {"Amount": -1},
        {"Amount": True},
        {"Amount": None},
        {"PaymentId": "7"},
        {"PaymentId": None},
        {"PaymentId": True},
        {"PaymentId": "../1"},
    ],
)
def test_a_payment_that_makes_no_sense_is_unclear(
    gateway: TBankWithCards, double: Double, made: p.Order, other: dict[str, object]
) -> None:
    sane = {
        "Success": True,
        "ErrorCode": "0",
        "Status": "CONFIRMED",
        "OrderId": str(made.key),
        "PaymentId": made.reference,
        "Amount": 1234_05,
    }
    double.answers = [(200, json.dumps(one).encode()) for one in (sane, sane | other)]
    assert gateway.report(made).paid == made.amount
    with pytest.raises(p.Unclear):
        gateway.report(made)


@pytest.mark.parametrize("answer", [[], {}, error("9999"), error("204"), error("")])
def test_an_answer_about_something_else_is_unclear(
    gateway: TBankWithCards, double: Double, made: p.Order, answer: object
) -> None:
    double.answers = [(200, json.dumps(answer).encode())]
    with pytest.raises(p.Unclear):
        gateway.report(made)


@pytest.mark.parametrize("page", ["https://evil.example/new/1", "javascript:alert(1)", "//x"])
def test_a_payer_is_sent_nowhere_else(
    gateway: TBankWithCards, double: Double, order: p.Order, page: str
) -> None:
    answer = {
        "Success": True,
        "ErrorCode": "0",
        "Status": "NEW",
        "PaymentId": "1",
        "OrderId": str(order.key),
        "PaymentURL": page,
    }
    double.answers = [(200, json.dumps(answer).encode())]
    with pytest.raises(p.Unclear, match="origins"):
        Teller(gateway).start(order)


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (error("335"), p.Unknown),
        (error("255"), p.Unknown),
        (error("7", "Заказ не найден."), p.Unclear),
        ({"Success": True, "ErrorCode": "0", "Payments": []}, p.Unknown),
        (error("205", "Указанный терминал не найден"), p.Unclear),
        (error("501", "Терминал не найден"), p.Unclear),
        (error("9999"), p.Unclear),
        ({"Success": True, "ErrorCode": "0"}, p.Unclear),
        ({"Success": True, "ErrorCode": "0", "Payments": [7]}, p.Unclear),
    ],
)
def test_only_a_bank_that_is_sure_has_no_such_order(
    gateway: TBankWithCards,
    double: Double,
    order: p.Order,
    answer: object,
    wanted: type[p.GatewayError],
) -> None:
    double.answers = [(200, json.dumps(answer).encode())]
    with pytest.raises(wanted):
        gateway.report(order)
