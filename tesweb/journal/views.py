"""The journal as the person reads it: what, when, where from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request
from flask_babel.speaklater import LazyString

from tesweb import htmx
from tesweb.current import connection
from tesweb.database.rows import fetch
from tesweb.identity import policy
from tesweb.identity.devices import network_in_words
from tesweb.journal.details import in_words
from tesweb.journal.statements import EVENTS_OF_USER
from tesweb.journal.wording import sentence
from tesweb.layout.formats import FORMATS
from tesweb.layout.languages import language_code
from tesweb.layout.shell import page_context

blueprint = Blueprint("journal", __name__)
#: Events of a page.
_MOST = 25
#: Above every id.
_NEWEST = 2**62


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the journal."""

    what: LazyString
    #: The facts in a sentence; empty where there are none.
    detail: str
    at: datetime
    #: `Chrome, Android`; empty where no browser did it.
    device: str
    network: str


@blueprint.get("/profile/events")
@policy.while_locked
def events() -> Response:
    """What happened to the cabinet, the newest first; open also while it is locked."""
    before = _number(request.args.get("before", ""))
    asked = {"user_id": policy.visitor().id, "before": before or _NEWEST, "most": _MOST + 1}
    rows = fetch(connection(), EVENTS_OF_USER, asked)
    return htmx.render(
        "journal/events.html",
        entries=list(_entries(rows[:_MOST])),
        earlier=rows[_MOST - 1].id if len(rows) > _MOST else None,
        is_first=before is None,
    )


def _entries(rows: Iterable[Any]) -> Iterable[Entry]:
    for row in rows:
        detail = in_words(row.detail, _moment)
        network = network_in_words(row.network)
        yield Entry(sentence(row.what), detail, row.happened_at, row.device, network)


def _moment(moment: datetime) -> str:
    zone = page_context()["region"].timezone
    return FORMATS[language_code()].moment(moment, zone)


def _number(text: str) -> int | None:
    """An event's id; None for anything else: the first page."""
    is_id = text.isascii() and text.isdigit() and len(text) < len(str(_NEWEST))
    return int(text) if is_id else None
