"""Tariffs that contradict themselves or each other, and which one is in force."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesweb.meters.models import Zone
from tesweb.tariffs.book import TariffBook
from tesweb.tariffs.models import DAY_NIGHT, SINGLE, BadTariff, Band, Tariff

DAY = timedelta(days=1)


def band(up_to: int | None = None, price: str = "1", zone: Zone = Zone.SINGLE) -> Band:
    return Band(None if up_to is None else Decimal(up_to), {zone: Decimal(price)})


def tariff(
    valid_from: date = date(2026, 1, 1),
    valid_until: date | None = None,
    bands: tuple[Band, ...] = (band(),),
    zones: frozenset[Zone] = SINGLE,
) -> Tariff:
    return Tariff("city", zones, bands, valid_from, valid_until, "test")


@pytest.mark.parametrize(
    ("bands", "fault"),
    [
        ((), "last band"),
        ((band(3900),), "last band"),
        ((band(None), band(None)), "rise"),
        ((band(3900), band(3900), band()), "rise"),
        ((band(0), band()), "rise"),
        ((band(3900), band(zone=Zone.DAY)), "band 2 has prices for day"),
        ((band(price="-1"),), "negative"),
    ],
)
def test_bands_that_cannot_be_priced(bands: tuple[Band, ...], fault: str) -> None:
    with pytest.raises(BadTariff, match=fault):
        tariff(bands=bands)


def test_dates_the_wrong_way_round() -> None:
    with pytest.raises(BadTariff, match="valid_until"):
        tariff(date(2026, 2, 1), date(2026, 1, 31))


def test_a_set_of_zones_that_no_meter_counts() -> None:
    with pytest.raises(BadTariff, match="day is not a set of zones"):
        tariff(bands=(band(zone=Zone.DAY),), zones=frozenset({Zone.DAY}))


def test_the_tariff_of_the_day() -> None:
    old = tariff(date(2026, 1, 1), date(2026, 9, 30))
    new = tariff(date(2026, 10, 1))
    book = TariffBook([new, old])
    assert book.on("city", SINGLE, date(2026, 1, 1)) is old
    assert book.on("city", SINGLE, date(2026, 9, 30)) is old
    assert book.on("city", SINGLE, date(2026, 10, 1)) is new
    assert book.on("city", SINGLE, date(2126, 10, 1)) is new
    assert book.all() == [old, new]


@pytest.mark.parametrize(
    ("category", "zones", "day"),
    [
        ("city", SINGLE, date(2025, 12, 31)),
        ("city", SINGLE, date(2026, 10, 1)),
        ("city", DAY_NIGHT, date(2026, 5, 1)),
        ("castle", SINGLE, date(2026, 5, 1)),
    ],
)
def test_no_tariff_is_an_error_that_says_which(
    category: str, zones: frozenset[Zone], day: date
) -> None:
    book = TariffBook([tariff(date(2026, 1, 1), date(2026, 9, 30))])
    with pytest.raises(LookupError, match=f"{category}.*{day}"):
        book.on(category, zones, day)


@pytest.mark.parametrize("until", [None, date(2026, 10, 1)])
def test_two_tariffs_for_one_day_are_refused(until: date | None) -> None:
    with pytest.raises(BadTariff, match="in force on 2026-10-01"):
        TariffBook([tariff(date(2026, 1, 1), until), tariff(date(2026, 10, 1))])


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=6),
    st.integers(0, 60),
    st.integers(0, 60),
)
def test_parts_cover_every_day_once(lengths: list[int], offset: int, length: int) -> None:
    starts = [date(2026, 1, 1)]
    for days in lengths:
        starts.append(starts[-1] + days * DAY)
    rows = [tariff(start, end - DAY) for start, end in pairwise(starts)]
    book = TariffBook([*rows, tariff(starts[-1])])
    first = starts[0] + offset * DAY
    parts = book.parts("city", SINGLE, first, first + length * DAY)
    found = [part.tariff for part in parts for _ in range(part.days)]
    expected = [book.on("city", SINGLE, first + count * DAY) for count in range(length + 1)]
    assert found == expected


def test_parts_with_a_day_that_has_no_tariff() -> None:
    book = TariffBook([tariff(date(2026, 1, 1), date(2026, 1, 15))])
    with pytest.raises(LookupError, match="2026-01-16"):
        book.parts("city", SINGLE, date(2026, 1, 1), date(2026, 1, 31))
