"""What a tariff is and what a priced month looks like."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tesweb.meters.models import Zone
from tesweb.money import Kopecks

#: The sets of zones that meters in Russia count (ПП РФ 1178: одна, две или три зоны суток).
SINGLE = frozenset({Zone.SINGLE})
DAY_NIGHT = frozenset({Zone.DAY, Zone.NIGHT})
PEAK_HALF_NIGHT = frozenset({Zone.PEAK, Zone.HALF_PEAK, Zone.NIGHT})
ZONE_SETS = (SINGLE, DAY_NIGHT, PEAK_HALF_NIGHT)


class BadTariff(ValueError):
    """A tariff contradicts itself or another one; the text says where."""


@dataclass(frozen=True, slots=True)
class Band:
    """A consumption band (диапазон): what each kWh costs between the band before and `up_to`."""

    #: kWh per month, inclusive; None for the last band.
    up_to: Decimal | None
    #: Rubles per kWh, VAT included, for each zone of the tariff.
    prices: Mapping[Zone, Decimal]


@dataclass(frozen=True, slots=True)
class Tariff:
    """Prices for one category and one set of zones, as a regulator ordered them.

    Raises BadTariff where bands do not rise, the last one has an end, a zone lacks a price, a price
    is negative, or the dates are the wrong way round.
    """

    category: str
    zones: frozenset[Zone]
    bands: tuple[Band, ...]
    valid_from: date
    #: The last day it is in force; None until a newer order.
    valid_until: date | None
    #: Where the prices were read: the regulator's order, a page and its date.
    source: str
    #: The prices are made up for a demonstration; the page says so.
    is_demo: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be priced."""
        if self.zones not in ZONE_SETS:
            raise BadTariff(f"{_names(self.zones)} is not a set of zones that meters count")
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise BadTariff("valid_until lies before valid_from")
        self._check_limits()
        self._check_prices()

    def covers(self, day: date) -> bool:
        """Whether it is in force on that day."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)

    def _check_limits(self) -> None:
        limits = [band.up_to for band in self.bands]
        if not limits or limits[-1] is not None:
            raise BadTariff("the last band must have no up_to: it takes all that is left")
        below = Decimal(0)
        for limit in limits[:-1]:
            if limit is None or limit <= below:
                raise BadTariff("up_to must rise from band to band")
            below = limit

    def _check_prices(self) -> None:
        for number, band in enumerate(self.bands, start=1):
            if band.prices.keys() != self.zones:
                raise BadTariff(
                    f"band {number} has prices for {_names(band.prices)}, "
                    f"the tariff is for {_names(self.zones)}"
                )
            if any(price < 0 for price in band.prices.values()):
                raise BadTariff(f"band {number} has a negative price")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of days of a billing period during which one tariff is in force."""

    tariff: Tariff
    days: int


@dataclass(frozen=True, slots=True)
class CostLine:
    """One line of the calculation: volume x price."""

    zone: Zone
    #: 1 for the first band.
    band: int
    #: kWh, at most six decimals.
    volume: Decimal
    #: Rubles per kWh.
    price: Decimal
    #: Exactly volume x price, not rounded.
    rubles: Decimal
    tariff: Tariff


@dataclass(frozen=True, slots=True)
class Cost:
    """What consumption costs; the lines add up to the total but for the one rounding at its end."""

    #: Bands in order, zones in order within each; without lines of no volume.
    lines: tuple[CostLine, ...]
    total: Kopecks

    @property
    def is_demo(self) -> bool:
        """Whether a made-up price has part in it."""
        return any(line.tariff.is_demo for line in self.lines)


def _names(zones: "Mapping[Zone, Decimal] | frozenset[Zone]") -> str:
    return " + ".join(zone for zone in Zone if zone in zones) or "nothing"
