"""Money: whole kopecks inside, rubles with a comma on the page; `float` touches neither."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import NewType

#: A sum of money as a whole number of kopecks; negative where it flows back.
Kopecks = NewType("Kopecks", int)
NOTHING = Kopecks(0)

_SPACES = re.compile("[ \u00a0\u2009\u202f]")
_RUBLES = re.compile(r"[0-9]{1,12}(?:[.,][0-9]{1,2})?", re.ASCII)
_NO_BREAK_SPACE = "\u00a0"


class BadSum(ValueError):
    """The text is not a sum of money."""


def round_to_kopecks(rubles: Decimal) -> Kopecks:
    """An exact sum in rubles as kopecks, half up, the one place where money is rounded."""
    return Kopecks(int((rubles * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)))


def parse_rubles(text: str) -> Kopecks:
    """What a person or a file writes (`1 234,5`, `1234.50`) as kopecks.

    Raises BadSum for a sign, a third decimal digit, digits of other scripts and anything else.
    """
    plain = _SPACES.sub("", text.strip())
    if not _RUBLES.fullmatch(plain):
        raise BadSum(text)
    return round_to_kopecks(Decimal(plain.replace(",", ".")))


def format_rubles(amount: Kopecks) -> str:
    """`1 234,56 ₽` with no-break spaces, a true minus sign before a negative sum."""
    rubles, kopecks = divmod(abs(amount), 100)
    grouped = f"{rubles:,}".replace(",", _NO_BREAK_SPACE)
    sign = "\u2212" if amount < 0 else ""
    return f"{sign}{grouped},{kopecks:02d}{_NO_BREAK_SPACE}\u20bd"
