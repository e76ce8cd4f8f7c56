"""Two years of a household's meter: what it counts, what is sent, what billing guesses."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from tesweb.clock import add_months, month_of
from tesweb.demo.households import Household
from tesweb.meters.models import Source, Zone

#: How a month falls on the zones.
SHARES: Mapping[Zone, float] = {
    Zone.SINGLE: 1.0,
    Zone.DAY: 0.68,
    Zone.NIGHT: 0.30,
    Zone.PEAK: 0.28,
    Zone.HALF_PEAK: 0.42,
}
#: kWh a month for a household without a meter, and where none was read for too long.
NORM = 180
#: Months that an average is taken of, and in a row for which it may be (ПП РФ 354, п. 59, 60).
AVERAGE_OF, AVERAGE_FOR = 6, 3


@dataclass(frozen=True, slots=True)
class MeterLine:
    """A register as a file of meters has it."""

    serial: str
    register: int
    zone: Zone
    initial: int
    installed_on: date
    removed_on: date | None = None
    final: int | None = None


@dataclass(frozen=True, slots=True)
class ReadingLine:
    """A reading as a file of readings has it; kWh."""

    serial: str
    register: int
    read_on: date
    period: date
    value: int
    source: Source
    consumed: int


@dataclass(slots=True)
class History:
    """What becomes of a household's meters."""

    meters: list[MeterLine] = field(default_factory=list)
    readings: list[ReadingLine] = field(default_factory=list)
    #: kWh to be charged by month and zone; below zero where a guess was too high.
    charged: dict[date, dict[Zone, int]] = field(default_factory=lambda: defaultdict(dict))


@dataclass(slots=True)
class _Register:
    """One counter on its way through the months."""

    zone: Zone
    number: int
    initial: int
    #: Where it really stands, what was read last, and what the bill shows.
    stands: int
    read: int
    shown: int
    #: kWh counted by guess since it was read, and what real months consumed.
    guessed: int = 0
    real: list[int] = field(default_factory=list)


def live(household: Household, months: Sequence[date], today: date, random: Random) -> History:
    """The history of `months`; the first one only gives the values that the next one starts from.

    A household without a meter is charged by the norm.
    """
    history = History()
    if not household.zones:
        for month in months[1:]:
            history.charged[month] = {Zone.SINGLE: NORM}
        return history
    _Life(household, months, today, random, history).run()
    return history


class _Life:
    """Goes through the months once and writes the history."""

    def __init__(
        self,
        household: Household,
        months: Sequence[date],
        today: date,
        random: Random,
        history: History,
    ) -> None:
        self.household, self.months, self.today = household, months, today
        self.random, self.history = random, history
        self.full = 10**household.digits
        self.counts = {month: self._month(month) for month in months}
        self.serial, self.installed_on = household.serial, household.installed_on
        self.registers = [self._register(place) for place in range(len(household.zones))]
        self.guesses = 0

    def run(self) -> None:
        first = self.months[0]
        for register in self.registers:
            count = self.counts[first][register.number - 1] * self.household.ratio
            register.real.append(count)
            self._write(register, first, self._read_on(first), Source.SUPPLIER, count)
        for back, month in zip(range(len(self.months) - 1, 0, -1), self.months[1:], strict=True):
            self._live(month, back)
        replaced = self.household.replaced_on
        if replaced is not None and month_of(replaced) > self.months[-1]:
            self._replace(replaced, self._month(month_of(replaced)))
        self._describe()

    def _live(self, month: date, back: int) -> None:
        replaced = self.household.replaced_on
        counts = self.counts[month]
        if replaced is not None and month_of(replaced) == month:
            before = self._replace(replaced, counts)
            for register, count in zip(self.registers, before, strict=True):
                register.stands += counts[register.number - 1] - count
            self._send(month, max(self._read_on(month), replaced + timedelta(days=1)))
            return
        for register, count in zip(self.registers, counts, strict=True):
            register.stands = (register.stands + count) % self.full
        forgets = self.random.random() > self.household.diligence
        if back in self.household.forgotten or (forgets and back != 1):
            self._guess(month)
        else:
            self._send(month, self._read_on(month))

    def _send(self, month: date, read_on: date) -> None:
        months, self.guesses = self.guesses + 1, 0
        source = self.random.choices(
            (Source.RESIDENT, Source.SUPPLIER, Source.INSPECTOR), (88, 10, 2)
        )[0]
        for register in self.registers:
            usage = (register.stands - register.read) % self.full * self.household.ratio
            register.real += [usage // months] * months
            consumed = usage - register.guessed
            register.read, register.guessed = register.stands, 0
            register.shown = register.stands
            self._charge(register, month, consumed)
            self._write(register, month, read_on, source, consumed)

    def _guess(self, month: date) -> None:
        self.guesses += 1
        source = Source.AVERAGE if self.guesses <= AVERAGE_FOR else Source.NORM
        for register in self.registers:
            known = register.real[-AVERAGE_OF:]
            consumed = sum(known) // len(known)
            if source is Source.NORM:
                consumed = int(NORM * SHARES[register.zone])
            consumed -= consumed % self.household.ratio
            register.guessed += consumed
            register.shown = (register.shown + consumed // self.household.ratio) % self.full
            self._charge(register, month, consumed)
            self._write(register, month, self._last_day(month), source, consumed)

    def _replace(self, day: date, counts: Sequence[int]) -> list[int]:
        """Take the meter off on a day; returns what it had counted of that month."""
        month = month_of(day)
        share = day.day / monthrange(day.year, day.month)[1]
        before = [int(count * share) for count in counts]
        for register, count in zip(self.registers, before, strict=True):
            register.stands = (register.stands + count) % self.full
        if month in self.counts:
            self._send(month, day)
        self._describe(day)
        self.serial, self.installed_on = f"{int(self.serial) + 40_000_000:08d}", day
        self.registers = [
            _Register(zone, number, 0, 0, 0, 0, real=register.real)
            for number, (zone, register) in enumerate(
                zip(self.household.zones, self.registers, strict=True), start=1
            )
        ]
        return before

    def _describe(self, removed_on: date | None = None) -> None:
        self.history.meters += [
            MeterLine(
                self.serial,
                register.number,
                register.zone,
                register.initial,
                self.installed_on,
                removed_on,
                None if removed_on is None else register.stands,
            )
            for register in self.registers
        ]

    def _charge(self, register: _Register, month: date, consumed: int) -> None:
        zones = self.history.charged[month]
        zones[register.zone] = zones.get(register.zone, 0) + consumed

    def _write(
        self, register: _Register, month: date, day: date, source: Source, consumed: int
    ) -> None:
        self.history.readings.append(
            ReadingLine(self.serial, register.number, day, month, register.shown, source, consumed)
        )

    def _month(self, month: date) -> list[int]:
        """What each register counts in a month."""
        household, random = self.household, self.random
        total = household.level * household.season.value[month.month - 1]
        return [
            int(total * SHARES[zone] * random.uniform(0.85, 1.15)) // household.ratio
            for zone in household.zones
        ]

    def _register(self, place: int) -> _Register:
        household = self.household
        counted = sum(self.counts[month][place] for month in self.months[1:])
        if household.last_value is not None and place == 0:
            start = (household.last_value - counted) % self.full
        elif household.start is not None and place == 0:
            start = int(self.full * household.start)
        else:
            lived = (self.months[0] - household.installed_on).days // 30
            start = max(lived, 1) * counted // (len(self.months) - 1) % self.full
        return _Register(household.zones[place], place + 1, 0, start, start, start)

    def _read_on(self, month: date) -> date:
        window = self.household.region.window(month)
        days = (window.closes - window.opens).days
        return min(
            window.opens + timedelta(days=self.random.randint(0, days)),
            self.today - timedelta(days=1),
        )

    def _last_day(self, month: date) -> date:
        return add_months(month, 1) - timedelta(days=1)
