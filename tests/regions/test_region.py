"""What a region answers: months, windows, due days, prices, names."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesweb.clock import add_months, month_of
from tesweb.meters.models import Zone
from tesweb.regions.facts import Facts, WindowFacts
from tesweb.regions.region import Region, Window
from tesweb.tariffs.models import SINGLE
from tesweb.tariffs.rules import BadVolumes

DAY = timedelta(days=1)
Write = Callable[..., Path]
days = st.dates(date(2000, 1, 1), date(2099, 12, 31))


def with_window(region: Region, opens: int, closes: int) -> Region:
    window = WindowFacts(opens=opens, closes=closes)
    return Region(region.facts.model_copy(update={"window": window}), region.tariffs.all())


# Windows and months


def test_a_window_within_the_month(region: Region) -> None:
    window = region.window(date(2026, 11, 14))
    assert window == Window(date(2026, 11, 20), date(2026, 11, 26))
    assert date(2026, 11, 19) not in window
    assert date(2026, 11, 20) in window
    assert date(2026, 11, 26) in window
    assert date(2026, 11, 27) not in window


def test_a_window_over_the_end_of_the_month(region: Region) -> None:
    far = with_window(region, 23, 2)
    assert far.window(date(2026, 12, 1)) == Window(date(2026, 12, 23), date(2027, 1, 2))


def test_a_window_to_the_last_day_of_every_month(region: Region) -> None:
    long = with_window(region, 1, 31)
    assert long.window(date(2027, 2, 1)) == Window(date(2027, 2, 1), date(2027, 2, 28))
    assert long.window(date(2028, 2, 1)).closes == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("day", "period"),
    [
        (date(2026, 11, 1), date(2026, 11, 1)),
        (date(2026, 11, 19), date(2026, 11, 1)),
        (date(2026, 11, 26), date(2026, 11, 1)),
        (date(2026, 11, 27), date(2026, 12, 1)),
        (date(2026, 12, 31), date(2027, 1, 1)),
    ],
)
def test_the_month_of_a_reading(region: Region, day: date, period: date) -> None:
    assert region.period_for(day) == period


@pytest.mark.parametrize(
    ("day", "period"),
    [
        (date(2026, 11, 23), date(2026, 11, 1)),
        (date(2026, 12, 2), date(2026, 11, 1)),
        (date(2026, 12, 3), date(2026, 12, 1)),
        (date(2027, 1, 2), date(2026, 12, 1)),
        (date(2027, 1, 3), date(2027, 1, 1)),
    ],
)
def test_the_month_of_a_reading_over_the_end(region: Region, day: date, period: date) -> None:
    assert with_window(region, 23, 2).period_for(day) == period


windows = st.one_of(
    st.tuples(st.integers(1, 31), st.integers(1, 31)).filter(lambda pair: pair[0] <= pair[1]),
    st.tuples(st.integers(2, 31), st.integers(1, 27)).filter(lambda pair: pair[0] > pair[1]),
)


@given(windows, days)
def test_a_day_counts_for_the_first_window_that_is_not_over(
    facts: Facts, window: tuple[int, int], day: date
) -> None:
    changed = facts.model_copy(update={"window": WindowFacts(opens=window[0], closes=window[1])})
    region = Region(changed, [])
    period = region.period_for(day)
    assert region.window(period).closes >= day
    assert region.window(add_months(period, -1)).closes < day
    assert region.period_for(day + DAY) >= period
    assert all(region.period_for(edge) == period for edge in _ends(region.window(period)))


def _ends(window: Window) -> tuple[date, date]:
    return window.opens, window.closes


@given(windows, days)
def test_windows_do_not_overlap(facts: Facts, window: tuple[int, int], day: date) -> None:
    changed = facts.model_copy(update={"window": WindowFacts(opens=window[0], closes=window[1])})
    region = Region(changed, [])
    here, after = region.window(day), region.window(add_months(day, 1))
    assert here.opens <= here.closes < after.opens


# Due days


@pytest.mark.parametrize(
    ("period", "due"),
    [
        (date(2025, 1, 1), date(2025, 2, 10)),
        # 10 May 2025 is a Saturday.
        (date(2025, 4, 1), date(2025, 5, 12)),
        # 10 January 2026 is a Saturday after moved days off.
        (date(2025, 12, 1), date(2026, 1, 12)),
        (date(2026, 1, 1), date(2026, 2, 10)),
        # From the bill for February on the 15th; 15 March 2026 is a Sunday.
        (date(2026, 2, 1), date(2026, 3, 16)),
        (date(2026, 10, 1), date(2026, 11, 16)),
        (date(2026, 11, 1), date(2026, 12, 15)),
        # Before the first rule the first rule holds.
        (date(2020, 1, 1), date(2020, 2, 10)),
    ],
)
def test_due_days(region: Region, period: date, due: date) -> None:
    assert region.due_date(period) == due


@given(days)
def test_a_due_day_is_the_first_working_day_from_its_day(facts: Facts, day: date) -> None:
    region = Region(facts, [])
    period = month_of(day)
    due = region.due_date(period)
    written = add_months(period, 1).replace(day=15 if period >= date(2026, 2, 1) else 10)
    assert region.is_working_day(due)
    assert due >= written
    between = [written + count * DAY for count in range((due - written).days)]
    assert not any(region.is_working_day(skipped) for skipped in between)


# Prices


def test_the_tariff_of_a_day(region: Region) -> None:
    before = region.tariff("city", SINGLE, date(2026, 9, 30))
    after = region.tariff("city", SINGLE, date(2026, 10, 1))
    assert before.bands[0].prices == {Zone.SINGLE: Decimal("4.93")}
    assert after.bands[0].prices == {Zone.SINGLE: Decimal("5.48")}
    with pytest.raises(LookupError):
        region.tariff("castle", SINGLE, date(2026, 10, 1))


def test_prices_never_pass_through_binary_fractions(region: Region) -> None:
    tariff = region.tariff("city", SINGLE, date(2026, 1, 1))
    assert [str(band.prices[Zone.SINGLE]) for band in tariff.bands] == ["4.93", "8.27", "9.47"]


def test_the_cost_of_a_month(region: Region) -> None:
    volumes = {Zone.DAY: Decimal(200), Zone.NIGHT: Decimal(100)}
    assert region.cost("city", volumes, date(2026, 11, 1)).total == 1282_00


def test_the_cost_of_a_month_in_which_the_tariff_changes(write: Write) -> None:
    region = Region.from_toml(write(("2026-09-30", "2026-09-15"), ("2026-10-01", "2026-09-16")))
    cost = region.cost("city", {Zone.SINGLE: Decimal(300)}, date(2026, 9, 22))
    assert [(int(line.volume), str(line.price)) for line in cost.lines] == [
        (150, "4.93"),
        (150, "5.48"),
    ]
    assert cost.total == 739_50 + 822_00


def test_the_cost_of_volumes_without_a_tariff(region: Region) -> None:
    with pytest.raises(LookupError):
        region.cost("city", {Zone.PEAK: Decimal(1)}, date(2026, 11, 1))
    with pytest.raises(BadVolumes):
        region.cost("city", {Zone.SINGLE: Decimal(-1)}, date(2026, 11, 1))


# Names


def test_names_in_both_languages(region: Region) -> None:
    assert (region.title("ru"), region.title("en")) == ("Псковский свет", "Pskov Light")
    assert region.title("de") == "Pskov Light"
    assert region.category_title("city", "ru") == "Городская квартира"
    assert region.category_title("castle", "ru") == "castle"
    assert region.cities("ru") == ["Псков"]
    assert region.brand.short_name.in_language("en") == "Light"


def test_hours_of_zones(region: Region, write: Write) -> None:
    assert region.zone_hours(Zone.DAY) == "7–23"
    assert region.zone_hours(Zone.NIGHT) == "23–7"
    assert region.zone_hours(Zone.SINGLE) == ""
    more = write(("day = [[7, 23]]", "day = [[7, 23]]\npeak = [[7, 10], [17, 21]]"))
    assert Region.from_toml(more).zone_hours(Zone.PEAK) == "7–10, 17–21"
