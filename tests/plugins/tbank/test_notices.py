"""Notifications through the door of the core: signed, forged, doubled, out of order."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import text
from tesweb_tbank.gateway import TBankWithCards
from werkzeug.test import TestResponse

from tests.payments.till import Till
from tests.plugins.tbank.conftest import Build
from tests.plugins.tbank.double import Body, Double, sign
from tests.plugins.tbank.driver import THEIRS, sent
from tesweb.api import payments as p
from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.payments import janitor
from tesweb.payments.gateways import Teller
from tesweb.payments.models import State
from tesweb.testing.bank import Bank
from tesweb.testing.factories import Factory


class Post:
    """The bank's post at our door."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def __call__(self, body: Body, address: str = THEIRS) -> TestResponse:
        return self.app.test_client().post(
            "/pay/tbank/notify",
            data=json.dumps(body),
            content_type="application/json",
            environ_base={"REMOTE_ADDR": address},
            base_url="https://localhost",
        )


@pytest.fixture
def post(app: Flask) -> Post:
    return Post(app)


@pytest.fixture
def till(
    app: Flask, core: Core, clock: FixedClock, make: Factory, gateway: TBankWithCards
) -> Iterator[Till]:
    """A payer whose bank is T-Bank's double; every invariant holds at the end."""
    core.gateways["tbank"] = Teller(gateway)
    user = make.user()
    account = make.account(user)
    make.charge(account, date(2026, 10, 1), 1_000_00)
    with app.app_context():
        made = Till(core, clock, Bank(clock), user, [account])
        yield made
        made.check()


def look_into_them(till: Till) -> None:
    """What the clock does with notifications a little later."""
    till.later(seconds=3)
    janitor.sweep()


@pytest.fixture
def order_id(till: Till) -> int:
    return till.start(gateway="tbank")


@pytest.fixture
def reference(order_id: int, double: Double) -> str:
    assert order_id
    return next(iter(double.payments))


def test_authorized_and_confirmed_at_once_in_the_wrong_order(
    till: Till, post: Post, double: Double, order_id: int, reference: str
) -> None:
    double.pay(reference)
    for status in ("CONFIRMED", "AUTHORIZED", "CONFIRMED", "AUTHORIZED", "NEW"):
        answer = post(double.notification(reference, status))
        assert (answer.status_code, answer.text) == (200, "OK")
        look_into_them(till)
    assert till.state(order_id) is State.SUCCEEDED
    assert till.credited() == [500_00]


def test_a_genuine_one_is_not_believed_either(
    till: Till, post: Post, double: Double, order_id: int, reference: str
) -> None:
    assert post(double.notification(reference, "CONFIRMED")).text == "OK"
    look_into_them(till)
    assert till.state(order_id) is State.PENDING
    assert till.credited() == []


def test_a_forged_one_is_refused_and_changes_nothing(
    till: Till, post: Post, double: Double, order_id: int, reference: str
) -> None:
    double.pay(reference)
    real = double.notification(reference)
    unsigned = {name: real[name] for name in real if name != "Token"}
    for forged in (
        unsigned,
        real | {"Amount": 1},
        sign(unsigned, "another password"),
        sign(unsigned | {"TerminalKey": "another"}),
    ):
        assert post(forged).status_code == 403
    assert post(real, "203.0.113.7").status_code == 403
    with till.core.database.read() as reader:
        assert reader.execute(text("SELECT count(*) FROM payment_notices")).scalar() == 0
    assert till.state(order_id) is State.PENDING


def test_one_that_is_sent_again_next_month_changes_nothing(
    till: Till, post: Post, double: Double, reference: str
) -> None:
    double.pay(reference)
    real = double.notification(reference)
    assert post(real).text == "OK"
    look_into_them(till)
    till.later(days=30)
    assert post(real).text == "OK"
    look_into_them(till)
    assert till.credited() == [500_00]
    assert till.told() == 1


def test_one_about_a_refund_from_the_banks_cabinet_is_booked(
    till: Till, post: Post, double: Double, order_id: int, reference: str
) -> None:
    double.pay(reference)
    post(double.notification(reference))
    look_into_them(till)
    double.move(reference, "PARTIAL_REFUNDED", amount=400_00)
    post(double.notification(reference))
    look_into_them(till)
    assert till.state(order_id) is State.SUCCEEDED
    assert till.alarms() == {"foreign_refund"}


def test_a_lost_answer_ends_by_itself_and_another_attempt_pays(till: Till, double: Double) -> None:
    double.faults = ["deaf"]
    order_id = till.start(gateway="tbank")
    assert till.state(order_id) is State.UNKNOWN
    till.sweep()
    assert till.state(order_id) is State.PENDING
    second = till.start(gateway="tbank", again=True)
    first, other = double.payments
    double.pay(other)
    double.move(first, "DEADLINE_EXPIRED")
    assert till.look(second) is State.SUCCEEDED
    assert till.look(order_id) is State.EXPIRED
    assert till.credited() == [500_00]


def test_a_notice_names_the_order(gateway: TBankWithCards, double: Double, order: p.Order) -> None:
    real = double.notification(gateway.start(order).reference)
    assert gateway.read(sent(real)) == p.Notice(key=order.key, answer="OK")
    other = sign(real | {"OrderId": "of another shop"})
    assert gateway.read(sent(other)) == p.Notice(reference=str(real["PaymentId"]))


@pytest.mark.parametrize(
    "address",
    ["91.194.226.0", "91.194.227.255", "91.218.135.9", "212.233.83.1", "::ffff:212.49.24.7"],
)
def test_the_banks_addresses_are_heard(
    gateway: TBankWithCards, double: Double, order: p.Order, address: str
) -> None:
    real = double.notification(gateway.start(order).reference)
    assert gateway.read(sent(real, address)).key == order.key


@pytest.mark.parametrize(
    "address", ["91.194.228.0", "91.218.136.1", "212.233.84.1", "2a02:5180::1", "junk"]
)
def test_another_address_is_not_heard(
    gateway: TBankWithCards, double: Double, order: p.Order, address: str
) -> None:
    real = double.notification(gateway.start(order).reference)
    with pytest.raises(p.Forged):
        gateway.read(sent(real, address))


def test_without_networks_the_signature_decides(
    build: Build, double: Double, order: p.Order
) -> None:
    gateway = build(networks=())
    real = double.notification(gateway.start(order).reference)
    assert gateway.read(sent(real, "203.0.113.7")).key == order.key
    with pytest.raises(p.Forged):
        gateway.read(replace(sent(real), body=json.dumps(real | {"Amount": 1}).encode()))
