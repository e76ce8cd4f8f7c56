"""The signature against what the documentation computes."""

import hashlib

import pytest
from pydantic import SecretStr
from tesweb_tbank.signing import is_genuine, token

EXAMPLE = {
    "TerminalKey": "MerchantTerminalKey",
    "Amount": 19200,
    "OrderId": "00000",
    "Description": "Подарочная карта на 1000 рублей",
    "DATA": {"Phone": "+71234567890", "Email": "a@test.com"},
    "Receipt": {"Email": "a@test.ru", "Taxation": "osn", "Items": [{"Name": "Товар"}]},
}
PASSWORD = SecretStr("11111111111111")
SIGNED = "72dd466f8ace0a37a1f740ce5fb78101712bc0665d91a8108c7c8a0ccd426db2"


def test_the_example_of_the_documentation() -> None:
    assert token(EXAMPLE, PASSWORD) == SIGNED


def test_what_is_nested_and_the_signature_itself_take_no_part() -> None:
    plain = {name: EXAMPLE[name] for name in EXAMPLE if name not in {"DATA", "Receipt"}}
    assert token(plain | {"Token": "x", "Shops": [1]}, PASSWORD) == SIGNED


def test_truth_is_written_in_small_letters() -> None:
    by_hand = hashlib.sha256(b"100" + b"secret" + b"true" + b"T").hexdigest()
    body = {"TerminalKey": "T", "Success": True, "Amount": 100}
    assert token(body, SecretStr("secret")) == by_hand


def test_the_password_stands_where_its_name_sorts() -> None:
    by_hand = hashlib.sha256(b"o1" + b"secret" + b"13660" + b"T").hexdigest()
    body = {"TerminalKey": "T", "PaymentId": 13660, "OrderId": "o1"}
    assert token(body, SecretStr("secret")) == by_hand


@pytest.mark.parametrize("told", [None, "", 7, SIGNED.upper(), SIGNED[:-1], "é" * 64])
def test_any_other_signature_is_not_genuine(told: object) -> None:
    assert is_genuine(EXAMPLE | {"Token": SIGNED}, PASSWORD)
    assert not is_genuine(EXAMPLE | {"Token": told}, PASSWORD)
