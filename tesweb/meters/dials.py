"""How an account's meters stand for a period, put together from rows."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any

from tesweb.clock import month_of
from tesweb.meters.models import Source, State, Zone
from tesweb.meters.rules import Dial, RegisterId, Span, months_between, usual

#: Values that nobody has read: billing put them in.
GUESSED = frozenset({Source.AVERAGE, Source.NORM})


@dataclass(frozen=True, slots=True)
class MeterFacts:
    """What a page says about a meter."""

    meter_no: int
    serial: str
    model: str
    #: None where the date is not known.
    verified_until: date | None


@dataclass(frozen=True, slots=True)
class Replaced:
    """What a register that was removed has counted since its last reading."""

    meter: MeterFacts
    zone: Zone
    span: Span


@dataclass(frozen=True, slots=True)
class Standing:
    """An account's meters, ready for a reading for one period."""

    period: date
    #: Registers of the meters that stand, in the order of the meters' own displays.
    dials: tuple[Dial, ...]
    #: The meters that stand, by number.
    meters: Mapping[int, MeterFacts]
    #: Registers removed since, with what no reading has covered yet.
    replaced: tuple[Replaced, ...] = ()
    #: The latest month after `period` that has a reading: nothing can be put in before it.
    later: date | None = None

    @property
    def mark(self) -> str:
        """Changes when anything does that a person sees while filling in the form.

        That is whatever a value is judged, charged or explained by, of each register that stands
        and of those that were replaced.
        """
        left = [(each.meter.serial, each.zone, *_SPAN(each.span)) for each in self.replaced]
        facts = [tuple(map(_plain, each)) for each in (*map(_DIAL, self.dials), *left)]
        return hashlib.sha256(repr((self.period, facts)).encode()).hexdigest()[:16]

    @property
    def is_read(self) -> bool:
        """Whether every register has a reading for the period."""
        return bool(self.dials) and all(dial.version for dial in self.dials)


_DIAL = attrgetter(*(each.name for each in fields(Dial)))
_SPAN = attrgetter(*(each.name for each in fields(Span)))


def _plain(fact: object) -> object:
    # 1000 and 1000.000 are the same reading.
    return fact.normalize() if isinstance(fact, Decimal) else fact


def assemble(registers: Sequence[Any], readings: Iterable[Any], period: date) -> Standing:
    """The standing from rows of REGISTERS and READINGS; rows of other states are left aside."""
    histories: dict[RegisterId, list[Any]] = defaultdict(list)
    aside: dict[RegisterId, int] = defaultdict(int)
    for row in readings:
        place = row.meter_no, row.register_no
        if row.state == State.ACCEPTED:
            histories[place].append(row)
        elif row.state == State.QUARANTINED and row.period == period:
            aside[place] = max(aside[place], row.version)
    standing = [row for row in registers if row.removed_on is None]
    ids = [(row.meter_no, row.register_no) for row in standing]
    later = [row.period for found in ids for row in histories[found] if row.period > period]
    return Standing(
        period,
        tuple(
            _dial(row, histories[found], aside[found], period)
            for row, found in zip(standing, ids, strict=True)
        ),
        {row.meter_no: _facts(row) for row in standing},
        tuple(_replaced(registers, histories, period)),
        max(later, default=None),
    )


def is_complete(registers: Sequence[Any], readings: Iterable[Any], period: date) -> bool:
    """Whether the rows reach back to a value that somebody has read, for each register."""
    read = {
        (row.meter_no, row.register_no)
        for row in readings
        if row.state == State.ACCEPTED and row.period < period and row.source not in GUESSED
    }
    return all((row.meter_no, row.register_no) in read for row in registers)


def _dial(row: Any, history: Sequence[Any], aside: int, period: date) -> Dial:  # noqa: ANN401 - a row of REGISTERS
    """The register; `aside` is the last version of the period that is in quarantine, or 0."""
    before = sorted(
        (each for each in history if each.period < period), key=lambda each: each.period
    )
    present = next((each for each in history if each.period == period), None)
    read = next((each for each in reversed(before) if each.source not in GUESSED), None)
    guessed = [each.consumed for each in before if read is None or each.period > read.period]
    since = month_of(row.installed_on) if read is None else read.period
    version = 0 if present is None else present.version
    return Dial(
        row.meter_no,
        row.register_no,
        Zone(row.zone),
        row.digits,
        row.ratio,
        row.initial if read is None else read.value,
        None if read is None else read.read_on,
        max(months_between(since, period), 1),
        sum(guessed, Decimal(0)),
        usual({each.period: each.consumed for each in before}, period),
        None if present is None else present.value,
        version,
        None if present is None else present.receipt_id,
        max(version, aside),
    )


def _facts(row: Any) -> MeterFacts:  # noqa: ANN401 - a row of REGISTERS
    return MeterFacts(row.meter_no, row.serial, row.model, row.verified_until)


def _replaced(
    registers: Sequence[Any], histories: Mapping[RegisterId, Sequence[Any]], period: date
) -> Iterable[Replaced]:
    before = [each for rows in histories.values() for each in rows if each.period < period]
    last_read = max((each.read_on for each in before), default=date.min)
    for row in registers:
        # A meter removed before the last reading belongs to that reading's month.
        if row.removed_on is None or row.final is None or row.removed_on <= last_read:
            continue
        history = histories.get((row.meter_no, row.register_no), ())
        last = max(history, key=lambda each: each.period, default=None)
        span = Span(row.initial if last is None else last.value, row.final, row.digits, row.ratio)
        if span.previous != span.current:
            yield Replaced(_facts(row), Zone(row.zone), span)
