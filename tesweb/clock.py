"""The time, asked in one place so that tests and the demo can move it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Tells the time in UTC."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's own clock, moved by a constant `shift` (zero but in tests and the demo)."""

    shift: timedelta = timedelta(0)

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC) + self.shift


@dataclass(slots=True)
class DemoClock:
    """A running clock that the demo's visitors may move on."""

    shift: timedelta = timedelta(0)

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC) + self.shift

    def move(self, by: timedelta) -> None:
        """Let time go by at once."""
        self.shift += by


@dataclass(slots=True)
class FixedClock:
    """A clock that stands where it is put."""

    moment: datetime

    def now(self) -> datetime:
        """The moment it was put at."""
        return self.moment


def clock_at(moment: datetime | None) -> SystemClock:
    """A running clock that shows `moment` now; without one, the machine's own."""
    if moment is None:
        return SystemClock()
    return SystemClock(moment.astimezone(UTC) - datetime.now(UTC))


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The calendar day of a moment for people who live in `zone`."""
    return moment.astimezone(zone).date()


def month_of(day: date) -> date:
    """The first day of the day's month: how a billing period is written everywhere."""
    return day.replace(day=1)


def add_months(month: date, count: int) -> date:
    """The first day of the month that lies `count` months after (or before) `month`."""
    years, index = divmod(month.year * 12 + month.month - 1 + count, 12)
    return date(years, index + 1, 1)
