"""What goes wrong on the way, with the order's number as the only idempotence."""

import json
import time
from dataclasses import replace

import pytest
from tesweb_tbank.gateway import TBankWithCards

from tests.plugins.tbank.conftest import Build
from tests.plugins.tbank.double import Double, error
from tesweb.api import payments as p

CARD = p.SavedCard("900000/c/70000")


@pytest.fixture(autouse=True)
def known_card(double: Double) -> None:
    double.cards["900000"] = {"customer": "c", "CardId": "70000"}


def methods(double: Double) -> list[str]:
    return [method for method, _ in double.asked]


def test_a_lost_answer_leaves_an_order_without_a_page(
    gateway: TBankWithCards, double: Double, order: p.Order
) -> None:
    double.faults = ["deaf"]
    with pytest.raises(p.Unclear):
        gateway.start(order)
    started = gateway.start(order)
    assert methods(double) == ["Init", "Init", "CheckOrder", "GetState"]
    assert (started.step, list(double.payments)) == (None, [started.reference])


def test_a_lost_link_of_sbp_is_asked_for_again(
    gateway: TBankWithCards, double: Double, order: p.Order
) -> None:
    order = replace(order, way=p.Way.SBP)
    double.faults = ["", "deaf"]
    with pytest.raises(p.Unclear):
        gateway.start(order)
    assert isinstance(gateway.start(order).step, p.Code)
    assert len(double.payments) == 1


@pytest.mark.parametrize("fault", ["lost", "500", "deaf", "500 after", "garbage", "slow"])
def test_a_charge_whose_answer_was_lost_takes_money_once(
    gateway: TBankWithCards, double: Double, order: p.Order, fault: str
) -> None:
    double.faults = ["", fault]
    with pytest.raises(p.Unclear):
        gateway.charge(order, CARD)
    reference = gateway.charge(order, CARD)
    report = gateway.report(replace(order, reference=reference))
    assert (report.state, report.paid) == (p.BankState.PAID, order.amount)
    assert methods(double).count("Charge") == 1
    assert len(double.payments) == 1


def test_a_charge_that_is_declined_is_told_by_the_report(
    gateway: TBankWithCards, double: Double, order: p.Order
) -> None:
    double.revoked.add("900000")
    report = gateway.report(replace(order, reference=gateway.charge(order, CARD)))
    assert (report.state, report.reason) == (p.BankState.FAILED, p.Reason.PERMISSION_REVOKED)


def test_a_card_of_another_terminal_is_refused(gateway: TBankWithCards, order: p.Order) -> None:
    with pytest.raises(p.Refused) as refused:
        gateway.charge(order, p.SavedCard("1/c/2"))
    assert refused.value.reason is p.Reason.PERMISSION_REVOKED


def test_what_was_charged_before_is_not_charged_again(
    gateway: TBankWithCards, double: Double, order: p.Order
) -> None:
    gateway.charge(order, CARD)
    gateway.charge(order, CARD)
    assert methods(double).count("Charge") == 1


def test_a_refusal_is_one_only_if_the_bank_has_no_such_order(
    gateway: TBankWithCards, double: Double, order: p.Order
) -> None:
    double.answers = [(200, json.dumps(error("251")).encode())]
    with pytest.raises(p.Refused):
        gateway.start(order)
    assert methods(double) == ["Init", "CheckOrder"]
    reference = gateway.start(order).reference
    double.answers = [(200, json.dumps(error("251")).encode())]
    assert gateway.start(order).reference == reference


@pytest.mark.parametrize("code", ["3", "204", "205", "501", "648", "9999", "", "x"])
def test_the_banks_troubles_and_ours_are_no_refusal(
    gateway: TBankWithCards, double: Double, order: p.Order, code: str
) -> None:
    double.answers = [(200, json.dumps(error(code)).encode())]
    with pytest.raises(p.Unclear):
        gateway.start(order)


def test_a_wrong_password_is_unclear(build: Build, double: Double, order: p.Order) -> None:
    with pytest.raises(p.Unclear):
        build(password="wrong").start(order)
    assert double.payments == {}


def test_what_the_bank_says_of_people_is_not_told(
    gateway: TBankWithCards, double: Double, order: p.Order
) -> None:
    double.answers = [(200, json.dumps(error("251", "Иванов Иван")).encode())]
    with pytest.raises(p.Refused) as refused:
        gateway.start(order)
    assert "Иванов" not in str(refused.value)


@pytest.mark.parametrize("fault", ["drip", "slow", "lost"])
def test_a_call_ends_with_its_time(
    gateway: TBankWithCards, double: Double, order: p.Order, fault: str
) -> None:
    double.faults = [fault]
    begun = time.monotonic()
    with pytest.raises(p.Unclear):
        gateway.start(order)
    assert time.monotonic() - begun < 3


def test_an_answer_without_an_end_is_unclear(
    gateway: TBankWithCards, double: Double, order: p.Order
) -> None:
    double.answers = [(200, b" " * 1_100_000 + b"{}")]
    with pytest.raises(p.Unclear):
        gateway.start(order)
