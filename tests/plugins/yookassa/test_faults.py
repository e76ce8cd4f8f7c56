"""What goes wrong on the way: what has not happened is told apart from what may have."""

import logging
import time
from dataclasses import replace
from uuid import uuid4

import pytest
from tesweb_yookassa.gateway import YooKassaWithCards

from tests.plugins.yookassa.conftest import Build
from tests.plugins.yookassa.double import SECRET, Double
from tesweb.api import Kopecks
from tesweb.api import payments as p

NO = b'{"type": "error", "code": "invalid_request", "description": "x", "parameter": "receipt"}'


def test_a_request_that_is_wrong_is_refused(
    gateway: YooKassaWithCards, double: Double, order: p.Order
) -> None:
    double.answers = [(400, NO)]
    with pytest.raises(p.Refused, match="400 invalid_request receipt"):
        gateway.start(order)


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (400, b"<html>Bad Request</html>"),
        (400, b'{"error": "a proxy"}'),
        (401, NO),
        (403, NO),
        (404, NO),
        (408, b""),
        (429, NO),
        (500, NO),
        (502, b"<html>Bad Gateway</html>"),
        (503, b""),
        (202, b'{"type": "processing", "retry_after": 1800}'),
        (302, b""),
        (200, b""),
        (200, b"[]"),
        (200, b"null"),
        (200, b"<html>OK</html>"),
        (200, b'{"id": "x"'),
        (200, b"\xff\xfe"),
        (200, b"[" * 100_000),
        (200, b"{}"),
        (200, b'{"id": 5, "status": "pending"}'),
        (200, b'{"id": "x", "status": "pending"}'),
        (200, b'{"id": "x", "status": "pending", "confirmation": {"confirmation_url": 7}}'),
    ],
)
def test_everything_else_is_unclear(
    gateway: YooKassaWithCards, double: Double, order: p.Order, status: int, content: bytes
) -> None:
    double.answers = [(status, content)]
    with pytest.raises(p.Unclear):
        gateway.start(order)
    assert len(double.asked) == 1


@pytest.mark.parametrize("fault", ["lost", "deaf", "500", "500 after", "slow"])
def test_an_answer_that_is_lost_is_unclear_and_asked_again_it_is_one(
    gateway: YooKassaWithCards, double: Double, order: p.Order, fault: str
) -> None:
    double.faults = [fault]
    with pytest.raises(p.Unclear):
        gateway.start(order)
    gateway.start(order)
    assert len(double.payments) == 1


@pytest.mark.parametrize("fault", ["slow", "drip"])
def test_a_call_ends_with_its_time(
    gateway: YooKassaWithCards, double: Double, order: p.Order, fault: str
) -> None:
    double.faults = [fault]
    begun = time.monotonic()
    with pytest.raises(p.Unclear):
        gateway.start(order)
    assert time.monotonic() - begun < 3


def test_a_server_that_is_not_there_is_unclear(build: Build, order: p.Order) -> None:
    with pytest.raises(p.Unclear):
        build(api="http://127.0.0.1:9/v3").start(order)


def test_an_answer_without_an_end_is_unclear(build: Build, double: Double, order: p.Order) -> None:
    double.answers = [(200, b" " * 5_000_000)]
    with pytest.raises(p.Unclear):
        build(patience=10).start(order)


@pytest.mark.parametrize(
    "content", [b"{}", b'{"id": "x"}', b'{"id": "x", "status": "new"}', b'{"status": "pending"}']
)
def test_a_charge_whose_answer_makes_no_sense_is_unclear(
    gateway: YooKassaWithCards, double: Double, order: p.Order, content: bytes
) -> None:
    double.answers = [(200, content)]
    with pytest.raises(p.Unclear):
        gateway.charge(order, p.SavedCard("pm-1"))


def test_a_card_that_is_not_known_is_no_longer_permitted(
    gateway: YooKassaWithCards, order: p.Order
) -> None:
    with pytest.raises(p.Refused) as caught:
        gateway.charge(order, p.SavedCard("gone"))
    assert caught.value.reason is p.Reason.PERMISSION_REVOKED


@pytest.mark.parametrize(
    ("status", "content", "raised"),
    [
        (400, NO, p.Refused),
        (404, NO, p.Refused),
        (400, NO.replace(b"receipt", b"Idempotence-Key"), p.Unclear),
        (403, NO, p.Unclear),
        (500, b"", p.Unclear),
        (200, b'{"status": "canceled"}', p.Refused),
        (200, b'{"status": "astonishing"}', p.Unclear),
    ],
)
def test_refunds_that_go_wrong(  # noqa: PLR0913, PLR0917 - a table
    gateway: YooKassaWithCards,
    double: Double,
    order: p.Order,
    status: int,
    content: bytes,
    raised: type[p.GatewayError],
) -> None:
    double.answers = [(status, content)]
    with pytest.raises(raised):
        gateway.refund(replace(order, reference="x"), uuid4(), Kopecks(1_00))


def test_neither_secret_nor_person_is_told(
    gateway: YooKassaWithCards,
    double: Double,
    order: p.Order,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    said = [repr(gateway), str(gateway), repr(gateway.wire), repr(gateway.settings)]
    double.answers = [(400, NO), (401, NO), (200, b"{}")]
    for _ in range(3):
        with pytest.raises(p.GatewayError) as caught:
            gateway.start(order)
        said += [str(caught.value), repr(caught.value)]
    everything = "\n".join([*said, caplog.text])
    assert "YooKassa answered 400" in everything
    for hidden in (SECRET, order.contact, "Иванов"):
        assert hidden not in everything
