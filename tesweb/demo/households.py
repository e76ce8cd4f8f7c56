"""Who lives where, with which meter, and how they pay: the plan from which two years are made."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto
from random import Random
from zlib import crc32

from tesweb.clock import add_months, month_of
from tesweb.demo.addresses import Addresses
from tesweb.meters.models import Zone
from tesweb.regions.region import Region

#: Meters of two and three zones, in the order of the meter's own display.
ONE = (Zone.SINGLE,)
TWO = (Zone.DAY, Zone.NIGHT)
THREE = (Zone.PEAK, Zone.HALF_PEAK, Zone.NIGHT)
#: Another maker's: T2 is the night (never assume that it is half-peak).
THREE_OTHERWISE = (Zone.PEAK, Zone.NIGHT, Zone.HALF_PEAK)

#: The regions that addresses are known for.
TYUMEN, VLADIVOSTOK = "tyumen", "vladivostok"

MODELS = ("Меркурий 201.8", "Меркурий 206", "Нева МТ 114", "Энергомера СЕ101", "Энергомера СЕ301")


class Season(Enum):
    """Where the year shows: kWh of each month beside the year's average, January first."""

    APARTMENT = (1.16, 1.10, 1.05, 0.98, 0.92, 0.86, 0.82, 0.85, 0.94, 1.03, 1.10, 1.19)
    HOUSE = (1.75, 1.60, 1.35, 1.00, 0.70, 0.50, 0.45, 0.48, 0.70, 1.00, 1.32, 1.65)
    GARDEN = (0.10, 0.10, 0.20, 0.70, 1.80, 2.30, 2.40, 2.20, 1.40, 0.50, 0.20, 0.10)


class Pays(Enum):
    """How a household pays."""

    IN_TIME = auto()
    LATE = auto()
    IN_PARTS = auto()
    IN_ADVANCE = auto()
    #: Has stopped half a year ago.
    NOT = auto()
    #: Has paid a round sum too much last month.
    TOO_MUCH = auto()


@dataclass(slots=True)
class Household:
    """One account."""

    region: Region
    number: str
    address: str
    category: str
    season: Season
    #: kWh in an average month.
    level: int
    #: What the meter counts; empty for an account without one.
    zones: tuple[Zone, ...] = ONE
    digits: int = 5
    ratio: int = 1
    model: str = MODELS[0]
    serial: str = ""
    installed_on: date = date(2017, 6, 14)
    verified_until: date = date(2033, 6, 13)
    #: When the meter was replaced by another.
    replaced_on: date | None = None
    pays: Pays = Pays.IN_TIME
    #: How likely it is that a month's reading is sent.
    diligence: float = 0.9
    #: Months, counted back from the last, for which surely nothing was sent.
    forgotten: frozenset[int] = frozenset()
    #: What the first register shows in the last reading; None for anything.
    last_value: int | None = None
    #: Where the first register was two years ago, as a share of its full scale; None for anything.
    start: float | None = None

    @property
    def bill_code(self) -> str:
        """What is printed on the bill; of the number, so that chance falls as it did before."""
        digits = f"{crc32(self.number.encode()):010d}"[-8:]
        return f"{digits[:4]}-{digits[4:]}"


@dataclass(frozen=True, slots=True)
class Planner:
    """Makes households of one region."""

    random: Random
    region: Region
    addresses: Addresses
    today: date
    numbers: Iterator[str]

    def plan(self, index: int) -> Household:
        """A household like many, with something out of the ordinary at fixed places."""
        made = self._ordinary()
        oddity = ODDITIES.get(index % ODD_EVERY)
        if oddity is not None:
            oddity(made, self.today)
        return made

    def _ordinary(self) -> Household:
        random = self.random
        address, category, season, low, high = random.choices(*self._sorts())[0]
        zones = random.choices((ONE, TWO, THREE, THREE_OTHERWISE), (66, 26, 5, 3))[0]
        installed = date(random.randint(2012, 2023), random.randint(1, 12), random.randint(1, 28))
        return Household(
            self.region,
            next(self.numbers),
            getattr(self.addresses, address)(),
            category,
            season,
            random.randint(low, high),
            zones,
            digits=random.choices((5, 6, 4), (70, 25, 5))[0],
            model=random.choice(MODELS),
            serial=f"{random.randint(1, 99_999_999):08d}",
            installed_on=installed,
            verified_until=installed.replace(year=installed.year + 16),
            pays=random.choices(
                (Pays.IN_TIME, Pays.LATE, Pays.IN_PARTS, Pays.IN_ADVANCE, Pays.NOT, Pays.TOO_MUCH),
                (62, 14, 9, 9, 3, 3),
            )[0],
            diligence=random.choice((0.98, 0.95, 0.9, 0.7)),
        )

    def _sorts(self) -> "tuple[list[tuple[str, str, Season, int, int]], list[int]]":
        if self.region.name == VLADIVOSTOK:
            return [("vladivostok", "city", Season.APARTMENT, 90, 320)], [1]
        return [
            ("apartment", "gas_stove", Season.APARTMENT, 70, 260),
            ("apartment", "electric_stove", Season.APARTMENT, 120, 380),
            ("house", "private_house", Season.HOUSE, 180, 1900),
            ("garden", "private_house", Season.GARDEN, 30, 180),
        ], [48, 24, 20, 8]


def _replaced(household: Household, today: date) -> None:
    household.replaced_on = add_months(month_of(today), -7) + timedelta(days=11)


def _near_rollover(household: Household, today: date) -> None:
    del today
    household.digits, household.ratio, household.start = 4, 1, 0.93
    household.level = min(household.level, 300)


def _transformer(household: Household, today: date) -> None:
    del today
    household.ratio, household.level, household.zones = 30, 2600, ONE


def _without_meter(household: Household, today: date) -> None:
    del today
    household.zones = ()


def _guessed_for_a_while(household: Household, today: date) -> None:
    del today
    household.forgotten = frozenset({4, 5, 6})


def _guessed_until_now(household: Household, today: date) -> None:
    del today
    household.forgotten = frozenset(range(1, 7))


def _expired(household: Household, today: date) -> None:
    household.verified_until = today - timedelta(days=200)


def _large_house(household: Household, today: date) -> None:
    del today
    household.level, household.season = 3200, Season.HOUSE


def _owes(household: Household, today: date) -> None:
    del today
    household.pays = Pays.NOT


def _overpaid(household: Household, today: date) -> None:
    del today
    household.pays = Pays.TOO_MUCH


#: Out of each `ODD_EVERY` households the ones at these places are out of the ordinary.
ODD_EVERY = 50
ODDITIES: dict[int, Callable[[Household, date], None]] = {
    2: _replaced,
    7: _near_rollover,
    12: _transformer,
    17: _without_meter,
    22: _guessed_for_a_while,
    27: _guessed_until_now,
    32: _expired,
    37: _large_house,
    42: _owes,
    47: _overpaid,
}
