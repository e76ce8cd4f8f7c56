"""How numbers, sums and dates are written on the page; from tables, not by a Babel call each."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import get_month_names

from tesweb.money import format_rubles

__all__ = ["Formats", "format_rubles"]

_NO_BREAK_SPACE = "\u00a0"


class Formats:
    """Dates and volumes in one language."""

    def __init__(self, language: str) -> None:
        """Read the names of the months once."""
        self._in_dates: Mapping[int, str] = dict(get_month_names("wide", "format", language))
        self._alone: Mapping[int, str] = dict(get_month_names("wide", "stand-alone", language))
        short = get_month_names("abbreviated", "stand-alone", language)
        self._short: Mapping[int, str] = dict(short)
        self._comma = "," if language == "ru" else "."

    def day(self, day: date) -> str:
        """`25 ноября 2026`, never broken over two lines."""
        return _NO_BREAK_SPACE.join((str(day.day), self._in_dates[day.month], str(day.year)))

    def day_of_year(self, day: date) -> str:
        """`25 ноября`."""
        return f"{day.day}{_NO_BREAK_SPACE}{self._in_dates[day.month]}"

    def month(self, month: date) -> str:
        """`ноябрь 2026`."""
        return f"{self._alone[month.month]}{_NO_BREAK_SPACE}{month.year}"

    def month_name(self, month: date) -> str:
        """`ноябрь`."""
        return self._alone[month.month]

    def short_month(self, month: date) -> str:
        """`нояб.`, for a chart's axis."""
        return self._short[month.month]

    def moment(self, moment: datetime, zone: ZoneInfo) -> str:
        """`25 ноября 2026, 14:05` in the region's own time."""
        local = moment.astimezone(zone)
        return f"{self.day(local.date())}, {local:%H:%M}"

    def kwh(self, volume: Decimal) -> str:
        """`1 234` or `1 234,5` without the unit."""
        return _kwh(volume, self._comma)

    def percent(self, rate: Decimal) -> str:
        """`9,5 %`."""
        return f"{_kwh(rate, self._comma)}{_NO_BREAK_SPACE}%"


@lru_cache(maxsize=4096)
def _kwh(volume: Decimal, comma: str) -> str:
    whole, _, decimals = format(volume, "f").partition(".")
    grouped = f"{int(whole):,}".replace(",", _NO_BREAK_SPACE)
    digits = decimals.rstrip("0")
    return f"{grouped}{comma}{digits}" if digits else grouped


#: One for each language of the pages.
FORMATS = {code: Formats(code) for code in ("ru", "en")}
