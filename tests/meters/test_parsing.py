"""What people type for a dial is understood, or refused with its reason."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesweb.meters.rules import BadValue, Typed, parse


@pytest.mark.parametrize(
    ("text", "digits", "value", "dropped"),
    [
        ("7", 4, "7", ""),
        ("0007", 4, "7", ""),
        ("12 345", 5, "12345", ""),
        ("\u00a012\u2009345\u202f", 5, "12345", ""),
        ("\u200b12345\ufeff\t\r\n", 5, "12345", ""),
        ("1234,5", 5, "1234", "5"),
        ("1234.56", 5, "1234", "56"),
        ("1234,", 5, "1234", ""),
        ("1234,00", 5, "1234", ""),
        ("000000012345", 5, "12345", ""),
        ("0", 4, "0", ""),
        ("0000", 4, "0", ""),
        ("999999999", 9, "999999999", ""),
    ],
)
def test_what_people_type_is_understood(text: str, digits: int, value: str, dropped: str) -> None:
    assert parse(text, digits) == Typed(Decimal(value), dropped)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" \u00a0\t", "empty"),
        ("-5", "sign"),
        ("\u22125", "sign"),
        ("+5", "sign"),
        ("12-34", "sign"),
        ("\u0661\u0662\u0663", "foreign_digits"),  # Arabic-Indic
        ("\uff11\uff12", "foreign_digits"),  # full width
        ("12\u00b2", "foreign_digits"),  # superscript two
        ("12O4", "not_digits"),  # the letter O
        ("кВт", "not_digits"),
        ("12,34,5", "not_digits"),
        ("1e3", "not_digits"),
        ("0x10", "not_digits"),
        (",5", "not_digits"),
        ("NaN", "not_digits"),
        ("12_34", "not_digits"),
        ("100000", "too_many_digits"),
        ("1" * 4000, "too_many_digits"),
        ("0" * 4000, "too_many_digits"),
    ],
)
def test_what_no_dial_shows_is_refused_with_its_reason(text: str, code: str) -> None:
    with pytest.raises(BadValue) as caught:
        parse(text, 5)
    assert caught.value.code == code


@given(st.integers(3, 9), st.data())
def test_every_value_of_a_dial_is_read_back(digits: int, data: st.DataObject) -> None:
    value = data.draw(st.integers(0, 10**digits - 1))
    text = f"{value:0{digits}d}"
    place = data.draw(st.integers(0, len(text)))
    spaced = text[:place] + data.draw(st.sampled_from(["", " ", "\u00a0", "\u202f"])) + text[place:]
    assert parse(spaced, digits).value == value


@given(st.text(max_size=60), st.integers(3, 9))
def test_any_text_is_a_value_of_the_dial_or_refused(text: str, digits: int) -> None:
    try:
        typed = parse(text, digits)
    except BadValue as refused:
        assert refused.code  # noqa: PT017 - either way is right
    else:
        assert 0 <= typed.value < 10**digits
        assert typed.value == int(typed.value)
