"""Rows of the pages, made ready for the templates: texts only, nothing to compute there."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from flask_babel import gettext as _

from tesweb.api import (
    Dial,
    Judgement,
    RegisterId,
    State,
    Verdict,
    Zone,
    add_months,
    judge_readings,
    settings_of,
)
from tesweb_readings.desk import Desk, Named, name_of
from tesweb_readings.forms import (
    MOST_DIGITS,
    Filled,
    confirmation,
    field_of,
    without_last_digit,
)
from tesweb_readings.settings import ReadingsSettings
from tesweb_readings.wording import Doubt, doubt, kwh, mark_of, refusal, shown, words

_PLAUSIBLE = frozenset({Verdict.ACCEPT, Verdict.UNCHANGED, Verdict.ROLLOVER})
#: Months of the history that the page itself shows; the rest has a page of its own.
MONTHS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A register with the field to fill in."""

    name: str
    field: str
    serial: str
    meter_no: int
    zone: str
    #: It counts the whole day, so its zone is worth no line on a phone.
    is_single: bool
    hours: str
    digits: int
    ratio: int
    previous: str
    previous_on: str
    #: The value accepted for this period already.
    present: str
    text: str
    error: str
    #: The way on from a refusal: `dispute`, `swap`, `short` or nothing.
    way: str
    #: What was typed without its last digit, where that is the way on.
    shorter: str


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A register with what will be sent."""

    field: str
    serial: str
    meter_no: int
    zone: str
    previous: str
    value: str
    usage: str
    notes: tuple[str, ...]
    doubt: Doubt | None
    #: The value that was probably meant, where the person may take it by one tap.
    meant: str
    is_swapped: bool
    #: Name of the box to tick, and whether it was left unticked.
    confirmation: str
    is_missing: bool


class GoneRow(NamedTuple):
    """A register of a meter that was removed, with what no reading has covered yet."""

    serial: str
    removed_on: str
    previous: str
    value: str
    usage: str


class HistoryRow(NamedTuple):
    """A reading or a request in the history; there may be hundreds."""

    month: str
    serial: str
    zone: str
    value: str
    consumed: str
    read_on: str
    source: str
    state: str
    tag: str
    dispute_id: int | None
    receipt_id: int | None


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """A value on a receipt."""

    serial: str
    zone: str
    previous: str
    value: str
    consumed: str
    is_superseded: bool
    #: It does not count until its owner says that it is right.
    is_quarantined: bool
    #: The receipt whose value this one has replaced, and the one that has replaced it.
    before: int | None
    after: int | None
    #: The last number of a dial that has started at zero again; empty for others.
    last: str


def field_rows(desk: Desk, filled: Filled, refused: Sequence[Judgement] = ()) -> list[FieldRow]:
    """The rows of the table."""
    wrong = {
        each.dial.id: each for each in refused if each.is_refused or each.verdict is Verdict.SWAPPED
    }
    rows = [_field_row(desk, dial, filled, wrong.get(dial.id)) for dial in desk.standing.dials]
    # One button exchanges all zones of a meter.
    swaps = {row.meter_no: row.name for row in reversed(rows) if row.way == "swap"}
    return [
        replace(row, way="") if row.way == "swap" and row.name != swaps[row.meter_no] else row
        for row in rows
    ]


def errors_of(rows: Iterable[FieldRow]) -> list[tuple[str, str]]:
    """The error summary: the field and its sentence."""
    return [(row.field, row.error) for row in rows if row.error]


def check_rows(
    desk: Desk,
    judged: Sequence[Judgement],
    filled: Filled | None = None,
    confirmed: Iterable[tuple[RegisterId, Verdict]] | None = None,
) -> list[CheckRow]:
    """The rows of the check page; with `confirmed`, what was left unticked is marked."""
    ticked = None if confirmed is None else frozenset(confirmed)
    return [_check_row(desk, each, filled, ticked) for each in judged]


def gone_rows(desk: Desk) -> list[GoneRow]:
    """The meters that were removed and whose last kWh are still to be counted."""
    formats = words().formats
    return [
        GoneRow(
            gone.meter.serial,
            formats.day(desk.removed[gone.meter.meter_no]),
            shown(gone.span.previous, gone.span.digits),
            shown(gone.span.current, gone.span.digits),
            kwh(gone.span.consumed),
        )
        for gone in desk.standing.replaced
    ]


def present_rows(desk: Desk) -> list[tuple[str, str, str]]:
    """Serial, zone and value of each register that has a reading for the month already."""
    return [
        (
            desk.standing.meters[dial.meter_no].serial,
            zone_of(desk, dial),
            shown(dial.present, dial.digits),
        )
        for dial in desk.standing.dials
        if dial.present is not None
    ]


def zone_of(desk: Desk, dial: Dial) -> str:
    """A register's zone, with its mark on the display where the meter has several."""
    zone = words().zones[dial.zone.value]
    several = sum(each.meter_no == dial.meter_no for each in desk.standing.dials) > 1
    return f"{zone}\u00a0({mark_of(dial)})" if several else zone


def history_rows(rows: Iterable[Any], names_of: Mapping[RegisterId, Named]) -> list[HistoryRow]:
    """The history from rows of HISTORY, the newest first."""
    names = words()
    formats = names.formats
    found = []
    for row in sorted(rows, key=_newest_first):
        serial, zone, digits = names_of[row.meter_no, row.register_no]
        state, tag = names.states[row.state]
        found.append(
            HistoryRow(
                formats.month(row.period),
                serial,
                names.zones[zone],
                shown(row.value, digits),
                names.kwh(row.consumed) if row.state == State.ACCEPTED else "",
                formats.day(row.read_on),
                names.sources[row.source],
                state,
                tag,
                row.dispute_id,
                row.receipt_id,
            )
        )
    return found


def receipt_rows(rows: Iterable[Any], receipt_id: int) -> list[ReceiptRow]:
    """What was sent with a receipt, from rows of VERSIONS."""
    versions: dict[RegisterId, list[Any]] = defaultdict(list)
    for row in rows:
        versions[row.meter_no, row.register_no].append(row)
    return [
        _receipt_row(found, place)
        for found in versions.values()
        for place, row in enumerate(found)
        if row.receipt_id == receipt_id
    ]


def _receipt_row(versions: Sequence[Any], place: int) -> ReceiptRow:
    row = versions[place]
    before = [each for each in versions[:place] if each.state != State.QUARANTINED]
    after = [each for each in versions[place + 1 :] if each.state != State.QUARANTINED]
    return ReceiptRow(
        row.serial,
        words().zones[row.zone],
        shown(row.previous, row.digits),
        shown(row.value, row.digits),
        kwh(row.consumed),
        row.state == State.SUPERSEDED,
        row.state == State.QUARANTINED,
        before[-1].receipt_id if before else None,
        after[0].receipt_id if after else None,
        "9" * row.digits if _has_rolled_over(row) else "",
    )


def _has_rolled_over(row: Any) -> bool:  # noqa: ANN401 - a row of VERSIONS
    """Whether just that was charged: billing may have put an earlier month right since."""
    way = row.value - row.previous + 10**row.digits
    return bool(row.value < row.previous and row.consumed == way * row.ratio)


def dispute_rows(
    values: Iterable[Any], names: Mapping[RegisterId, Named]
) -> list[tuple[str, str, str]]:
    """Serial, zone and value of each register of a request, from rows of DISPUTE_VALUES."""
    found = []
    for meter_no, register_no, value in values:
        serial, zone, digits = names[meter_no, register_no]
        found.append((serial, words().zones[zone], shown(value, digits)))
    return found


def recent(desk: Desk) -> list[HistoryRow]:
    """The history of the last months, for the page itself."""
    since = add_months(desk.period, 1 - MONTHS_SHOWN)
    return history_rows((row for row in desk.history if row.period >= since), desk.names)


def _field_row(desk: Desk, dial: Dial, filled: Filled, refused: Judgement | None) -> FieldRow:
    formats = words().formats
    error = str(filled.errors.get(dial.id, "")) if refused is None else refusal(refused)
    way = "" if refused is None else "dispute" if refused.meant is None else "swap"
    shorter = _shorter(dial, filled) if dial.id in filled.errors else ""
    return FieldRow(
        name_of(dial),
        field_of(dial),
        desk.standing.meters[dial.meter_no].serial,
        dial.meter_no,
        zone_of(desk, dial),
        dial.zone is Zone.SINGLE,
        desk.region.zone_hours(dial.zone),
        _drums(dial, filled),
        dial.ratio,
        shown(dial.previous, dial.digits),
        formats.day(dial.previous_on) if dial.previous_on else _("when it was installed"),
        "" if dial.present is None else shown(dial.present, dial.digits),
        filled.texts.get(dial.id, ""),
        error,
        "short" if shorter else way,
        shorter,
    )


def _drums(dial: Dial, filled: Filled) -> int:
    """As many drums as the dial has, or as were typed: a digit too many has to be seen."""
    return min(max(dial.digits, len(filled.texts.get(dial.id, "").strip())), MOST_DIGITS)


def _shorter(dial: Dial, filled: Filled) -> str:
    """What was typed without its last digit, where that may well be the reading."""
    value = without_last_digit(filled.texts[dial.id], dial)
    if value is None:
        return ""
    (judged,) = judge_readings([dial], {dial.id: value}, settings_of(ReadingsSettings).limits)
    return shown(value, dial.digits) if judged.verdict in _PLAUSIBLE else ""


def _check_row(
    desk: Desk,
    judged: Judgement,
    filled: Filled | None,
    ticked: frozenset[tuple[RegisterId, Verdict]] | None,
) -> CheckRow:
    dial = judged.dial
    agreed = ticked is None or (dial.id, judged.verdict) in ticked
    return CheckRow(
        field_of(dial),
        desk.standing.meters[dial.meter_no].serial,
        dial.meter_no,
        zone_of(desk, dial),
        shown(dial.previous, dial.digits),
        shown(judged.value, dial.digits),
        kwh(judged.consumed),
        tuple(_notes(judged, filled)),
        doubt(judged),
        "" if judged.meant is None else shown(judged.meant, dial.digits),
        judged.verdict is Verdict.SWAPPED,
        confirmation(dial, judged.verdict),
        judged.is_to_confirm and not agreed,
    )


def _notes(judged: Judgement, filled: Filled | None) -> Iterable[str]:
    dial = judged.dial
    if filled is not None and filled.typed[dial.id].dropped:
        value = shown(judged.value, dial.digits)
        yield _("The digits after the comma are not needed, we took %(value)s.", value=value)
    if judged.verdict is Verdict.UNCHANGED:
        yield _("The reading is the same as before: consumption 0\u00a0kWh.")
    if dial.ratio > 1:
        yield _("The meter's ratio of %(ratio)s is counted in.", ratio=dial.ratio)
    if dial.estimated:
        yield _(
            "Since the last reading we have charged %(estimated)s by the average. The meter tells "
            "%(usage)s, the difference is settled now.",
            estimated=kwh(dial.estimated),
            usage=kwh(judged.usage),
        )


def _newest_first(row: Any) -> tuple[int, int, int, int, int]:  # noqa: ANN401 - a row of HISTORY
    newest = row.dispute_id or 0
    return -row.period.toordinal(), row.meter_no, row.register_no, -newest, -row.version
