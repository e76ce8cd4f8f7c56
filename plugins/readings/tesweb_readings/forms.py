"""What people fill in: a value for each register, confirmations, a request with a photo."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from flask_babel.speaklater import LazyString
from werkzeug.datastructures import MultiDict

from tesweb.api import (
    BadValue,
    Dial,
    Judgement,
    RegisterId,
    Standing,
    Typed,
    Verdict,
    parse_reading,
)
from tesweb_readings.desk import name_of
from tesweb_readings.wording import shown

Form = MultiDict[str, str]

#: Other keys are not ours.
_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
#: Control characters but the end of a line: no keyboard writes them, and PostgreSQL keeps no NUL.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_FIELD = re.compile(r"reading-([0-9]{1,4})-([0-9]{1,4})", re.ASCII)
_CONFIRMATION = re.compile(rf"([0-9]{{1,4}})-([0-9]{{1,4}})-({'|'.join(Verdict)})", re.ASCII)
#: No dial is longer.
MOST_DIGITS = 9
#: As many characters of a typed value as are given back to the page.
_LONGEST_TEXT = 60


@dataclass(slots=True)
class Filled:
    """The table as it was filled in."""

    #: What was typed, by register, to be shown again.
    texts: dict[RegisterId, str] = field(default_factory=dict)
    typed: dict[RegisterId, Typed] = field(default_factory=dict)
    errors: dict[RegisterId, LazyString | str] = field(default_factory=dict)
    #: The button for a register that has counted nothing was pressed.
    helped: bool = False

    @property
    def values(self) -> dict[RegisterId, Decimal]:
        """The values, of registers that have none left out."""
        return {register: typed.value for register, typed in self.typed.items()}

    @property
    def is_just_begun(self) -> bool:
        """The button was pressed while other fields are still empty: nothing to blame."""
        wrong = (register for register in self.errors if self.texts[register].strip())
        return self.helped and bool(self.errors) and next(wrong, None) is None


def read_texts(form: Form, standing: Standing) -> Filled:
    """What came along in the address, to be looked at and not yet judged."""
    typed = {dial.id: _text(form, dial) for dial in standing.dials}
    return Filled({register: text for register, text in typed.items() if text})


def read_table(form: Form, standing: Standing) -> Filled:
    """The values of the table; a meter left blank is left out if another one is filled in."""
    filled = Filled({dial.id: _text(form, dial) for dial in standing.dials})
    unchanged, shortened = form.get("same", ""), form.get("short", "")
    for dial in standing.dials:
        if name_of(dial) == unchanged:
            filled.texts[dial.id] = shown(dial.previous, dial.digits)
            filled.helped = True
        elif name_of(dial) == shortened:
            filled.texts[dial.id] = _shortened(filled.texts[dial.id], dial)
    blank = _left_blank(standing, filled)
    for dial in standing.dials:
        if dial.meter_no in blank:
            continue
        try:
            filled.typed[dial.id] = parse_reading(filled.texts[dial.id], dial.digits)
        except BadValue as error:
            filled.errors[dial.id] = error.reason
    return filled


def read_values(form: Form) -> dict[RegisterId, Decimal]:
    """The values that the check page sends back.

    Raises BadValue where somebody has changed them; how many digits there may be is asked later.
    """
    return {
        (int(found[1]), int(found[2])): parse_reading(text[:_LONGEST_TEXT], MOST_DIGITS).value
        for name, text in form.items()
        if (found := _FIELD.fullmatch(name))
    }


def read_confirmed(form: Form) -> frozenset[tuple[RegisterId, Verdict]]:
    """The doubts that were ticked."""
    found = (_CONFIRMATION.fullmatch(text) for text in form.getlist("confirm"))
    return frozenset(
        ((int(ticked[1]), int(ticked[2])), Verdict(ticked[3])) for ticked in found if ticked
    )


def confirmation(dial: Dial, verdict: Verdict) -> str:
    """The value of the box to tick: `1-2-rollover`."""
    return f"{name_of(dial)}-{verdict.value}"


def new_key() -> str:
    """An idempotency key that nobody can guess."""
    return secrets.token_urlsafe(24)


def read_key(form: Form) -> str:
    """The form's idempotency key; a new one where it has been lost."""
    key = form.get("key", "")
    return key if _KEY.fullmatch(key) else new_key()


def read_comment(form: Form) -> str:
    """What a resident tells about a request, in lines; other control characters are dropped."""
    text = form.get("comment", "").replace("\t", " ")
    return _CONTROL.sub("", text).strip()


def texts_of(values: Mapping[RegisterId, Decimal], standing: Standing) -> dict[RegisterId, str]:
    """Values as the table's inputs show them."""
    dials = {dial.id: dial for dial in standing.dials}
    return {
        register: shown(value, dials[register].digits)
        for register, value in values.items()
        if register in dials
    }


def exchange(judged: Sequence[Judgement], meter_no: str) -> dict[RegisterId, Decimal]:
    """The values with a meter's zones in the places where they fit."""
    return {
        each.dial.id: each.meant
        if each.meant is not None
        and each.verdict is not Verdict.TIMES_TEN
        and str(each.dial.meter_no) == meter_no
        else each.value
        for each in judged
    }


def without_last_digit(text: str, dial: Dial) -> Decimal | None:
    """The value without its last digit, where just one digit too many was typed."""
    try:
        value = parse_reading(text, dial.digits + 1).value
    except BadValue:
        return None
    return value // 10 if value >= 10**dial.digits else None


def address_of(texts: Mapping[RegisterId, str]) -> dict[str, str]:
    """What was typed as the query of an address, by the names of the inputs."""
    return {f"reading-{meter}-{register}": text for (meter, register), text in texts.items()}


def field_of(dial: Dial) -> str:
    """The name and id of a register's input."""
    return f"reading-{name_of(dial)}"


def _text(form: Form, dial: Dial) -> str:
    return form.get(field_of(dial), "")[:_LONGEST_TEXT]


def _shortened(text: str, dial: Dial) -> str:
    value = without_last_digit(text, dial)
    return text if value is None else shown(value, dial.digits)


def _left_blank(standing: Standing, filled: Filled) -> set[int]:
    meters = {dial.meter_no for dial in standing.dials}
    begun = {dial.meter_no for dial in standing.dials if filled.texts[dial.id].strip()}
    return meters - begun if begun else set()
