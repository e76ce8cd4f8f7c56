"""Writing the journal and telling the owner; always within the caller's unit of work."""

import json
from datetime import timedelta
from typing import Any

from flask import has_request_context, request
from sqlalchemy import Connection

from tesweb.current import core
from tesweb.identity import challenges
from tesweb.identity.challenges import Purpose
from tesweb.identity.devices import device_of
from tesweb.identity.limits import count, network_of
from tesweb.journal.rules import MOST_TEXTS, QUIET, REPEATED, What
from tesweb.journal.statements import CHANNELS_OF_USER, HAS_HAPPENED, INSERT_EVENT
from tesweb.messages.services import Message, enqueue

#: How long the link in a security message locks the cabinet with one tap.
_LINK_LIVES = timedelta(days=7)


def record(
    work: Connection,
    user_id: int,
    what: What,
    *,
    also: tuple[str, ...] = (),
    **detail: str | int,
) -> int:
    """Write an event with when, what from and where from, and return its id.

    Unless it is quiet, each address of the user gets one message; `also` names further addresses
    or numbers: the old one of a change. `detail` holds no secret, and personal data masked only.
    """
    here = _where()
    values = {
        "user_id": user_id,
        "what": what.value,
        "happened_at": core().clock.now(),
        **here,
        "detail": json.dumps(detail, ensure_ascii=False, sort_keys=True),
    }
    event_id = int(work.execute(INSERT_EVENT, values).scalar_one())
    if what not in QUIET:
        _tell(work, user_id, event_id, also, {"what": what.value, **detail, **here})
    return event_id


def has_happened(work: Connection, user_id: int, *kinds: What) -> bool:
    """Whether one of the kinds has ever happened to the user."""
    values = {"user_id": user_id, "kinds": [kind.value for kind in kinds]}
    return bool(work.execute(HAS_HAPPENED, values).scalar())


def _has_read_enough(work: Connection, user_id: int) -> bool:
    day = timedelta(days=1)
    return count(work, f"texts of devices {user_id}", core().clock.now(), day) > MOST_TEXTS


def _where() -> dict[str, str]:
    if not has_request_context():
        return {"device": "", "network": ""}
    return {"device": device_of(request), "network": network_of(request.remote_addr or "")}


def _tell(
    work: Connection, user_id: int, event_id: int, also: tuple[str, ...], facts: dict[str, Any]
) -> None:
    person = work.execute(CHANNELS_OF_USER, {"user_id": user_id}).first()
    if person is None:
        return
    secret = challenges.token()
    challenges.issue(
        work, Purpose.FREEZE_LINK, secret, lifetime=_LINK_LIVES, bound=False, user_id=user_id
    )
    values = facts | {"name": person.name, "lock": secret, "region": person.region or ""}
    values["moment"] = core().clock.now().isoformat()
    addresses = {person.email, person.phone, *also} - {None}
    if facts["what"] in REPEATED and _has_read_enough(work, user_id):
        addresses.discard(person.phone)
    for address in filter(None, addresses):
        channel = "sms" if address.startswith("+") else "email"
        key = f"event {event_id} {channel} {address}"
        enqueue(work, Message(key, channel, address, person.language, "security", values))
