"""What requests say about the person who sent them: told for «My data», forgotten at the end."""

from functools import partial
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Connection

from tesweb.api import FORMATS, InWords, PersonalData, PersonalFile, PersonalValue, language_code
from tesweb_readings.statements import FORGET_SENDER, PHOTO, REQUESTS_OF_USER, VALUES_OF_USER
from tesweb_readings.wording import STATES, ZONES, shown

_COLUMNS = {
    "number": _l("Number"),
    "sent_at": _l("Sent"),
    "account": _l("Account"),
    "month": _l("Month"),
    "readings": _l("Readings"),
    "comment": _l("What happened"),
    "photo": _l("Photo"),
    "state": _l("State"),
    "answer": _l("Our answer"),
    "answered_at": _l("Answered"),
}


def requests_of(reader: Connection, user_id: int) -> list[PersonalData]:
    """Every request that the person sent, of whichever account."""
    me = {"user_id": user_id}
    values: dict[int, list[Any]] = {}
    for value in reader.execute(VALUES_OF_USER, me):
        values.setdefault(value.dispute_id, []).append(value)
    found = reader.execute(REQUESTS_OF_USER, me).all()
    rows = [_row(reader, request, values[request.id]) for request in found]
    return [PersonalData("requests", _l("Requests about readings"), _COLUMNS, rows)]


def forget(work: Connection, user_id: int) -> None:
    """Wipe what the person wrote and photographed."""
    work.execute(FORGET_SENDER, {"owner": user_id})


def _row(reader: Connection, request: Any, values: list[Any]) -> list[PersonalValue]:  # noqa: ANN401 - a row of REQUESTS_OF_USER
    return [
        request.id,
        request.sent_at,
        request.number,
        InWords(request.period, FORMATS[language_code()].month(request.period)),
        _values(values),
        request.comment,
        _photo(reader, request),
        InWords(request.answer, STATES[request.answer][0]),
        request.reason,
        request.answered_at,
    ]


def _values(values: list[Any]) -> InWords:
    of_meter = [
        (f"{row.serial} {row.zone} {shown(row.value, row.digits)}", _in_words(row))
        for row in values
    ]
    return InWords(
        "; ".join(plain for plain, _words in of_meter),
        "; ".join(words for _plain, words in of_meter),
    )


def _in_words(value: Any) -> str:  # noqa: ANN401 - a row of VALUES_OF_USER
    return f"{value.serial}, {ZONES[value.zone]}: {shown(value.value, value.digits)}"


def _photo(reader: Connection, request: Any) -> PersonalFile | None:  # noqa: ANN401 - a row of REQUESTS_OF_USER
    if request.photo_size is None:
        return None
    of_request = {"account_id": request.account_id, "id": request.id}
    read = partial(_content, reader, of_request)
    return PersonalFile(f"meter-{request.id}.jpg", "image/jpeg", request.photo_size, read)


def _content(reader: Connection, of_request: dict[str, int]) -> bytes:
    return bytes(reader.execute(PHOTO, of_request).scalar_one())
