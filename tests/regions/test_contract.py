"""The contract passes the documented region, and each wrong region fails it at its own place."""

import inspect
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import pytest

from tesweb.accounts.models import Proof
from tesweb.regions import checks
from tesweb.regions.region import Region, Window
from tesweb.tariffs.models import Tariff
from tesweb.testing.regions import RegionContract

TODAY = date(2026, 11, 22)
CASTLE = 'castle = { ru = "Замок", en = "Castle" }'
Write = Callable[..., Path]


class TestDocumented(RegionContract):
    @pytest.fixture
    def region(self, write: Write) -> Region:
        return Region.from_toml(write())

    @pytest.fixture
    def today(self) -> date:
        return TODAY


def unheard(name: str, value: object) -> None:
    del name, value


def failures(region: Region, today: date = TODAY) -> list[str]:
    """The names of the contract's tests that the region fails."""
    given = {
        "region": region,
        "today": today,
        "days": (date(today.year - 1, 1, 1), date(today.year + 1, 12, 31)),
        "record_property": unheard,
    }
    failed = []
    for name, test in inspect.getmembers(RegionContract(), inspect.ismethod):
        if name.startswith("test_"):
            arguments = {key: given[key] for key in inspect.signature(test).parameters}
            try:
                test(**arguments)
            except pytest.fail.Exception:
                failed.append(name)
    return failed


@pytest.mark.parametrize(
    ("old", "new", "failed"),
    [
        ("valid_until = 2026-09-30", "valid_until = 2026-09-29", "test_every_day_has_a_tariff"),
        ("valid_from = 2024-01-01", "valid_from = 2025-01-02", "test_every_day_has_a_tariff"),
        ("[categories]", f"[categories]\n{CASTLE}", "test_every_day_has_a_tariff"),
        ("single = 8.27", "single = 4.27", "test_prices_do_not_fall_from_band_to_band"),
        ("night = [[23, 7]]", "night = [[22, 7]]", "test_zones_make_up_a_day"),
        ("night = [[23, 7]]", "night = [[23, 6]]", "test_zones_make_up_a_day"),
        ("night = [[23, 7]]\n", "", "test_zones_make_up_a_day"),
        ('"600-000-000"', '"700-000-000"', "test_account_number_stays_itself"),
        ("NNN-NNN-NNN", "NNN-NNN-NN", "test_account_number_stays_itself"),
        ('text = "#0b0c0c"', 'text = "#ffd700"', "test_colours_can_be_read"),
        ('primary = "#0b4a80"', 'primary = "#8fb8dd"', "test_colours_can_be_read"),
        ('accent = "#ffc20e"', 'accent = "#5c4400"', "test_colours_can_be_read"),
        ('en = "Pskov Light"', 'en = " "', "test_texts_exist_in_both_languages"),
        ('ru = "Городская квартира"', 'ru = ""', "test_texts_exist_in_both_languages"),
        ('en = "Pskov"\n', 'en = ""\n', "test_texts_exist_in_both_languages"),
    ],
)
def test_a_wrong_region_fails_at_its_own_place(
    write: Write, old: str, new: str, failed: str
) -> None:
    region = Region.from_toml(write((old, new)))
    assert failures(region) == [failed]
    assert checks.faults(region, TODAY)


def test_a_window_that_overlaps_in_february_only(write: Write) -> None:
    # The end of February is both the last day of January's window and the first of the next.
    region = Region.from_toml(write(("opens = 20", "opens = 30"), ("closes = 26", "closes = 29")))
    assert "test_windows_are_open_and_do_not_overlap" in failures(region)


def test_the_documented_region_has_no_fault(region: Region) -> None:
    assert failures(region) == []
    assert checks.faults(region, TODAY) == []


def test_a_meter_alone_is_a_doubt_and_two_kinds_are_none(write: Write) -> None:
    weak = Region.from_toml(write(('["bill_code"]', '["meter"]')))
    assert any("on the landing" in doubt for doubt in checks.doubts(weak, TODAY))
    assert failures(weak) == []
    unsaid = Region.from_toml(write(('[proof]\nasks = ["bill_code"]\n', "")))
    assert unsaid.facts.proof.asks == (Proof.METER, Proof.PAYMENT)
    assert not any("landing" in doubt for doubt in checks.doubts(unsaid, TODAY))


# Rules that a subclass gets wrong


class ClosedInJuly(Region):
    def window(self, month: date) -> Window:
        found = super().window(month)
        return Window(found.closes, found.opens) if month.month == 7 else found


class Backwards(Region):
    def period_for(self, day: date) -> date:
        return super().period_for(day).replace(year=4000 - day.year)


class OnSunday(Region):
    def due_date(self, period: date) -> date:
        return super().due_date(period).replace(day=15)


class TwoAtOnce(Region):
    def __init__(self, *given: object) -> None:
        super().__init__(*given)  # type: ignore[arg-type]  # handed through
        self.tariffs.all = self._twice  # type: ignore[method-assign]  # a book that lies

    def _twice(self) -> list[Tariff]:
        return list(_twice(type(self.tariffs).all(self.tariffs)))


def _twice(tariffs: Iterable[Tariff]) -> Iterable[Tariff]:
    for tariff in tariffs:
        yield from (tariff, tariff)


@pytest.mark.parametrize(
    ("wrong", "failed"),
    [
        (ClosedInJuly, "test_windows_are_open_and_do_not_overlap"),
        (Backwards, "test_each_day_counts_for_a_month"),
        (OnSunday, "test_bills_fall_due_on_working_days"),
        (TwoAtOnce, "test_no_day_has_two_tariffs"),
    ],
)
def test_a_wrong_rule_fails(write: Write, wrong: type[Region], failed: str) -> None:
    assert failed in failures(wrong.from_toml(write()))


# The calendar


def test_next_year_is_wanted_from_november_on(region: Region) -> None:
    wanted = "test_calendar_covers_next_year"
    assert wanted not in failures(region, date(2027, 10, 31))
    assert wanted in failures(region, date(2027, 11, 1))
    assert wanted in failures(region, date(2028, 1, 1))


def test_what_needs_a_hand_is_reported_and_passes(region: Region) -> None:
    said: list[tuple[str, object]] = []

    def record(name: str, value: object) -> None:
        said.append((name, value))

    RegionContract().test_calendar_covers_next_year(region, TODAY, record)
    assert [name for name, _ in said] == ["doubt", "doubt"]
    assert "2027 is not final" in str(said[0][1])
    assert "2 of those in force are made up" in str(said[1][1])


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#ffffff", "#000000", 21.0), ("#ffd700", "#ffffff", 1.40), ("#777777", "#ffffff", 4.48)],
)
def test_contrast(one: str, other: str, ratio: float) -> None:
    assert checks.contrast(one, other) == pytest.approx(ratio, abs=0.005)
    assert checks.contrast(other, one) == pytest.approx(ratio, abs=0.005)
