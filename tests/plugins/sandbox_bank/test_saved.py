"""Saved cards: charged with nobody there, until the panel says no."""

import pytest

from tests.plugins.sandbox_bank.support import Body, Payer, Running, Shop, order

CARD = "2202474301322987"


@pytest.fixture
def token(bank: Running, payer: Payer) -> str:
    made = bank.create("first", save_payment_method=True)
    page = payer.open(made["confirmation"]["confirmation_url"])
    assert "запомнить карту" in page.text
    payer.pay(CARD)
    method = bank.payment(made["id"])["payment_method"]
    assert method["saved"] is True
    number: str = method["id"]
    return number


def charge(bank: Running, token: str, key: str) -> Body:
    return bank.create(key, confirmation=None, payment_method_data=None, payment_method_id=token)


def test_a_saved_card_pays_without_its_owner(bank: Running, shop: Shop, token: str) -> None:
    made = charge(bank, token, "second")
    assert (made["status"], made["paid"]) == ("succeeded", True)
    assert "confirmation" not in made
    assert made["payment_method"]["id"] == token
    assert made["payment_method"]["card"]["last4"] == CARD[-4:]
    assert shop.wait(2) == ["payment.succeeded"] * 2
    assert charge(bank, token, "second") == made
    assert charge(bank, token, "third")["id"] != made["id"]


def test_what_was_not_saved_cannot_be_charged(bank: Running, payer: Payer) -> None:
    made = bank.create()
    payer.open(made["confirmation"]["confirmation_url"])
    payer.pay(CARD)
    method = bank.payment(made["id"])["payment_method"]
    assert method["saved"] is False
    for number in (method["id"], "none"):
        body = order(confirmation=None, payment_method_data=None, payment_method_id=number)
        answer = bank.ask("POST", "/payments", body, key="second")
        assert answer.json()["parameter"] == "payment_method_id"
        assert answer.status_code == 400


def test_a_declined_card_is_not_saved(bank: Running, payer: Payer) -> None:
    made = bank.create(save_payment_method=True)
    payer.open(made["confirmation"]["confirmation_url"])
    payer.pay("2200000000000053")
    assert bank.payment(made["id"])["payment_method"]["saved"] is False


def test_the_panel_fails_later_charges(bank: Running, shop: Shop, token: str) -> None:
    bank.fault(fault="decline", on="saved", reason="insufficient_funds", times=2)
    for key in ("a", "b"):
        made = charge(bank, token, key)
        assert (made["status"], made["paid"]) == ("canceled", False)
        assert made["cancellation_details"]["reason"] == "insufficient_funds"
    assert charge(bank, token, "c")["status"] == "succeeded"
    assert shop.wait(4)[1:] == ["payment.canceled"] * 2 + ["payment.succeeded"]


def test_a_permission_that_was_revoked_stays_so(bank: Running, token: str) -> None:
    bank.fault(fault="decline", on="saved", reason="permission_revoked")
    made = charge(bank, token, "a")
    assert made["cancellation_details"] == {
        "party": "payment_network",
        "reason": "permission_revoked",
    }
    body = order(confirmation=None, payment_method_data=None, payment_method_id=token)
    assert bank.ask("POST", "/payments", body, key="b").status_code == 400
