"""Notifications: what they say, when they come again, and what the panel does to them."""

import hashlib
import hmac
import json
from pathlib import Path

import httpx
from tesweb_sandbox_bank.sending import SIGNATURE

from tests.plugins.sandbox_bank import support
from tests.plugins.sandbox_bank.support import Body, Payer, Running, Shop, until

CARD = "2202474301322987"
HOUR = 3600


def pay(bank: Running, payer: Payer, key: str = "k-1", *, capture: bool = True) -> Body:
    made = bank.create(key, capture=capture)
    payer.open(made["confirmation"]["confirmation_url"])
    payer.pay(CARD)
    return bank.payment(made["id"])


def states(bank: Running) -> list[str]:
    with bank.bank.store.work() as work:
        rows = work.connection.execute("SELECT state FROM notices ORDER BY id").fetchall()
    return [state for (state,) in rows]


def test_a_notice_is_what_the_api_says(bank: Running, shop: Shop, payer: Payer) -> None:
    told = pay(bank, payer)
    shop.wait(1)
    assert shop.got == [{"type": "notification", "event": "payment.succeeded", "object": told}]
    headers, _ = shop.raw[0]
    assert headers["Content-Type"] == "application/json"
    assert SIGNATURE not in headers


def test_it_comes_again_with_growing_pauses_until_it_is_taken(
    bank: Running, shop: Shop, payer: Payer
) -> None:
    shop.answers = [500, 404, 302]
    pay(bank, payer)
    shop.wait(1, 20)
    assert len(shop.raw) == 4
    assert len({body for _, body in shop.raw}) == 1
    until(lambda: states(bank) == ["taken"])


def an_hour_later(bank: Running, shop: Shop) -> None:
    """The notice is tried again at least each hour, or no more."""
    before = len(shop.raw)
    bank.fault(forward=HOUR)
    until(lambda: len(shop.raw) > before or states(bank) == ["given up"])


def test_it_is_given_up_after_a_day(bank: Running, shop: Shop, payer: Payer) -> None:
    shop.answers = [500] * 1000
    pay(bank, payer)
    for _ in range(22):
        an_hour_later(bank, shop)
    assert states(bank) == ["waiting"]
    assert len(shop.raw) >= 22
    for _ in range(3):
        an_hour_later(bank, shop)
    assert states(bank) == ["given up"]
    assert shop.got == []


def test_a_signed_notice(tmp_path: Path, shop: Shop) -> None:
    with (
        support.running(tmp_path / "bank", shop.address, "notice key") as bank,
        httpx.Client(base_url=bank.address, verify=support.TLS) as client,
    ):
        pay(bank, Payer(client))
        shop.wait(1)
    headers, body = shop.raw[0]
    digest = hmac.new(b"notice key", body, hashlib.sha256).hexdigest()
    assert headers[SIGNATURE] == f"sha256={digest}"


def test_copies(bank: Running, shop: Shop, payer: Payer) -> None:
    bank.fault(fault="duplicate", count=10)
    pay(bank, payer)
    assert shop.wait(10) == ["payment.succeeded"] * 10
    pay(bank, payer, "k-2")
    assert len(shop.wait(11)) == 11


def test_the_wrong_order(bank: Running, shop: Shop, payer: Payer) -> None:
    bank.fault(fault="reorder", seconds=30, times=2)
    held = pay(bank, payer, capture=False)
    assert bank.ask("POST", f"/payments/{held['id']}/capture", {}, key="c").status_code == 200
    bank.fault(forward=30)
    assert shop.wait(2) == ["payment.succeeded", "payment.waiting_for_capture"]


def test_the_usual_order(bank: Running, shop: Shop, payer: Payer) -> None:
    held = pay(bank, payer, capture=False)
    bank.ask("POST", f"/payments/{held['id']}/capture", {}, key="c")
    assert shop.wait(2) == ["payment.waiting_for_capture", "payment.succeeded"]


def test_no_notice_at_all(bank: Running, shop: Shop, payer: Payer) -> None:
    bank.fault(fault="silent")
    assert pay(bank, payer)["status"] == "succeeded"
    pay(bank, payer, "k-2")
    shop.wait(1)
    assert states(bank) == ["lost", "taken"] or states(bank) == ["lost", "waiting"]
    assert [json.loads(body)["event"] for _, body in shop.raw] == ["payment.succeeded"]
