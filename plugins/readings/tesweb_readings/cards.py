"""Cards of the dashboard: how readings stand, and what was consumed; one question for both."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from tesweb.api import (
    FORMATS,
    Card,
    LinkedAccount,
    Role,
    Window,
    Zone,
    add_months,
    connection,
    core,
    fetch,
    language_code,
    local_day,
)
from tesweb_readings.statements import CONSUMED
from tesweb_readings.wording import days_left, window, words

#: Months of the chart.
_MONTHS = 12


def cards(account: LinkedAccount) -> list[Card]:
    """The card with the window, and the chart where there is something to show."""
    region = core().region(account.region)
    today = local_day(core().clock.now(), region.timezone)
    period = region.period_for(today)
    since = add_months(period, 1 - _MONTHS)
    rows = fetch(connection(), CONSUMED, {"account_id": account.id, "since": since})
    may_send = account.permits(Role.PAYER)
    found = [_status(rows, period, region.window(period), today, may_send=may_send)]
    if any(row.consumed for row in rows):
        found.append(Card("readings/chart_card.html", 30, wide=True, context=_chart(rows, since)))
    return found


def _status(
    rows: Sequence[Any], period: date, taken: Window, today: date, *, may_send: bool
) -> Card:
    standing = {(row.meter_no, row.register_no) for row in rows if row.removed_on is None}
    now = [row for row in rows if row.period == period]
    context = {
        "period": period,
        "has_meter": bool(standing),
        "is_read": standing <= {(row.meter_no, row.register_no) for row in now},
        "receipt_id": max((row.receipt_id or 0 for row in now), default=0),
        "request_id": rows[0].request_id if rows else None,
        "may_send": may_send,
        "is_open": today in taken,
        "window": window(taken),
        "days_left": days_left(taken, today),
    }
    return Card("readings/status_card.html", 10, context=context)


def _chart(rows: Sequence[Any], since: date) -> dict[str, Any]:
    volumes: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    for row in rows:
        if row.period is not None:
            volumes[row.period, row.zone] += row.consumed
    zones = [zone.value for zone in Zone if any(found == zone for _, found in volumes)]
    kwh, names = words().formats.kwh, words().zones
    bars, table = [], []
    for month, short, long in _months(since, language_code()):
        parts = [volumes.get((month, zone), Decimal(0)) for zone in zones]
        known = any((month, zone) in volumes for zone in zones)
        total = kwh(sum(parts, Decimal(0))) if known else ""
        # A month in which billing took something off has no column below the ground.
        heights = [max(part, Decimal(0)) for part in parts]
        bars.append((short, long, heights, total))
        if known:
            table.append((long, [kwh(part) for part in parts], total))
    return {"bars": bars, "table": table, "zones": [names[zone] for zone in zones]}


@lru_cache(maxsize=8)
def _months(since: date, code: str) -> tuple[tuple[date, str, str], ...]:
    """The chart's months with their short and long names."""
    formats = FORMATS[code]
    months = (add_months(since, count) for count in range(_MONTHS))
    return tuple((month, formats.short_month(month), formats.month(month)) for month in months)
