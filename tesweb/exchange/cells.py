"""What one cell of a file means: pure functions from its text to what the database stores.

Each raises BadCell with the reason in words for the operator. Numbers come out as whole watt-hours
and kopecks, computed on the digits themselves: neither `float` nor rounding comes near them.
"""

import re
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from functools import lru_cache

#: The unit in which a volume or a dial's value is stored: a thousandth of a kWh.
WATT_HOURS = 3
#: The unit in which money is stored.
KOPECKS = 2
#: Years that a date in a file may fall into; others are slips of the keyboard.
YEARS = range(1970, 2101)

_SPACES = re.compile("[ \u00a0\u2009\u202f]")
_NUMBER = re.compile(r"([-\u2212]?)([0-9]{1,12})(?:[.,]([0-9]{1,12}))?", re.ASCII)
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)
_DOTTED = re.compile(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4})", re.ASCII)
_ISO_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})", re.ASCII)
_DOTTED_MONTH = re.compile(r"([0-9]{2})\.([0-9]{4})", re.ASCII)
#: How much of a wrong cell is shown again in the reason.
_SHOWN = 40

#: A function that reads a cell.
Reader = Callable[[str], object]


class BadCell(ValueError):
    """The cell cannot be what its column is; the message is the reason."""


def text(limit: int) -> Callable[[str], str]:
    """A reader of words of at most `limit` characters; white space is folded into one space."""

    def read(cell: str) -> str:
        folded = " ".join(cell.split())
        if len(folded) > limit:
            raise BadCell(f"longer than {limit} characters")
        if not folded.isprintable():
            raise BadCell("an unprintable character")
        return folded

    return read


def choice(options: type[StrEnum]) -> Callable[[str], str]:
    """A reader of one word out of a fixed set."""
    words = frozenset(option.value for option in options)

    def read(cell: str) -> str:
        if cell not in words:
            raise BadCell(f"{_shown(cell)} is none of {', '.join(sorted(words))}")
        return cell

    return read


def whole(lowest: int, highest: int) -> Callable[[str], int]:
    """A reader of a whole number between two bounds, both included."""

    def read(cell: str) -> int:
        number = scaled(cell, 0)
        if not lowest <= number <= highest:
            raise BadCell(f"{_shown(cell)} is not between {lowest} and {highest}")
        return number

    return read


def scaled(cell: str, decimals: int) -> int:
    """A number with a comma or a dot as a whole count of its `decimals`-th places.

    `scaled("1 234,5", 2)` is 123450. Raises BadCell for a finer one that is not just zeros.
    """
    found = _NUMBER.fullmatch(_SPACES.sub("", cell))
    if found is None:
        raise BadCell(f"{_shown(cell)} is not a number")
    sign, integer, fraction = found.groups(default="")
    fraction = fraction.rstrip("0")
    if len(fraction) > decimals:
        raise BadCell(f"{_shown(cell)} has more than {decimals} digits after the comma")
    number = int(integer + fraction.ljust(decimals, "0"))
    return -number if sign else number


def kopecks(cell: str) -> int:
    """A sum in rubles, of either sign, as kopecks."""
    return scaled(cell, KOPECKS)


def paid_kopecks(cell: str) -> int:
    """A sum in rubles above zero as kopecks."""
    amount = scaled(cell, KOPECKS)
    if amount <= 0:
        raise BadCell(f"{_shown(cell)} is not above zero")
    return amount


def watt_hours(cell: str) -> int:
    """A volume in kWh, of either sign, as watt-hours."""
    return scaled(cell, WATT_HOURS)


def dial_value(cell: str) -> int:
    """What a register shows in kWh, zero or above, as watt-hours."""
    value = scaled(cell, WATT_HOURS)
    if value < 0:
        raise BadCell(f"{_shown(cell)} is below zero")
    return value


def price(cell: str) -> str:
    """Rubles per kWh with up to six decimals, zero or above, in the one form the store has."""
    decimals = 6
    millionths = scaled(cell, decimals)
    if millionths < 0:
        raise BadCell(f"{_shown(cell)} is below zero")
    integer, fraction = divmod(millionths, 10**decimals)
    tail = f"{fraction:0{decimals}d}".rstrip("0")
    return f"{integer}.{tail}" if tail else str(integer)


@lru_cache(maxsize=4096)
def day(cell: str) -> date:
    """A date as `2026-10-25` or `25.10.2026`."""
    if found := _ISO.fullmatch(cell):
        year, month, number = found.groups()
    elif found := _DOTTED.fullmatch(cell):
        number, month, year = found.groups()
    else:
        raise BadCell(f"{_shown(cell)} is not a date like 2026-10-25 or 25.10.2026")
    return _date(cell, int(year), int(month), int(number))


@lru_cache(maxsize=1024)
def month(cell: str) -> date:
    """A billing period: `2026-10`, `10.2026`, or the month's first day as a date."""
    if found := _ISO_MONTH.fullmatch(cell):
        return _date(cell, int(found[1]), int(found[2]), 1)
    if found := _DOTTED_MONTH.fullmatch(cell):
        return _date(cell, int(found[2]), int(found[1]), 1)
    first = day(cell)
    if first.day != 1:
        raise BadCell(f"{_shown(cell)} is not the first day of a month")
    return first


def _date(cell: str, year: int, number: int, of_month: int) -> date:
    if year not in YEARS:
        raise BadCell(
            f"the year of {_shown(cell)} is not between {YEARS.start} and {YEARS.stop - 1}"
        )
    try:
        return date(year, number, of_month)
    except ValueError:
        raise BadCell(f"there is no such day as {_shown(cell)}") from None


def _shown(cell: str) -> str:
    return repr(cell if len(cell) <= _SHOWN else f"{cell[:_SHOWN]}…")
