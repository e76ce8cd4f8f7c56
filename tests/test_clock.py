"""Time."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesweb.clock import SystemClock, add_months, clock_at, local_day, month_of


def test_a_clock_put_to_a_moment_runs_on_from_it() -> None:
    moment = datetime(2026, 11, 20, 7, tzinfo=UTC)
    clock = clock_at(moment)
    assert timedelta(0) <= clock.now() - moment < timedelta(seconds=5)
    assert clock_at(None) == SystemClock()


def test_the_day_is_the_people_s_own() -> None:
    moment = datetime(2026, 11, 25, 20, tzinfo=UTC)
    assert local_day(moment, ZoneInfo("Asia/Yekaterinburg")) == date(2026, 11, 26)
    assert local_day(moment, ZoneInfo("Europe/Kaliningrad")) == date(2026, 11, 25)


@pytest.mark.parametrize(
    ("month", "count", "expected"),
    [
        (date(2026, 11, 1), 2, date(2027, 1, 1)),
        (date(2026, 1, 1), -1, date(2025, 12, 1)),
        (date(2026, 3, 1), -24, date(2024, 3, 1)),
    ],
)
def test_months_are_counted_across_years(month: date, count: int, expected: date) -> None:
    assert add_months(month, count) == expected


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(-500, 500))
def test_going_and_coming_back_is_staying(day: date, count: int) -> None:
    assert add_months(add_months(month_of(day), count), -count) == month_of(day)
