"""What the bank's register and our books say of the same money: pure comparisons."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tesweb.clock import local_day
from tesweb.money import NOTHING, Kopecks

#: What Russian banks count their days by.
MOSCOW = ZoneInfo("Europe/Moscow")
_UTC = ZoneInfo("UTC")
#: A bank closes its day some minutes early or late.
_CUTOFF = timedelta(hours=1)
_NEVER = datetime.min.replace(tzinfo=UTC)


def possible_days(moment: datetime, zone: ZoneInfo) -> tuple[date, ...]:
    """In the registers of which days money of that moment may stand, the first one first.

    Nobody tells by which calendar a bank counts and when it closes the day, so that it is the
    branch's, Moscow's and UTC's, an hour to each side.
    """
    shifts = (-_CUTOFF, timedelta(0), _CUTOFF)
    return tuple(
        sorted(
            {local_day(moment + shift, each) for each in (zone, MOSCOW, _UTC) for shift in shifts}
        )
    )


@dataclass(frozen=True, slots=True)
class Ours:
    """Money that our books have: what an order has brought, or below zero what went back."""

    order_id: int
    amount: Kopecks
    at: datetime


@dataclass(frozen=True, slots=True)
class Theirs:
    """A line of a register."""

    line_id: int
    reference: str
    #: None where the money belongs to no order of ours.
    order_id: int | None
    #: Below zero for a refund.
    amount: Kopecks
    fee: Kopecks
    at: datetime
    #: The day of the register it came with first.
    day: date
    #: Whether somebody has decided already whose it is.
    is_resolved: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """Money of ours that no register has; what it may still come in is in `waits`."""

    ours: Ours
    #: Days whose register has not been read since the money came.
    waits: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Differs:
    """A line of a register beside another sum of ours, or beside none."""

    order_id: int
    ours: Kopecks
    line: Theirs


@dataclass(slots=True)
class Comparison:
    """A day of a gateway: what agrees, and the three lists of what does not."""

    agreed: list[Theirs] = field(default_factory=list)
    ours_only: list[Missing] = field(default_factory=list)
    theirs_only: list[Theirs] = field(default_factory=list)
    differ: list[Differs] = field(default_factory=list)
    #: Ours, near the day's end: it may stand in a neighbour's register that has not been read.
    waiting: list[Missing] = field(default_factory=list)
    #: Lines of no order, of which somebody has decided whose they are.
    resolved: list[Theirs] = field(default_factory=list)

    @property
    def differences(self) -> int:
        """How many lines somebody has to look at."""
        return len(self.ours_only) + len(self.theirs_only) + len(self.differ)

    @property
    def lines(self) -> list[Theirs]:
        """Everything that the day's register has."""
        return [*self.agreed, *self.resolved, *self.theirs_only, *(it.line for it in self.differ)]


def compare(
    ours: Iterable[Ours],
    theirs: Iterable[Theirs],
    day: date,
    read: Mapping[date, datetime],
    zone: ZoneInfo,
) -> Comparison:
    """Lay a day's register beside our books.

    Of each order everything is given, of other days too: what is not in this day's register is
    looked for in its neighbours. `read` has the days whose register has been read, and when last:
    money that came later than that can stand in none of it yet.
    """
    found, mine, lines = Comparison(), defaultdict(list), defaultdict(list)
    for each in sorted(ours, key=lambda it: it.at):
        mine[each.order_id, each.amount > 0].append(each)
    for line in sorted(theirs, key=lambda it: (it.at, it.line_id)):
        if line.order_id is not None:
            lines[line.order_id, line.amount > 0].append(line)
        elif line.day == day:
            (found.resolved if line.is_resolved else found.theirs_only).append(line)
    for key in sorted({*mine, *lines}):
        _pair(mine[key], lines[key], day, found)
        for left in mine[key]:
            days = possible_days(left.at, zone)
            if day in days:
                waits = tuple(each for each in days if read.get(each, _NEVER) < left.at)
                (found.waiting if waits else found.ours_only).append(Missing(left, waits))
    return found


def _pair(ours: list[Ours], theirs: list[Theirs], day: date, found: Comparison) -> None:
    """Take equal sums off both sides, then beside each line that is left another sum of ours."""
    odd = []
    for line in theirs:
        same = next((each for each in ours if each.amount == line.amount), None)
        if same is None:
            odd.append(line)
            continue
        ours.remove(same)
        if line.day == day:
            found.agreed.append(line)
    for line in odd:
        other = ours.pop(0).amount if ours else NOTHING
        if line.day == day and line.order_id is not None:
            found.differ.append(Differs(line.order_id, other, line))


@dataclass(frozen=True, slots=True)
class Sums:
    """A register added up."""

    payments: Kopecks
    refunds: Kopecks
    fees: Kopecks

    @property
    def to_bank(self) -> Kopecks:
        """What comes to the supplier's bank account."""
        return Kopecks(self.payments + self.refunds - self.fees)


def sums_of(lines: Iterable[Theirs]) -> Sums:
    """The sums of a register's lines."""
    known = list(lines)
    return Sums(
        Kopecks(sum(line.amount for line in known if line.amount > 0)),
        Kopecks(sum(line.amount for line in known if line.amount < 0)),
        Kopecks(sum(line.fee for line in known)),
    )
