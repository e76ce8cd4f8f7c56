"""Addresses and numbers: how they are compared and shown."""

import pytest

from tesweb.identity.contacts import canonical_email, mask_email, mask_phone


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" Ivanova@Mail.RU ", "ivanova@mail.ru"),
        ("a+b@sub.example.com", "a+b@sub.example.com"),
        ("ｉｖａｎ@mail.ru", "ivan@mail.ru"),
        ("ivanova", None),
        ("ivanova@mail", None),
        ("a@b@mail.ru", None),
        ("a b@mail.ru", None),
        ("a@mail.ru\r\nBcc: b@mail.ru", None),
        ("a@mail.ru,b@mail.ru", None),
        ("a@-mail.ru", None),
        ("a@mail..ru", None),
        ("a@" + "b" * 60 + ".ru" * 80, None),
        ("", None),
    ],
)
def test_an_address_is_one_address(text: str, address: str | None) -> None:
    assert canonical_email(text) == address


def test_what_is_masked_is_known_again_and_not_learned() -> None:
    assert mask_email("ivanova@mail.ru") == "i•••@mail.ru"
    assert mask_phone("+79123456789").replace("\u00a0", " ") == "+7 912 •••\u2011••\u201189"
