"""What consumption costs: marginal bands, zones, tariffs that change within a month.

Volumes are split exactly and the money is rounded once, at the end. Two choices are not settled by
law and are strategies that a region may replace: how a band's boundary falls on the zones, and how
a month's volume falls on the tariffs of the month.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate, pairwise

from tesweb.meters.models import Zone
from tesweb.money import round_to_kopecks
from tesweb.tariffs.models import Cost, CostLine, Part, Tariff

Volumes = Mapping[Zone, Decimal]
#: Gives the volume of each zone within each band, from the month's volumes by zone and by band.
#: Both sums must be kept.
ZoneSplit = Callable[[Volumes, Sequence[Decimal]], Sequence[Volumes]]
#: Gives the part of a volume that falls on each of so many days. The sum must be kept.
DaySplit = Callable[[Decimal, Sequence[int]], Sequence[Decimal]]

#: Volumes of a month, of its parts and the bands' limits are whole watt-hours, as meters and the
#: database keep them.
_WATT_HOUR = Decimal("0.001")
#: Zones' shares of a band are cut much finer, so that none can fall below zero and the error stays
#: a thousand times below a kopeck.
_SHARE = Decimal("0.000001")


class BadVolumes(ValueError):
    """Volumes that the tariff cannot price: other zones, negative, or finer than a watt-hour."""


def proportionally(volumes: Volumes, bands: Sequence[Decimal]) -> list[dict[Zone, Decimal]]:
    """Each band takes from every zone the zone's share of the month's volume.

    The zone with the largest volume takes what the cutting of shares leaves over.
    """
    total = sum(volumes.values(), Decimal(0))
    largest = max(volumes, key=lambda zone: volumes[zone])
    reached = list(accumulate(bands, initial=Decimal(0)))
    columns = {
        zone: _steps([_divide(volume * limit, total, _SHARE) for limit in reached])
        for zone, volume in volumes.items()
        if zone != largest
    }
    rows = [{zone: column[row] for zone, column in columns.items()} for row in range(len(bands))]
    return [
        row | {largest: band - sum(row.values(), Decimal(0))}
        for row, band in zip(rows, bands, strict=True)
    ]


def by_days(volume: Decimal, days: Sequence[int]) -> list[Decimal]:
    """Every day of the period takes the same, where no reading was taken at the change."""
    total = sum(days)
    reached = accumulate(days, initial=0)
    return _steps([_divide(volume * count, Decimal(total), _WATT_HOUR) for count in reached])


def price(tariff: Tariff, volumes: Volumes, split: ZoneSplit = proportionally) -> Cost:
    """The cost of a month's `volumes` (kWh by zone) under one tariff.

    Raises BadVolumes where the zones are not the tariff's, a volume is negative or finer than a
    watt-hour.
    """
    return price_parts((Part(tariff, 1),), volumes, split)


def price_parts(
    parts: Sequence[Part],
    volumes: Volumes,
    split: ZoneSplit = proportionally,
    split_days: DaySplit = by_days,
) -> Cost:
    """The cost of a month's `volumes` where tariffs follow each other within the month.

    The bands of each part are as wide as its share of the month's days, so that two parts under the
    same prices cost what one costs. Raises BadVolumes as `price` does.
    """
    for part in parts:
        _check(part.tariff, volumes)
    days = [part.days for part in parts]
    portions = {zone: split_days(volume, days) for zone, volume in volumes.items()}
    lines: list[CostLine] = []
    for index, part in enumerate(parts):
        portion = {zone: portions[zone][index] for zone in volumes}
        lines += _lines(part, portion, sum(days), split)
    return Cost(tuple(lines), round_to_kopecks(sum((line.rubles for line in lines), Decimal(0))))


def _lines(part: Part, volumes: Volumes, days: int, split: ZoneSplit) -> list[CostLine]:
    tariff = part.tariff
    bands = _fill(tariff, sum(volumes.values(), Decimal(0)), part.days, days)
    shares = split(volumes, bands)
    return [
        CostLine(
            zone, number, share[zone], band.prices[zone], share[zone] * band.prices[zone], tariff
        )
        for number, (band, share) in enumerate(zip(tariff.bands, shares, strict=True), start=1)
        for zone in Zone
        if share.get(zone)
    ]


def _check(tariff: Tariff, volumes: Volumes) -> None:
    if volumes.keys() != tariff.zones:
        raise BadVolumes(f"volumes for {sorted(volumes)}, the tariff has {sorted(tariff.zones)}")
    if any(volume < 0 or volume % _WATT_HOUR for volume in volumes.values()):
        raise BadVolumes("a volume is negative or finer than a watt-hour")


def _fill(tariff: Tariff, total: Decimal, days: int, of_days: int) -> list[Decimal]:
    """How much of the total each band takes, the lower bands first."""
    limits = [
        total if up_to is None else min(total, _divide(up_to * days, Decimal(of_days), _WATT_HOUR))
        for up_to in (band.up_to for band in tariff.bands)
    ]
    return _steps([Decimal(0), *limits])


def _divide(part: Decimal, whole: Decimal, step: Decimal) -> Decimal:
    if not whole:
        return Decimal(0)
    return (part / whole).quantize(step, rounding=ROUND_HALF_UP)


def _steps(reached: Sequence[Decimal]) -> list[Decimal]:
    return [after - before for before, after in pairwise(reached)]
