"""The region of Tyumen keeps the contract and the facts that were found for it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from tesweb_region_tyumen import regions

from tesweb.meters.models import Zone
from tesweb.regions import checks
from tesweb.regions.region import Region, Window
from tesweb.tariffs.models import SINGLE, ZONE_SETS
from tesweb.testing.regions import RegionContract


@pytest.fixture(scope="module")
def tyumen() -> Region:
    return regions()[0]


class TestTyumen(RegionContract):
    @pytest.fixture
    def region(self, tyumen: Region) -> Region:
        return tyumen

    @pytest.fixture
    def today(self) -> date:
        return date(2026, 11, 22)


def test_readings_from_the_15th_to_the_25th(tyumen: Region) -> None:
    assert tyumen.window(date(2026, 11, 1)) == Window(date(2026, 11, 15), date(2026, 11, 25))
    assert tyumen.period_for(date(2026, 11, 25)) == date(2026, 11, 1)
    assert tyumen.period_for(date(2026, 11, 26)) == date(2026, 12, 1)
    assert tyumen.timezone.key == "Asia/Yekaterinburg"


def test_zones_as_the_regulators_print_them(tyumen: Region) -> None:
    assert tyumen.zone_hours(Zone.DAY) == "7–23"
    assert tyumen.zone_hours(Zone.PEAK) == "7–10, 17–21"
    assert tyumen.zone_hours(Zone.HALF_PEAK) == "10–17, 21–23"
    assert tyumen.zone_hours(Zone.NIGHT) == "23–7"


def test_electric_stove_of_2026_as_the_regulator_explained_it(tyumen: Region) -> None:
    cost = tyumen.cost("electric_stove", {Zone.SINGLE: Decimal(1400)}, date(2026, 4, 1))
    assert cost.total == 5028_00
    assert not cost.is_demo
    assert "РЭК" in cost.lines[0].tariff.source


def test_every_day_of_the_demonstration_has_a_price(tyumen: Region) -> None:
    assert {"gas_stove", "electric_stove", "private_house"} == set(tyumen.facts.categories)
    day = date(2024, 1, 1)
    while day <= date(2027, 12, 31):
        for category in tyumen.facts.categories:
            for zones in ZONE_SETS:
                assert tyumen.tariff(category, zones, day).covers(day)
        day += timedelta(days=1)
    assert checks.overlap_faults(tyumen, date(2024, 1, 1), date(2027, 12, 31)) == []


def test_made_up_prices_say_so(tyumen: Region) -> None:
    known = [tariff for tariff in tyumen.tariffs.all() if not tariff.is_demo]
    assert [(tariff.category, tariff.zones) for tariff in known] == [("electric_stove", SINGLE)]
    for tariff in tyumen.tariffs.all():
        assert tariff.is_demo == tariff.source.startswith("Демонстрационные значения")


def test_nights_are_cheaper_and_peaks_are_dearer(tyumen: Region) -> None:
    for tariff in tyumen.tariffs.all():
        for band in tariff.bands:
            prices = [band.prices[zone] for zone in (*_DEAR, Zone.NIGHT) if zone in tariff.zones]
            assert prices == sorted(prices, reverse=True)


_DEAR = (Zone.PEAK, Zone.DAY, Zone.HALF_PEAK)


def test_the_number_in_the_header(tyumen: Region) -> None:
    assert tyumen.contacts.phone == "8-800-250-60-06"
    assert tyumen.contacts.phone_link == "tel:+78002506006"
    assert tyumen.contacts.hours("ru") == "пн–пт\u00a08:00–17:00"


def test_account_numbers(tyumen: Region) -> None:
    assert tyumen.account_number("7204 0012 3456") == "720400123456"
    assert tyumen.format_account("720400123456") == "7204 0012 3456"
