"""What YooKassa's answers come to."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from tesweb_yookassa.gateway import YooKassaWithCards

from tests.plugins.yookassa.conftest import Build
from tests.plugins.yookassa.double import ORIGIN, Double
from tesweb.api import Kopecks
from tesweb.api import payments as p
from tesweb.payments.gateways import Teller


@pytest.fixture
def started(gateway: YooKassaWithCards, order: p.Order) -> p.Order:
    """An order that YooKassa has."""
    return replace(order, reference=gateway.start(order).reference)


def test_a_started_payment_has_a_page_and_an_end(
    gateway: YooKassaWithCards, order: p.Order
) -> None:
    started = gateway.start(order)
    assert started.step == p.Redirect(f"{ORIGIN}/contract?orderId={started.reference}")
    assert started.expires_at is not None
    assert started.expires_at > order.placed_at


def test_a_payment_that_is_decided_already_leads_back_to_us(
    gateway: YooKassaWithCards, double: Double, started: p.Order
) -> None:
    double.pay(str(started.reference))
    again = gateway.start(started)
    assert again == p.Started(str(started.reference), p.Redirect(started.return_url))


def test_a_page_elsewhere_is_never_gone_to(build: Build, order: p.Order) -> None:
    with pytest.raises(p.Unclear, match=r"bank\.example"):
        Teller(build(origins=("https://yoomoney.ru",))).start(order)


def test_a_key_that_was_used_with_other_settings_is_looked_up(
    build: Build, double: Double, started: p.Order
) -> None:
    again = build(tax_system=2).start(started)
    assert again.reference == started.reference
    assert len(double.payments) == 1


def test_a_paid_one(gateway: YooKassaWithCards, double: Double, started: p.Order) -> None:
    double.pay(str(started.reference))
    report = gateway.report(started)
    assert (report.state, report.paid, report.refunded) == (p.BankState.PAID, 1234_05, 0)
    assert (report.currency, report.reference) == ("RUB", started.reference)
    assert report.card == p.SavedCard("", "mir", "0004")
    assert report.fiscal == p.Fiscal(p.FiscalState.PENDING)


def test_a_saved_card_has_its_token(
    gateway: YooKassaWithCards, double: Double, order: p.Order
) -> None:
    asked = replace(order, remember=True)
    reference = gateway.start(asked).reference
    double.pay(reference)
    report = gateway.report(replace(asked, reference=reference))
    assert report.card == p.SavedCard("pm-1", "mir", "0004")


def test_the_receipts_numbers(gateway: YooKassaWithCards, double: Double, started: p.Order) -> None:
    double.pay(str(started.reference))
    double.register(str(started.reference))
    assert gateway.report(started).fiscal == p.Fiscal(
        p.FiscalState.SUCCEEDED,
        "3986",
        "9288000100115785",
        "2617603921",
        datetime(2026, 10, 7, 10, 6, 42, 985_000, UTC),
    )
    assert double.asked[-1].query == {"payment_id": started.reference, "limit": "100"}


@pytest.mark.parametrize("other", [{"type": "refund"}, {"status": "pending"}])
def test_a_receipt_without_its_numbers_is_on_its_way(
    gateway: YooKassaWithCards, double: Double, started: p.Order, other: dict[str, str]
) -> None:
    double.pay(str(started.reference))
    double.register(str(started.reference), **other)
    assert gateway.report(started).fiscal == p.Fiscal(p.FiscalState.PENDING)


def test_money_counts_though_its_receipt_cannot_be_asked_for(
    gateway: YooKassaWithCards, double: Double, started: p.Order
) -> None:
    double.pay(str(started.reference))
    double.register(str(started.reference))
    double.faults = ["", "500"]
    report = gateway.report(started)
    assert (report.paid, report.fiscal) == (1234_05, p.Fiscal(p.FiscalState.PENDING))


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ("3d_secure_failed", p.Reason.NOT_CONFIRMED),
        ("call_issuer", p.Reason.CALL_BANK),
        ("card_expired", p.Reason.CARD_EXPIRED),
        ("country_forbidden", p.Reason.COUNTRY_FORBIDDEN),
        ("fraud_suspected", p.Reason.FRAUD_SUSPECTED),
        ("general_decline", p.Reason.DECLINED),
        ("identification_required", p.Reason.LIMIT_REACHED),
        ("insufficient_funds", p.Reason.NOT_ENOUGH_MONEY),
        ("internal_timeout", p.Reason.BANK_UNAVAILABLE),
        ("invalid_card_number", p.Reason.WRONG_NUMBER),
        ("invalid_csc", p.Reason.WRONG_CODE),
        ("issuer_unavailable", p.Reason.BANK_UNAVAILABLE),
        ("payment_method_limit_exceeded", p.Reason.LIMIT_REACHED),
        ("payment_method_restricted", p.Reason.CARD_RESTRICTED),
        ("permission_revoked", p.Reason.PERMISSION_REVOKED),
        ("something_new", p.Reason.DECLINED),
    ],
)
def test_a_failed_one_has_its_reason(
    gateway: YooKassaWithCards,
    double: Double,
    started: p.Order,
    told: str,
    reason: p.Reason,
) -> None:
    double.cancel(str(started.reference), told)
    report = gateway.report(started)
    assert (report.state, report.reason, report.paid) == (p.BankState.FAILED, reason, 0)


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ("expired_on_confirmation", p.BankState.EXPIRED),
        ("expired_on_capture", p.BankState.EXPIRED),
        ("canceled_by_merchant", p.BankState.CANCELED),
    ],
)
def test_one_that_nobody_paid(
    gateway: YooKassaWithCards, double: Double, started: p.Order, told: str, state: p.BankState
) -> None:
    double.cancel(str(started.reference), told)
    assert gateway.report(started).state is state


def test_one_that_waits(gateway: YooKassaWithCards, double: Double, started: p.Order) -> None:
    assert gateway.report(started).state is p.BankState.PENDING
    double.payments[str(started.reference)]["status"] = "waiting_for_capture"
    assert gateway.report(started).state is p.BankState.HELD


@pytest.mark.parametrize(
    "change",
    [
        {"status": "astonishing"},
        {"status": None},
        {"id": "another"},
        {"metadata": {"key": str(uuid4())}},
        {"paid": False},
        {"amount": {"value": 1234.05, "currency": "RUB"}},
        {"amount": {"value": "1234.055", "currency": "RUB"}},
        {"amount": {"value": "1e3", "currency": "RUB"}},
        {"amount": {"value": "-1.00", "currency": "RUB"}},
        {"amount": {"value": "1234.05"}},
        {"amount": "1234.05"},
        {"refunded_amount": {"value": "x"}},
    ],
)
def test_what_makes_no_sense_is_unclear(
    gateway: YooKassaWithCards, double: Double, started: p.Order, change: dict[str, Any]
) -> None:
    double.pay(str(started.reference))
    payment = double.payments[str(started.reference)] | change
    double.answers = [(200, json.dumps(payment).encode())]
    with pytest.raises(p.Unclear):
        gateway.report(started)


def test_one_that_is_not_there(gateway: YooKassaWithCards, order: p.Order) -> None:
    with pytest.raises(p.Unknown):
        gateway.report(replace(order, reference="2d7e1f2a-000f-5000-8000-1d1bdbf0b1b2"))


@pytest.mark.parametrize(
    ("percent", "amount", "fee"),
    [
        ("0", 1000_00, 0),
        ("1.2", 1000_00, 12_00),
        ("2.4", 50_00, 1_20),
        ("0.5", 1_00, 1),
        ("1", 0, 0),
    ],
)
def test_the_fee_is_rounded_half_up(build: Build, percent: str, amount: int, fee: int) -> None:
    assert build(fee=Decimal(percent)).fee(Kopecks(amount), p.Way.CARD) == fee


def test_the_register_has_sums_fees_and_keys(
    gateway: YooKassaWithCards, double: Double, started: p.Order
) -> None:
    reference = str(started.reference)
    double.pay(reference)
    gateway.refund(started, uuid4(), Kopecks(234_00))
    double.payments[reference]["captured_at"] = "2026-11-22T20:59:59.999Z"
    (refund,) = double.refunds.values()
    refund["created_at"] = "2026-11-22T21:00:00.000Z"
    before, on = (list(gateway.settled(date(2026, 11, day))) for day in (22, 23))
    moment = datetime(2026, 11, 22, 20, 59, 59, 999_000, UTC)
    assert before == [p.Settled(reference, started.key, Kopecks(1234_05), Kopecks(34_55), moment)]
    midnight = datetime(2026, 11, 22, 21, tzinfo=UTC)
    assert on == [p.Settled(reference, started.key, Kopecks(-234_00), Kopecks(0), midnight)]


def test_a_register_without_its_moments_is_unclear(
    gateway: YooKassaWithCards, double: Double, started: p.Order
) -> None:
    double.pay(str(started.reference))
    payment = double.payments[str(started.reference)] | {"captured_at": None}
    double.answers = [(200, json.dumps({"type": "list", "items": [payment]}).encode())]
    with pytest.raises(p.Unclear):
        list(gateway.settled(date(2026, 11, 23)))
