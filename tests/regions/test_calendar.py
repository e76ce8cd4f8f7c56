"""Working days of Russia, and of a region with days of its own."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesweb.regions.calendar import Weekday, WorkingCalendar, country

RUSSIA = WorkingCalendar(country("russia"))


@pytest.mark.parametrize(("year", "count"), [(2024, 248), (2025, 247), (2026, 247)])
def test_working_days_of_a_year_as_published(year: int, count: int) -> None:
    day, found = date(year, 1, 1), 0
    while day.year == year:
        found += RUSSIA.is_working(day)
        day += timedelta(days=1)
    assert found == count


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2025, 11, 1), True),  # a Saturday that is worked
        (date(2025, 11, 3), False),  # for this Monday
        (date(2025, 12, 31), False),
        (date(2026, 1, 8), False),
        (date(2026, 1, 9), False),
        (date(2026, 1, 12), True),
        (date(2026, 2, 23), False),
        (date(2026, 3, 9), False),
        (date(2026, 5, 11), False),
        (date(2026, 11, 4), False),
        (date(2026, 11, 5), True),
        (date(2026, 11, 22), False),
        (date(2027, 5, 3), False),
        (date(2031, 5, 9), False),  # holidays return in years that nobody has listed
        (date(2031, 5, 12), True),
    ],
)
def test_days(day: date, works: bool) -> None:  # noqa: FBT001 - a column of the table
    assert RUSSIA.is_working(day) is works


def test_a_year_that_is_not_decreed_is_in_doubt() -> None:
    assert RUSSIA.doubt(2026) == ""
    assert "2027 is not final" in RUSSIA.doubt(2027)
    assert "2031 is missing" in RUSSIA.doubt(2031)
    assert RUSSIA.knows(2027)
    assert not RUSSIA.knows(2031)


def test_the_days_of_a_region_beat_those_of_the_country() -> None:
    own = WorkingCalendar(
        country("russia"),
        off=frozenset({date(2026, 8, 31)}),
        working=frozenset({date(2026, 11, 4), date(2026, 8, 29)}),
    )
    assert not own.is_working(date(2026, 8, 31))
    assert own.is_holiday(date(2026, 8, 31))
    assert own.is_working(date(2026, 8, 29))
    assert own.is_working(date(2026, 11, 4))
    assert not own.is_holiday(date(2026, 11, 4))


def test_a_working_saturday_is_no_holiday() -> None:
    assert not RUSSIA.is_holiday(date(2025, 11, 1))
    assert not RUSSIA.is_holiday(date(2026, 11, 21))
    assert RUSSIA.is_holiday(date(2026, 1, 9))


def test_moved_days_are_real_moves() -> None:
    for year in country("russia").years:
        assert {day.year for day in year.off | year.working} <= {year.year}
        assert all(day.weekday() < 5 for day in year.off)
        assert all(day.weekday() >= 5 for day in year.working)
        assert not any((day.month, day.day) in country("russia").holidays for day in year.off)


@pytest.mark.parametrize("name", ["ruritania", "../russia", ""])
def test_another_country(name: str) -> None:
    with pytest.raises(LookupError, match="no calendar"):
        country(name)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 1)))
def test_the_next_working_day(day: date) -> None:
    found = RUSSIA.working_day_from(day)
    assert RUSSIA.is_working(found)
    assert day <= found <= day + timedelta(days=12)
    assert RUSSIA.working_day_from(found) == found


def test_weekdays() -> None:
    assert Weekday.of(date(2026, 11, 22)) is Weekday.SUNDAY
