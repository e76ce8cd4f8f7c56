"""The made-up region keeps the contract and differs from Tyumen wherever a region may differ."""

from datetime import UTC, date, datetime

import pytest
from tesweb_region_demo import regions
from tesweb_region_tyumen import regions as regions_of_tyumen

from tesweb.regions.region import Region, Window
from tesweb.testing.regions import RegionContract


@pytest.fixture(scope="module")
def demo() -> Region:
    return regions()[0]


class TestDemo(RegionContract):
    @pytest.fixture
    def region(self, demo: Region) -> Region:
        return demo

    @pytest.fixture
    def today(self) -> date:
        return date(2026, 11, 22)


def test_the_window_goes_over_the_end_of_the_month(demo: Region) -> None:
    assert demo.window(date(2026, 12, 1)) == Window(date(2026, 12, 23), date(2027, 1, 2))
    assert demo.period_for(date(2027, 1, 2)) == date(2026, 12, 1)
    assert demo.period_for(date(2027, 1, 3)) == date(2027, 1, 1)


def test_account_numbers(demo: Region) -> None:
    assert demo.account_number("25 0012-3456") == "2500123456"
    assert demo.format_account("2500123456") == "25-0012-3456"


def test_saturdays_in_its_own_time(demo: Region) -> None:
    # 11 o'clock on Saturday in Vladivostok is one o'clock at night in Greenwich.
    assert demo.contacts.is_open(datetime(2026, 11, 28, 1, 0, tzinfo=UTC))
    assert not demo.contacts.is_open(datetime(2026, 11, 28, 11, 0, tzinfo=UTC))


def test_it_differs_from_tyumen(demo: Region) -> None:
    tyumen = regions_of_tyumen()[0]
    mine, other = demo.facts, tyumen.facts
    for fact in ("name", "timezone", "title", "brand", "contacts", "account", "window"):
        assert getattr(mine, fact) != getattr(other, fact), fact
    assert set(mine.categories) != set(other.categories)


def test_all_its_prices_are_made_up(demo: Region) -> None:
    assert all(tariff.is_demo for tariff in demo.tariffs.all())
