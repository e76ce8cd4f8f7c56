"""Account numbers as people type and paste them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import given
from hypothesis import strategies as st

from tesweb.regions.accounts import AccountForm, BadAccount
from tesweb.regions.facts import AccountFacts
from tesweb.regions.region import Region

FORM = AccountForm.of(
    AccountFacts(pattern="[0-9]{12}", mask="NNNN NNNN NNNN", example="7204 0000 0000")
)
NUMBERS = st.text(alphabet="0123456789", min_size=12, max_size=12)


@pytest.mark.parametrize(
    "typed",
    [
        "720400123456",
        "7204 0012 3456",
        "7204-0012-3456",
        " 7204\u00a00012\u202f3456\t",
        "7204\u20130012\u22123456",
        "7204\u201100123456\r\n",
        "\ufeff7204\u200b0012\u00ad3456",
    ],
)
def test_spaces_and_dashes_of_every_kind_are_dropped(typed: str) -> None:
    assert FORM.canonical(typed) == "720400123456"


def test_leading_zeros_are_kept() -> None:
    assert FORM.canonical("0000 0012 3456") == "000000123456"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        (" - \u00a0", "empty"),
        ("7204O0123456", "not_digits"),
        ("7204 0012 345а", "not_digits"),
        ("٧٢٠٤٠٠١٢٣٤٥٦", "not_digits"),
        ("７２０４００１２３４５６", "not_digits"),
        ("72040012345²", "not_digits"),
        ("7204.0012.3456", "not_digits"),
        ("72040012345", "wrong_form"),
        ("7204001234567", "wrong_form"),
        ("7" * 10_000_000, "wrong_form"),
        ("720400123456" + " " * 100, "wrong_form"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_account_number(typed: str, code: str) -> None:
    with pytest.raises(BadAccount) as caught:
        FORM.canonical(typed)
    assert caught.value.code == code


@pytest.fixture
def speaking() -> Iterator[None]:
    app = Flask("test")
    Babel(app)
    with app.test_request_context():
        yield


@pytest.mark.usefixtures("speaking")
@pytest.mark.parametrize("typed", ["", "abc", "123"])
def test_the_reason_tells_where_to_look_and_what_it_looks_like(typed: str) -> None:
    with pytest.raises(BadAccount) as caught:
        FORM.canonical(typed)
    reason = str(caught.value.reason)
    assert "bill" in reason
    assert "7204 0000 0000" in reason
    assert typed not in reason or not typed


def test_the_fault_for_the_operator_is_a_sentence_too() -> None:
    with pytest.raises(BadAccount, match="not of the form 7204 0000 0000"):
        FORM.canonical("123")


@given(NUMBERS)
def test_a_number_shown_by_the_mask_is_read_back(number: str) -> None:
    assert FORM.canonical(number) == number
    assert FORM.canonical(FORM.shown(number)) == number


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_refused(typed: str) -> None:
    try:
        number = FORM.canonical(typed)
    except BadAccount:
        return
    assert len(number) == 12
    assert set(number) <= set("0123456789")


def test_a_number_of_another_length_is_shown_as_it_is() -> None:
    assert FORM.shown("123") == "123"


def test_a_region_uses_its_own_form(region: Region) -> None:
    assert region.account_number("600-123-456") == "600123456"
    assert region.format_account("600123456") == "600-123-456"
    with pytest.raises(BadAccount):
        region.account_number("610-123-456")


def test_a_pattern_means_ascii_digits_only(write: Callable[..., Path]) -> None:
    loose = Region.from_toml(write(("60[0-9]{7}", r"60\\d{7}")))
    assert loose.account_number("600123456") == "600123456"
    with pytest.raises(BadAccount):
        loose.account_number("60012345٦")
