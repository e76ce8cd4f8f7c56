"""What a cell means: nothing is rounded, nothing is guessed."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesweb.exchange import cells
from tesweb.exchange.cells import BadCell


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@given(
    st.decimals(min_value=-(10**9), max_value=10**9, places=3),
    st.sampled_from(".,"),
    st.sampled_from(["", "0", "000"]),
)
def test_a_number_survives_the_way_there_and_back(number: Decimal, comma: str, zeros: str) -> None:
    text = f"{number:f}{zeros}".replace(".", comma)
    assert cells.scaled(text, 3) == number * 1000


@given(st.integers(min_value=0, max_value=10**9 - 1))
def test_thousands_may_be_apart(number: int) -> None:
    for space in (" ", "\u00a0", "\u202f"):
        assert cells.scaled(f"{number:,}".replace(",", space), 0) == number


@given(st.text(max_size=20), st.integers(min_value=0, max_value=6))
def test_any_text_is_a_number_or_a_bad_cell(text: str, decimals: int) -> None:
    try:
        number = cells.scaled(text, decimals)
    except BadCell:
        return
    plain = "".join(sign for sign in text if sign not in " \u00a0\u2009\u202f").replace(",", ".")
    assert Decimal(plain.replace("\u2212", "-")) * 10**decimals == number


@given(st.text(max_size=30))
def test_any_text_is_a_date_or_a_bad_cell(text: str) -> None:
    for read in (cells.day, cells.month):
        try:
            found = read(text)
        except BadCell:
            continue
        assert f"{found.year:04}" in text


@given(st.dates(min_value=date(1970, 1, 1), max_value=date(2100, 12, 31)))
def test_both_forms_of_a_date_are_the_same(day: date) -> None:
    assert cells.day(f"{day:%Y-%m-%d}") == cells.day(f"{day:%d.%m.%Y}") == day
    first = day.replace(day=1)
    forms = (f"{day:%Y-%m}", f"{day:%m.%Y}", f"{first:%Y-%m-%d}", f"{first:%d.%m.%Y}")
    assert {cells.month(form) for form in forms} == {first}


@given(st.decimals(min_value=0, max_value=10**6, places=6))
def test_a_price_is_stored_in_one_form(price: Decimal) -> None:
    read = cells.price(f"{price:f}".replace(".", ","))
    assert Decimal(read) == price
    assert cells.price(f"{read}{'' if '.' in read else '.'}0") == read


@pytest.mark.parametrize(
    ("read", "text", "reason"),
    [
        (cells.kopecks, "1.234,56", "'1.234,56' is not a number"),
        (cells.kopecks, "1e3", "is not a number"),
        (cells.kopecks, "NaN", "is not a number"),
        (cells.kopecks, "0x10", "is not a number"),
        (cells.kopecks, "+5", "is not a number"),
        (cells.kopecks, "５", "is not a number"),
        (cells.kopecks, "0,001", "has more than 2 digits after the comma"),
        (cells.kopecks, "9" * 13, "is not a number"),
        (cells.paid_kopecks, "-1", "is not above zero"),
        (cells.dial_value, "-0,001", "is below zero"),
        (cells.price, "-1", "is below zero"),
        (cells.day, "2026-02-29", "there is no such day"),
        (cells.day, "26-10-25", "is not a date like"),
        (cells.day, "10/25/2026", "is not a date like"),
        (cells.day, "1026-10-25", "is not between 1970 and 2100"),
        (cells.day, "２０２６-10-25", "is not a date like"),
        (cells.month, "2026-10-25", "is not the first day of a month"),
        (cells.month, "2026-13", "there is no such day"),
        (cells.whole(1, 9), "10", "is not between 1 and 9"),
        (cells.whole(1, 9), "1,5", "more than 0 digits"),
        (cells.choice(Colour), "Red", "is none of blue, red"),
        (cells.text(3), "four", "longer than 3 characters"),
        (cells.text(9), "a\u202eb", "an unprintable character"),
    ],
)
def test_a_bad_cell_says_why(read: Callable[[str], object], text: str, reason: str) -> None:
    with pytest.raises(BadCell) as caught:
        read(text)
    assert reason in str(caught.value)


def test_a_long_wrong_cell_is_not_repeated_whole() -> None:
    with pytest.raises(BadCell) as caught:
        cells.kopecks("x" * 500)
    assert len(str(caught.value)) < 100
