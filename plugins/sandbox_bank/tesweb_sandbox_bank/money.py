"""Sums as the API writes them; kopecks inside."""

import re
from decimal import ROUND_HALF_UP, Decimal

from tesweb_sandbox_bank.models import Body

_VALUE = re.compile(r"(\d{1,10})(?:\.(\d{1,2}))?", re.ASCII)
#: What the bank keeps of each payment.
FEE_PERCENT = Decimal(1)


def kopecks(value: object) -> int | None:
    """`"1234.05"` exactly, None for anything else; a JSON number has been a float somewhere."""
    found = _VALUE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    whole, rest = found.groups(default="")
    return int(whole) * 100 + int(rest.ljust(2, "0"))


def plain(amount: int) -> str:
    """`1234.05`."""
    return f"{amount // 100}.{amount % 100:02d}"


def rubles(amount: int) -> Body:
    """`{"value": "1234.05", "currency": "RUB"}`."""
    return {"value": plain(amount), "currency": "RUB"}


def fee(amount: int) -> int:
    """The bank's share, rounded half up."""
    share = Decimal(amount) * FEE_PERCENT / 100
    return int(share.quantize(Decimal(1), rounding=ROUND_HALF_UP))
