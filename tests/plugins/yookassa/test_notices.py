"""Notifications: who they are from, and which order they are about."""

import json
from uuid import UUID

import pytest
from tesweb_yookassa.gateway import YooKassaWithCards
from tesweb_yookassa.settings import NETWORKS

from tests.plugins.yookassa.double import Double
from tesweb.api import payments as p

KEY = UUID("5a3f7c1e-7f44-4b3c-9d9f-2f6f1b0d2c11")
PAYMENT = {"id": "2d7e1f2a", "status": "succeeded", "metadata": {"key": str(KEY), "number": "17"}}


def notice(event: object, about: object, **other: object) -> bytes:
    body: dict[str, object] = {"type": "notification", "event": event, "object": about}
    return json.dumps(body | other).encode()


def read(gateway: YooKassaWithCards, body: bytes, address: str = "185.71.76.1") -> p.Notice:
    return gateway.read(p.Notification(body, {"content-type": "application/json"}, address))


@pytest.mark.parametrize(
    "event", ["payment.succeeded", "payment.canceled", "payment.waiting_for_capture"]
)
def test_a_payments_notice_names_our_key(
    gateway: YooKassaWithCards, double: Double, event: str
) -> None:
    assert read(gateway, notice(event, PAYMENT)) == p.Notice(key=KEY)
    assert double.asked == []


@pytest.mark.parametrize("metadata", [{}, {"key": "seventeen"}, {"key": 17}, None, []])
def test_without_our_key_it_names_the_payment(gateway: YooKassaWithCards, metadata: object) -> None:
    body = notice("payment.succeeded", PAYMENT | {"metadata": metadata})
    assert read(gateway, body) == p.Notice(reference="2d7e1f2a")


def test_a_refunds_notice_names_our_key(gateway: YooKassaWithCards) -> None:
    refund = {"id": "refund", "payment_id": "2d7e1f2a", "metadata": {"key": str(KEY)}}
    assert read(gateway, notice("refund.succeeded", refund)) == p.Notice(key=KEY)


def test_a_strangers_refund_names_its_payment(gateway: YooKassaWithCards) -> None:
    body = notice("refund.succeeded", {"id": "refund", "payment_id": "2d7e1f2a"})
    assert read(gateway, body) == p.Notice(reference="2d7e1f2a")


@pytest.mark.parametrize(
    "address",
    [
        "77.75.153.1",
        "77.75.154.129",
        "77.75.156.11",
        "77.75.156.35",
        "185.71.76.31",
        "185.71.77.0",
        "2a02:5180::1",
        "::ffff:77.75.153.1",
    ],
)
def test_from_each_of_their_networks(gateway: YooKassaWithCards, address: str) -> None:
    assert read(gateway, notice("payment.succeeded", PAYMENT), address).key == KEY
    assert len(NETWORKS) == 7


@pytest.mark.parametrize(
    "address",
    ["77.75.153.128", "77.75.156.12", "185.71.76.32", "127.0.0.1", "::1", "2a02:5181::1", "", "x"],
)
def test_from_elsewhere_it_is_forged(gateway: YooKassaWithCards, address: str) -> None:
    with pytest.raises(p.Forged):
        read(gateway, notice("payment.succeeded", PAYMENT), address)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"junk",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 100_000,
        notice("payment.succeeded", None),
        notice("payment.succeeded", []),
        notice("payment.succeeded", {}),
        notice("payment.succeeded", {"id": 5}),
        notice("payment.succeeded", {"id": ""}),
        notice("refund.succeeded", {"id": "x"}),
        notice(5, PAYMENT),
        notice("payout.succeeded", PAYMENT),
        notice("payment.succeeded", PAYMENT, type="error"),
    ],
)
def test_what_is_no_notification_is_forged(gateway: YooKassaWithCards, body: bytes) -> None:
    with pytest.raises(p.Forged):
        read(gateway, body)
