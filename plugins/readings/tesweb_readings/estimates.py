"""What readings will cost, before billing says so."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from tesweb.api import BadVolumes, Cost, Judgement, Kopecks, Zone
from tesweb_readings.desk import Desk


@dataclass(frozen=True, slots=True)
class Estimate:
    """A sum that the bill may differ from."""

    total: Kopecks
    #: A made-up price has part in it.
    is_demo: bool


def estimate(desk: Desk, judged: Sequence[Judgement]) -> Estimate | None:
    """The cost of what was consumed since the readings before, removed meters included.

    None where no tariff is known, or where billing has to take something off.
    """
    try:
        costs = [_cost(desk, volumes) for volumes in _volumes(desk, judged)]
    except (LookupError, BadVolumes):
        return None
    total = Kopecks(sum(cost.total for cost in costs))
    return Estimate(total, any(cost.is_demo for cost in costs))


def _cost(desk: Desk, volumes: dict[Zone, Decimal]) -> Cost:
    return desk.region.cost(desk.account.category, volumes, desk.period)


def _volumes(desk: Desk, judged: Sequence[Judgement]) -> list[dict[Zone, Decimal]]:
    """The kWh by zone; meters that count the same zones share the tariff's bands."""
    meters: dict[int, dict[Zone, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for each in judged:
        meters[each.dial.meter_no][each.dial.zone] += each.consumed
    for gone in desk.standing.replaced:
        meters[gone.meter.meter_no][gone.zone] += gone.span.consumed
    groups: dict[frozenset[Zone], dict[Zone, Decimal]] = {}
    for volumes in meters.values():
        group = groups.setdefault(frozenset(volumes), dict.fromkeys(volumes, Decimal(0)))
        for zone, volume in volumes.items():
            group[zone] += volume
    return list(groups.values())
