"""Sums of money."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesweb.money import BadSum, Kopecks, format_rubles, parse_rubles, round_to_kopecks


@pytest.mark.parametrize(
    ("text", "kopecks"),
    [
        ("0", 0),
        ("50", 5000),
        ("49,99", 4999),
        ("1 234,5", 123450),
        ("1\u00a0234.56", 123456),
        (" 00012.30 ", 1230),
    ],
)
def test_rubles_are_read_as_people_write_them(text: str, kopecks: int) -> None:
    assert parse_rubles(text) == kopecks


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "1,234", "1.2.3", "1e3", "NaN", "५०", "1_000", "٣", "∞", "1,", ",5"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(BadSum):
        parse_rubles(text)


@pytest.mark.parametrize(
    ("rubles", "kopecks"),
    # 501.75 × 20/120 = 83.625: half up, where banker's rounding would give 83.62.
    [("83.625", 8363), ("0.005", 1), ("0.0049", 0), ("1232.50", 123250)],
)
def test_rounding_is_half_up(rubles: str, kopecks: int) -> None:
    assert round_to_kopecks(Decimal(rubles)) == kopecks


@pytest.mark.parametrize(
    ("kopecks", "text"),
    [
        (0, "0,00\u00a0₽"),
        (5, "0,05\u00a0₽"),
        (123456, "1\u00a0234,56\u00a0₽"),
        (-5210, "\u221252,10\u00a0₽"),
        (123456789012, "1\u00a0234\u00a0567\u00a0890,12\u00a0₽"),
    ],
)
def test_sums_are_written_the_russian_way(kopecks: int, text: str) -> None:
    assert format_rubles(Kopecks(kopecks)) == text


@given(st.integers(min_value=0, max_value=10**12))
def test_what_is_written_can_be_read_again(kopecks: int) -> None:
    shown = format_rubles(Kopecks(kopecks)).removesuffix("\u00a0₽")
    assert parse_rubles(shown) == kopecks
