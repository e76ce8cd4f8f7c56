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
from tesweb.journal.statements import EVENTS_OF_USER
from tesweb.journal.wording import sentence

blueprint = Blueprint("journal", __name__)
#: Events of a page.
_MOST = 25
#: Above every id.
_NEWEST = 2**62


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the journal."""

    what: LazyString
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
        yield Entry(sentence(row.what), row.happened_at, row.device, network_in_words(row.network))


def _number(text: str) -> int | None:
    """An event's id; None for anything else: the first page."""
    is_id = text.isascii() and text.isdigit() and len(text) < len(str(_NEWEST))
    return int(text) if is_id else None
