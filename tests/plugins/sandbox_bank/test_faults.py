"""The fault panel: each fault does what it says, so often as it says, and nothing else."""

import time

import httpx
import pytest

from tests.plugins.sandbox_bank.support import SECRET, SHOP, Payer, Running, Shop, order

CARD = "2202474301322987"


def count(bank: Running) -> int:
    return len(bank.ask("GET", "/payments").json()["items"])


def post(bank: Running, key: str = "k") -> httpx.Response:
    return bank.ask("POST", "/payments", order(), key=key)


def test_dropped_before_the_work(bank: Running) -> None:
    bank.fault(fault="drop", on="write")
    with pytest.raises(httpx.TransportError):
        post(bank)
    assert count(bank) == 0
    assert post(bank).status_code == 200


def test_dropped_after_the_work(bank: Running) -> None:
    bank.fault(fault="drop_after", on="write")
    with pytest.raises(httpx.TransportError):
        post(bank)
    assert count(bank) == 1
    assert post(bank).status_code == 200
    assert count(bank) == 1


@pytest.mark.parametrize(("fault", "made"), [("error", 0), ("error_after", 1)])
def test_an_error_of_the_bank(bank: Running, fault: str, made: int) -> None:
    bank.fault(fault=fault, on="write", times=2)
    for _ in range(2):
        answer = post(bank)
        assert (answer.status_code, answer.json()["code"]) == (500, "internal_server_error")
        assert count(bank) == made
    assert post(bank).status_code == 200
    assert count(bank) == 1


def test_garbage(bank: Running) -> None:
    bank.fault(fault="garbage", on="write", times=None)
    good = 0
    for number in range(12):
        answer = post(bank, f"k-{number}")
        assert answer.status_code == 200
        try:
            good += "status" in answer.json()
        except ValueError:
            continue
    assert good == 0
    bank.fault(clear=True)
    assert count(bank) == 10  # a page of the list
    assert post(bank).json()["status"] == "pending"


def test_a_late_answer_holds_up_nobody_else(bank: Running) -> None:
    bank.fault(fault="delay", seconds=2, on="write")
    began = time.monotonic()
    url, auth, key = f"{bank.api}/payments", (SHOP, SECRET), {"Idempotence-Key": "k"}
    with pytest.raises(httpx.ReadTimeout):
        bank.client.post(url, json=order(), auth=auth, headers=key, timeout=0.5)
    assert count(bank) == 1
    assert time.monotonic() - began < 2
    assert post(bank).status_code == 200
    assert count(bank) == 1


def test_the_bank_is_down(bank: Running, payer: Payer) -> None:
    made = bank.create()
    bank.fault(fault="down", times=None)
    for _ in range(3):
        with pytest.raises(httpx.TransportError):
            bank.payment(made["id"])
        with pytest.raises(httpx.TransportError):
            payer.open(f"/pay/{made['id']}")
    bank.fault(clear=True)
    assert bank.payment(made["id"])["status"] == "pending"


def test_questions_and_changes_fail_apart(bank: Running) -> None:
    made = bank.create()
    bank.fault(fault="error", on="read")
    assert post(bank, "k-2").status_code == 200
    assert bank.ask("GET", f"/payments/{made['id']}").status_code == 500
    assert bank.ask("GET", f"/payments/{made['id']}").status_code == 200


@pytest.mark.parametrize("charge", ["card", "any"])
def test_the_next_charge_is_declined(bank: Running, payer: Payer, charge: str) -> None:
    bank.fault(fault="decline", on=charge, reason="identification_required")
    for key, status in (("k-1", "canceled"), ("k-2", "succeeded")):
        made = bank.create(key)
        payer.open(made["confirmation"]["confirmation_url"])
        payer.pay(CARD)
        assert bank.payment(made["id"])["status"] == status


def test_a_refund_is_declined(bank: Running, payer: Payer, shop: Shop) -> None:
    made = bank.create()
    payer.open(made["confirmation"]["confirmation_url"])
    payer.pay(CARD)
    bank.fault(fault="decline", on="refund", reason="insufficient_funds")
    back = {"payment_id": made["id"], "amount": made["amount"]}
    lost = bank.ask("POST", "/refunds", back, key="r-1").json()
    assert (lost["status"], lost["cancellation_details"]["reason"]) == (
        "canceled",
        "insufficient_funds",
    )
    assert bank.payment(made["id"])["refundable"] is True
    assert bank.ask("POST", "/refunds", back, key="r-2").json()["status"] == "succeeded"
    assert shop.wait(2) == ["payment.succeeded", "refund.succeeded"]


def test_what_is_on_can_be_seen_and_switched_off(bank: Running) -> None:
    bank.fault(fault="delay", seconds=1, times=3)
    told = bank.fault(fault="garbage", times=None)
    assert [(one["fault"], one["times"]) for one in told["faults"]] == [
        ("delay", 3),
        ("garbage", None),
    ]
    left = bank.fault(remove=told["faults"][1]["id"])
    assert [one["fault"] for one in left["faults"]] == ["delay"]
    asked = bank.client.get(f"{bank.address}/faults", headers={"Accept": "application/json"})
    assert asked.json()["faults"] == left["faults"]
    assert bank.fault(clear=True)["faults"] == []


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        ({"fault": "fire"}, "fault"),
        ({"fault": "delay", "seconds": 301}, "seconds"),
        ({"fault": "delay", "times": -1}, "times"),
        ({"fault": "delay", "on": "monday"}, "on"),
        ({"fault": "decline", "reason": "mood"}, "reason"),
        ({"forward": "soon"}, "forward"),
        ({"forward": 99_999_999}, "forward"),
        ([], ""),
    ],
)
def test_a_wrong_wish_is_refused(bank: Running, body: object, parameter: str) -> None:
    answer = bank.client.post(f"{bank.address}/faults", json=body)
    assert (answer.status_code, answer.json().get("parameter", "")) == (400, parameter)


def test_people_use_the_panel_too(bank: Running, payer: Payer) -> None:
    page = payer.open("/faults")
    assert "Пульт сбоев" in page.text
    payer.submit(
        fault="decline", on="card", times="0", seconds="5", count="2", reason="call_issuer"
    )
    (fault,) = bank.bank.faults.told()
    assert (fault["fault"], fault["times"], fault["reason"]) == ("decline", None, "call_issuer")
    assert "пока не выключат" in payer.submit(clear="1").text or bank.bank.faults.told() == []
    assert payer.submit(fault="delay", times="many").status_code == 422


def test_no_page_of_another_origin_reaches_the_panel(bank: Running, payer: Payer) -> None:
    for site in ("cross-site", "same-site"):
        headers = {"Sec-Fetch-Site": site}
        answer = payer.client.post("/faults", json={"fault": "down"}, headers=headers)
        assert answer.status_code == 403
    assert payer.client.post("/faults", data={"fault": "down"}).status_code == 400
    assert bank.bank.faults.told() == []


def test_the_clock_goes_ahead(bank: Running) -> None:
    before = bank.bank.clock.now()
    bank.fault(forward=86_400)
    assert (bank.bank.clock.now() - before).total_seconds() >= 86_400
