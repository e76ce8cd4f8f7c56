"""Requests about refused readings; each function is one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from tesweb.api import (
    Entry,
    Region,
    RegisterId,
    Source,
    core,
    hold_account,
    local_day,
    record_reading,
    settings_of,
)
from tesweb_readings.models import Answer
from tesweb_readings.settings import ReadingsSettings
from tesweb_readings.statements import (
    ANSWER,
    DISPUTE_BY_NUMBER,
    DISPUTE_OF_KEY,
    DISPUTE_VALUES,
    INSERT_DISPUTE,
    INSERT_VALUES,
    IS_HELD,
    NEWER,
    OPEN_DISPUTES,
)


class TooMany(Exception):
    """So many requests of the account wait for an answer that no further one is taken."""


class Answered(Exception):
    """The request has its answer already, or there is none of this number."""


class Held(Exception):
    """Whoever sent the request has locked the cabinet and may not have sent it at all."""


class Outdated(Exception):
    """A register has a reading for the month that is newer than the request."""

    def __init__(self, register: RegisterId, value: Decimal) -> None:
        """Carry the register and what it has shown since."""
        super().__init__(f"register {register} has a newer reading")
        self.register = register
        self.value = value


@dataclass(frozen=True, slots=True)
class Taking:
    """How the operator takes a request."""

    #: Who vouches for the readings.
    source: Source
    #: What the resident reads beside the answer.
    why: str = ""
    #: kWh to charge, for registers where it does not follow from the values.
    consumed: Mapping[RegisterId, Decimal] = field(default_factory=dict)
    #: A newer reading of the same month gives way too.
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """What a resident sends when the rules refuse what the meter shows."""

    account_id: int
    user_id: int
    #: Made with the form: the same key again is the same request.
    key: str
    values: Mapping[RegisterId, Decimal]
    comment: str
    #: A JPEG made by `photos.clean`.
    photo: bytes | None


def ask(request: Request, region: Region) -> int:
    """Keep a request and return its number; the same key gives the same number.

    Raises TooMany, and LookupError for a key of another account.
    """
    try:
        with core().database.work() as work:
            hold_account(work, request.account_id)
            return _known(work, request) or _keep(work, request, region)
    except IntegrityError:
        with core().database.read() as reader:
            number = _known(reader, request)
        if number is None:
            raise
        return number


def take(number: int, taking: Taking) -> date:
    """Take the readings of a request as they are and return the month they count for.

    Raises Answered, Held, Outdated, LookupError for a charge on a register that the request does
    not name, and what `tesweb.api.record_reading` raises.
    """
    with core().database.work() as work:
        found = work.execute(DISPUTE_BY_NUMBER, {"id": number}).first()
        if found is None:
            raise Answered
        hold_account(work, found.account_id)
        if work.execute(IS_HELD, {"id": number}).scalar():
            raise Held
        _answer(work, number, Answer.ACCEPTED, taking.why)
        asked = {"account_id": found.account_id, "id": number}
        period, region = found.period, core().region(found.region)
        values = {(row[0], row[1]): row[2] for row in work.execute(DISPUTE_VALUES, asked).all()}
        for unknown in taking.consumed.keys() - values.keys():
            raise LookupError(f"the request has no register {unknown[0]}-{unknown[1]}")
        if not taking.replaces:
            _refuse_outdated(work, found, region)
        for register, value in values.items():
            charged = taking.consumed.get(register)
            entry = Entry(found.account_id, register, value, found.read_on, taking.source, charged)
            period = record_reading(work, entry, region)
    return cast("date", period)


def refuse(number: int, why: str) -> None:
    """Tell the resident why the readings are not taken. Raises Answered."""
    with core().database.work() as work:
        _answer(work, number, Answer.REFUSED, why)


def _refuse_outdated(work: Connection, found: Any, region: Region) -> None:  # noqa: ANN401 - a row of DISPUTE_BY_NUMBER
    newer = {
        "account_id": found.account_id,
        "id": found.id,
        "period": region.period_for(found.read_on),
        "sent_at": found.sent_at,
        "read_on": found.read_on,
    }
    row = work.execute(NEWER, newer).first()
    if row is not None:
        raise Outdated((row.meter_no, row.register_no), row.value)


def _known(connection: Connection, request: Request) -> int | None:
    found = connection.execute(DISPUTE_OF_KEY, {"key": request.key}).first()
    if found is None:
        return None
    if found.account_id != request.account_id:
        raise LookupError(request.key)
    return int(found.id)


def _keep(work: Connection, request: Request, region: Region) -> int:
    waiting = work.execute(OPEN_DISPUTES, {"account_id": request.account_id}).all()
    if len(waiting) >= settings_of(ReadingsSettings).open_disputes:
        raise TooMany
    now = core().clock.now()
    today = local_day(now, region.timezone)
    row = {
        "key": request.key,
        "account_id": request.account_id,
        "user_id": request.user_id,
        "sent_at": now,
        "read_on": today,
        "period": region.period_for(today),
        "comment": request.comment,
        "photo": request.photo,
        "answer": Answer.OPEN.value,
        "reason": "",
        "answered_at": None,
    }
    number = int(work.execute(INSERT_DISPUTE, row).scalar_one())
    values = [
        {
            "account_id": request.account_id,
            "dispute_id": number,
            "meter_no": meter_no,
            "register_no": register_no,
            "value": value,
        }
        for (meter_no, register_no), value in request.values.items()
    ]
    work.execute(INSERT_VALUES, values)
    return number


def _answer(work: Connection, number: int, answer: Answer, why: str) -> None:
    values = {
        "number": number,
        "verdict": answer.value,
        "why": why,
        "moment": core().clock.now(),
    }
    if work.execute(ANSWER, values).rowcount != 1:
        raise Answered
