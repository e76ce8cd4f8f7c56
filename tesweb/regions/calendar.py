"""Working days: the weekend, the holidays of each year, the days a government moves."""

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

_FOLDER = Path(__file__).with_name("calendars")


class Weekday(StrEnum):
    """The days of the week, Monday first."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @classmethod
    def of(cls, day: date) -> "Weekday":
        """The weekday of a date."""
        return list(cls)[day.weekday()]


class Year(BaseModel):
    """What a government moved in one year."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    year: int
    source: str = Field(min_length=1)
    final: bool = True
    off: frozenset[date] = frozenset()
    working: frozenset[date] = frozenset()


class CalendarFacts(BaseModel):
    """A file of `tesweb/regions/calendars/`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    weekend: frozenset[Weekday]
    #: (month, day) pairs, written `MM-DD`.
    holidays: frozenset[tuple[int, int]]
    years: tuple[Year, ...]

    @field_validator("holidays", mode="before")
    @classmethod
    def _read_holidays(cls, written: list[str]) -> list[tuple[int, int]]:
        days = [date.fromisoformat(f"2024-{text}") for text in written]
        return [(day.month, day.day) for day in days]


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Tells working days from days off, on any date; `doubt` says where it knows less."""

    facts: CalendarFacts
    #: Days off and working days besides those of the country.
    off: frozenset[date] = frozenset()
    working: frozenset[date] = frozenset()

    def is_working(self, day: date) -> bool:
        """Whether people work on that day. The region's own days beat those of the country."""
        if self.is_holiday(day):
            return False
        moved = self._year(day.year)
        worked = day in self.working or (moved is not None and day in moved.working)
        return worked or Weekday.of(day) not in self.facts.weekend

    def is_holiday(self, day: date) -> bool:
        """Whether that day is a day off by name, whatever the weekday; a moved day off is one."""
        moved = self._year(day.year)
        return day not in self.working and (
            day in self.off
            or (day.month, day.day) in self.facts.holidays
            or (moved is not None and day in moved.off)
        )

    def working_day_from(self, day: date) -> date:
        """The day itself if it is a working one, else the next that is (ГК РФ, ст. 193)."""
        while not self.is_working(day):
            day += timedelta(days=1)
        return day

    def knows(self, year: int) -> bool:
        """Whether the year is listed at all; else only weekend and returning holidays are known."""
        return self._year(year) is not None

    def doubt(self, year: int) -> str:
        """Why due dates of that year may yet change; empty where they cannot."""
        moved = self._year(year)
        if moved is None:
            return f"calendar: {year} is missing, moved days off are not known"
        if not moved.final:
            return f"calendar: {year} is not final ({moved.source})"
        return ""

    def _year(self, year: int) -> Year | None:
        return next((found for found in self.facts.years if found.year == year), None)


@cache
def country(name: str) -> CalendarFacts:
    """The calendar of a country, of those that tesweb brings. Raises LookupError for another."""
    file = _FOLDER / f"{name}.toml"
    if not name.isalpha() or not file.is_file():
        raise LookupError(f"there is no calendar {name!r}")
    return CalendarFacts.model_validate(tomllib.loads(file.read_text("utf-8")))
