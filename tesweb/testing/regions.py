"""The contract of a region, for its author's own tests.

class TestRegion(RegionContract):
    @pytest.fixture
    def region(self) -> Region:
        return Region.from_toml(Path("tesweb_region_mine/region.toml"))
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from tesweb.clock import add_months, month_of
from tesweb.regions import checks
from tesweb.regions.region import Region


class RegionContract:
    """What every region keeps. A fault makes a test of its name fail, with a sentence on it."""

    @pytest.fixture
    def region(self) -> Region:
        """Replace it: gives the region."""
        raise NotImplementedError("give your region in a fixture `region`")

    @pytest.fixture
    def today(self) -> date:
        """The day the contract is checked on; replace it where a test must not depend on it."""
        return datetime.now(UTC).date()

    @pytest.fixture
    def days(self, today: date) -> tuple[date, date]:
        """The first day of last year and the last day of the next one."""
        return date(today.year - 1, 1, 1), date(today.year + 1, 12, 31)

    def test_every_day_has_a_tariff(self, region: Region, days: tuple[date, date]) -> None:
        """No gap for any category and set of zones, last year to next year."""
        _none(checks.tariff_faults(region, *days))

    def test_no_day_has_two_tariffs(self, region: Region, days: tuple[date, date]) -> None:
        """No overlap either: the price would depend on the order of lines in a file."""
        _none(checks.overlap_faults(region, *days))

    def test_prices_do_not_fall_from_band_to_band(self, region: Region) -> None:
        """A cheaper band is a slip of the pen."""
        _none(checks.price_faults(region))

    def test_windows_are_open_and_do_not_overlap(self, region: Region, today: date) -> None:
        """Each month has a window, and a day belongs to one window at most. Four years: a leap."""
        _none(checks.window_faults(region, add_months(month_of(today), -12), 48))

    def test_each_day_counts_for_a_month(self, region: Region, days: tuple[date, date]) -> None:
        """Within a window it is the window's month; from day to day it never goes back."""
        first, last = days
        before = region.period_for(first)
        for count in range((last - first).days + 1):
            day = first + timedelta(days=count)
            period = region.period_for(day)
            if period < before or day > region.window(period).closes:
                pytest.fail(f"window: {day} counts for {period}")
            before = period

    def test_zones_make_up_a_day(self, region: Region) -> None:
        """The hours of each set of zones are 24, each once."""
        _none(checks.zone_faults(region))

    def test_account_number_stays_itself(self, region: Region) -> None:
        """What was made canonical or shown by the mask is read back as the same number."""
        _none(checks.account_faults(region))

    def test_colours_can_be_read(self, region: Region) -> None:
        """Text on white, white on the primary colour, text on the accent: 4.5 to 1."""
        _none(checks.contrast_faults(region))

    def test_texts_exist_in_both_languages(self, region: Region) -> None:
        """Titles of the region, its categories and everything else people read."""
        _none(checks.text_faults(region))

    def test_bills_fall_due_on_working_days(self, region: Region, days: tuple[date, date]) -> None:
        """Each after the month it is for, each later than the one before."""
        first, last = days
        months = (last.year - first.year + 1) * 12
        due = [region.due_date(add_months(first, count)) for count in range(months)]
        if due != sorted(set(due)) or due[0] < add_months(first, 1):
            pytest.fail("due: the days do not follow each other")
        _none([f"due: {day} is a day off" for day in due if not region.is_working_day(day)])

    def test_calendar_covers_next_year(
        self, region: Region, today: date, record_property: Callable[[str, object], None]
    ) -> None:
        """From November on the next year is listed; what is not final is reported, and passes."""
        for doubt in checks.doubts(region, today):
            record_property("doubt", doubt)
        _none(checks.calendar_faults(region, today))


def _none(faults: list[str]) -> None:
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)
