"""What a meter's numbers mean: pure decisions about what people type and what was consumed."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from itertools import permutations

from flask_babel import lazy_gettext, lazy_ngettext
from flask_babel.speaklater import LazyString

from tesweb.clock import add_months
from tesweb.meters.models import Zone

#: A register within its account: the number of the meter and the number of the register.
RegisterId = tuple[int, int]

#: Longer than any dial with every digit spaced; the rest is a paste gone wrong.
_LONGEST = 40
#: Spaces of every width and the invisible marks that a copied number drags along.
_IGNORED = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})
_NUMBER = re.compile(r"([0-9]+)(?:[.,]([0-9]*))?", re.ASCII)
_SIGNS = frozenset("+-\u2010\u2011\u2012\u2013\u2014\u2212")
_WATT_HOUR = Decimal("0.001")
#: Fewer months than these say nothing about what is usual.
_ENOUGH_MONTHS = 3
_YEAR = 12


class BadValue(ValueError):
    """The text is not what a register can show."""

    def __init__(self, code: str, reason: LazyString) -> None:
        """Keep the code for programs and the reason for the person."""
        super().__init__(code)
        #: `empty`, `sign`, `foreign_digits`, `not_digits` or `too_many_digits`.
        self.code = code
        #: A sentence with the next step, translated when it is shown.
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person typed, understood."""

    #: Whole kWh on the dial.
    value: Decimal
    #: The digits after the comma, which are not reported; empty where there were none but zeros.
    dropped: str = ""


def parse(text: str, digits: int) -> Typed:
    """What a person typed for a register with so many digits before the comma.

    Spaces of every kind and leading zeros do not matter; digits after a comma or a dot are dropped
    and named in the result. Raises BadValue for all that cannot be a dial's value.
    """
    plain = "".join(sign for sign in text[:_LONGEST] if unicodedata.category(sign) not in _IGNORED)
    if not plain:
        raise _bad("empty")
    found = _NUMBER.fullmatch(plain)
    if found is None:
        raise _bad(_fault_of(plain))
    whole, decimals = found[1].lstrip("0"), found[2] or ""
    if len(whole) > digits or len(text) > _LONGEST:
        raise _too_many(digits)
    return Typed(Decimal(whole or 0), decimals if decimals.strip("0") else "")


def consumption(previous: Decimal, current: Decimal, digits: int, ratio: int = 1) -> Decimal:
    """The kWh between two values of a register; after its last digit it starts at zero again.

    Raises ValueError for a value that the register cannot show.
    """
    full = full_scale(digits)
    if not (0 <= previous < full and 0 <= current < full):
        raise ValueError(f"a register of {digits} digits cannot show {previous} or {current}")
    counted = current - previous
    return (counted if counted >= 0 else counted + full) * ratio


def full_scale(digits: int) -> Decimal:
    """Where a register of so many digits stands at zero again, in kWh."""
    return Decimal(10**digits)


@dataclass(frozen=True, slots=True)
class Span:
    """The way of one register from one value to another."""

    previous: Decimal
    current: Decimal
    digits: int
    ratio: int = 1

    @property
    def consumed(self) -> Decimal:
        """kWh, rollover and transformation ratio included."""
        return consumption(self.previous, self.current, self.digits, self.ratio)


def total(spans: Iterable[Span]) -> Decimal:
    """The kWh of a period with a replaced meter: the old one's way and the new one's."""
    return sum((span.consumed for span in spans), Decimal(0))


def usual(history: Mapping[date, Decimal], period: date) -> Decimal | None:
    """What a register usually counts in a month like `period`, in kWh; None where nobody can tell.

    It is the average of the twelve months before, of which three must be known; a month without a
    reading is covered by the next one that has it. Where the same month of last year was larger, as
    winters are, it counts instead: a needless warning costs more trust than a late one.
    """
    first = add_months(period, -_YEAR)
    known = {month: volume for month, volume in history.items() if first <= month < period}
    if len(known) < _ENOUGH_MONTHS:
        return None
    average = sum(known.values(), Decimal(0)) / (months_between(min(known), max(known)) + 1)
    expected = max(average, known.get(first, average), Decimal(0))
    return expected.quantize(_WATT_HOUR, rounding=ROUND_HALF_UP)


def months_between(earlier: date, later: date) -> int:
    """How many months lie between two months."""
    return (later.year - earlier.year) * _YEAR + later.month - earlier.month


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on a reading looks wrong; a supplier may set them."""

    #: So many times the usual is far above it.
    far_above_factor: Decimal = Decimal(3)
    #: Up to so many kWh a month on the dial, before the ratio, nothing is far above: a guest with
    #: an electric heater is no mistake.
    far_above_floor: Decimal = Decimal(300)
    #: The share of the full scale from which on a register may be about to start at zero again.
    near_full_scale: Decimal = Decimal("0.95")


@dataclass(frozen=True, slots=True)
class Dial:
    """A register that a reading is asked of, with what is known about it."""

    meter_no: int
    register_no: int
    zone: Zone
    digits: int
    ratio: int
    #: The last value that somebody really read before this period, else the one it started with.
    previous: Decimal
    #: When that was read; None for the value it started with.
    previous_on: date | None
    #: Months since then, at least 1.
    months: int = 1
    #: kWh that billing has counted since then by average or norm; they are taken off again.
    estimated: Decimal = Decimal(0)
    #: kWh in a usual month; None where too little is known.
    usual: Decimal | None = None
    #: The value accepted for this period already, and the version of it (0 for none).
    present: Decimal | None = None
    version: int = 0
    #: The receipt that the present value came with.
    receipt_id: int | None = None
    #: The last version there is for this period; one in quarantine does not count, but is there.
    last_version: int = 0

    @property
    def id(self) -> RegisterId:
        """The register within its account."""
        return self.meter_no, self.register_no

    def usage(self, value: Decimal) -> Decimal:
        """The kWh from the previous value to this one, as if the dial had only gone forward."""
        return consumption(self.previous, value, self.digits, self.ratio)

    def settled(self, value: Decimal) -> Decimal:
        """The value to keep: the previous one where only its digits after the comma are missing."""
        return self.previous if value == int(self.previous) else value

    def limit(self, limits: Limits) -> Decimal:
        """The kWh since the previous value above which a reading is doubted."""
        floor = limits.far_above_floor * self.ratio
        if self.usual is None:
            return floor * self.months
        return max(self.usual * self.months * limits.far_above_factor, floor)

    def may_roll_over(self, limits: Limits) -> bool:
        """Whether it stood so high that it may have passed its last digit since."""
        return self.previous >= full_scale(self.digits) * limits.near_full_scale


class Verdict(StrEnum):
    """What the rules say about a value."""

    ACCEPT = "accept"
    #: Nothing was consumed; worth a word.
    UNCHANGED = "unchanged"
    #: It passed its last digit; to be explained and confirmed.
    ROLLOVER = "rollover"
    #: Much more than usual; to be confirmed.
    FAR_ABOVE = "far_above"
    #: The digits after the comma seem to have been typed too; to be confirmed.
    TIMES_TEN = "times_ten"
    #: It seems to belong to another zone of the meter; to be confirmed.
    SWAPPED = "swapped"
    #: Lower than before, and that cannot be; refused.
    LOWER = "lower"


#: What is taken only when the person says that it is right.
TO_CONFIRM = frozenset({Verdict.ROLLOVER, Verdict.FAR_ABOVE, Verdict.TIMES_TEN, Verdict.SWAPPED})
_DOUBTED = frozenset({Verdict.FAR_ABOVE, Verdict.TIMES_TEN, Verdict.LOWER})


@dataclass(frozen=True, slots=True)
class Judgement:
    """A value with its verdict."""

    dial: Dial
    #: As it will be kept.
    value: Decimal
    verdict: Verdict
    #: kWh since the previous value, rollover and ratio included.
    usage: Decimal
    #: The value that was probably meant instead.
    meant: Decimal | None = None

    @property
    def consumed(self) -> Decimal:
        """The kWh to be charged: without what billing has counted by average or norm already.

        Below zero where that was too much (ПП РФ 354, п. 61).
        """
        return self.usage - self.dial.estimated

    @property
    def is_refused(self) -> bool:
        """It cannot be taken."""
        return self.verdict is Verdict.LOWER

    @property
    def is_to_confirm(self) -> bool:
        """It is taken only when the person says that it is right."""
        return self.verdict in TO_CONFIRM


def judge(dial: Dial, value: Decimal, limits: Limits) -> Judgement:
    """The verdict on one register's value, its neighbours left aside.

    Raises BadValue for a value that the register cannot show.
    """
    if not 0 <= value < full_scale(dial.digits):
        raise _too_many(dial.digits)
    kept = dial.settled(value)
    usage, limit = dial.usage(kept), dial.limit(limits)
    if kept < dial.previous:
        rolled = dial.may_roll_over(limits) and usage <= limit
        return Judgement(dial, kept, Verdict.ROLLOVER if rolled else Verdict.LOWER, usage)
    if usage > limit:
        shifted = Decimal(int(kept) // 10)
        fits = shifted >= int(dial.previous) and dial.usage(dial.settled(shifted)) <= limit
        if fits:
            return Judgement(dial, kept, Verdict.TIMES_TEN, usage, meant=shifted)
        return Judgement(dial, kept, Verdict.FAR_ABOVE, usage)
    return Judgement(dial, kept, Verdict.ACCEPT if usage else Verdict.UNCHANGED, usage)


def judge_all(
    dials: Sequence[Dial], values: Mapping[RegisterId, Decimal], limits: Limits
) -> tuple[Judgement, ...]:
    """The verdicts on an account's values in the dials' order, zones compared with each other.

    Raises BadValue for a value that its register cannot show, KeyError for a register left out.
    """
    found = {dial.id: judge(dial, values[dial.id], limits) for dial in dials}
    for meter_no in {dial.meter_no for dial in dials}:
        zones = [found[dial.id] for dial in dials if dial.meter_no == meter_no]
        if any(judgement.verdict in _DOUBTED for judgement in zones):
            found |= {each.dial.id: each for each in _exchanged(zones, limits)}
    return tuple(found.values())


def _exchanged(zones: Sequence[Judgement], limits: Limits) -> Iterator[Judgement]:
    """Those that fit when the values of a meter's zones change places, with the value meant."""
    typed = [judgement.value for judgement in zones]
    for order in permutations(range(len(zones))):
        moved = [place for place, origin in enumerate(order) if place != origin]
        meant = [typed[origin] for origin in order]
        if moved and all(_fits(zones[place].dial, meant[place], limits) for place in moved):
            for place in moved:
                refused = zones[place].is_refused
                verdict = Verdict.LOWER if refused else Verdict.SWAPPED
                yield replace(zones[place], verdict=verdict, meant=meant[place])
            return


def _fits(dial: Dial, value: Decimal, limits: Limits) -> bool:
    return int(dial.previous) <= value < full_scale(dial.digits) and (
        dial.usage(dial.settled(value)) <= dial.limit(limits)
    )


def _fault_of(text: str) -> str:
    if any(sign in _SIGNS for sign in text):
        return "sign"
    foreign = any(sign.isdigit() and not sign.isascii() for sign in text)
    return "foreign_digits" if foreign else "not_digits"


def _bad(code: str) -> BadValue:
    return BadValue(code, _REASONS[code])


def _too_many(digits: int) -> BadValue:
    reason = lazy_ngettext(
        "This register has %(num)d digit before the comma. Type only that one.",
        "This register has %(num)d digits before the comma. Type only those; the ones after the "
        "comma, often red, are not needed.",
        digits,
    )
    return BadValue("too_many_digits", reason)


_REASONS = {
    "empty": lazy_gettext("Type what the meter shows."),
    "sign": lazy_gettext("A meter shows no plus or minus. Type the digits only."),
    "foreign_digits": lazy_gettext("Type the reading with the digits 0 to 9."),
    "not_digits": lazy_gettext("Type only the digits that the meter shows, without letters."),
}
