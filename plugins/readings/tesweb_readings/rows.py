"""Rows of the pages, made ready for the templates: texts only, nothing to compute there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask_babel import gettext as _

from tesweb.api import (
    FORMATS,
    Dial,
    Judgement,
    RegisterId,
    State,
    Verdict,
    add_months,
    language_code,
)
from tesweb_readings.desk import Desk, Named, name_of
from tesweb_readings.forms import Filled, confirmation, field_of
from tesweb_readings.wording import Doubt, doubt, kwh, refusal, shown, words

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
    hours: str
    digits: int
    ratio: int
    previous: str
    previous_on: str
    #: The value accepted for this period already.
    present: str
    text: str
    error: str
    #: The way on from a refusal: `dispute`, `swap` or nothing.
    way: str


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A register with what will be sent."""

    field: str
    serial: str
    zone: str
    previous: str
    value: str
    usage: str
    notes: tuple[str, ...]
    doubt: Doubt | None
    #: Name of the box to tick, and whether it was left unticked.
    confirmation: str
    is_missing: bool


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
    value: str
    consumed: str
    is_superseded: bool


def field_rows(desk: Desk, filled: Filled, refused: Sequence[Judgement] = ()) -> list[FieldRow]:
    """The rows of the table."""
    wrong = {each.dial.id: each for each in refused if each.is_refused}
    return [_field_row(desk, dial, filled, wrong.get(dial.id)) for dial in desk.standing.dials]


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


def history_rows(rows: Iterable[Any], names_of: Mapping[RegisterId, Named]) -> list[HistoryRow]:
    """The history from rows of HISTORY, the newest first."""
    names, formats = words(), FORMATS[language_code()]
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
                kwh(row.consumed) if row.state == State.ACCEPTED else "",
                formats.day(row.read_on),
                names.sources[row.source],
                state,
                tag,
                row.dispute_id,
                row.receipt_id,
            )
        )
    return found


def receipt_rows(rows: Iterable[Any]) -> list[ReceiptRow]:
    """What was sent with a receipt, from rows of RECEIPT_ROWS."""
    names = words()
    return [
        ReceiptRow(
            row.serial,
            names.zones[row.zone],
            shown(row.value, row.digits),
            kwh(row.consumed),
            row.state == State.SUPERSEDED,
        )
        for row in rows
    ]


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
    formats = FORMATS[language_code()]
    error = str(filled.errors.get(dial.id, "")) if refused is None else refusal(refused)
    way = "" if refused is None else "dispute" if refused.meant is None else "swap"
    return FieldRow(
        name_of(dial),
        field_of(dial),
        desk.standing.meters[dial.meter_no].serial,
        dial.meter_no,
        words().zones[dial.zone.value],
        desk.region.zone_hours(dial.zone),
        dial.digits,
        dial.ratio,
        shown(dial.previous, dial.digits),
        formats.day(dial.previous_on) if dial.previous_on else _("when it was installed"),
        "" if dial.present is None else shown(dial.present, dial.digits),
        filled.texts.get(dial.id, ""),
        error,
        way,
    )


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
        words().zones[dial.zone.value],
        shown(dial.previous, dial.digits),
        shown(judged.value, dial.digits),
        kwh(judged.consumed),
        tuple(_notes(judged, filled)),
        doubt(judged),
        confirmation(dial, judged.verdict),
        judged.is_to_confirm and not agreed,
    )


def _notes(judged: Judgement, filled: Filled | None) -> Iterable[str]:
    dial = judged.dial
    if filled is not None and filled.typed[dial.id].dropped:
        value = shown(judged.value, dial.digits)
        yield _("The digits after the comma are not needed, we took %(value)s.", value=value)
    if judged.verdict is Verdict.UNCHANGED:
        yield _("Nothing was consumed.")
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
