"""A new contact for somebody who has lost the old one, or the second factor.

Two things stand in place of the factor: a full proof of an account of the cabinet, and three days
in which every old contact can stop it. The link that is sent at once does nothing before.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from tesweb.accounts.rules import is_settled
from tesweb.current import core
from tesweb.factors.statements import DELETE_CODES, DELETE_TOTP
from tesweb.identity import challenges
from tesweb.identity.challenges import Open, Purpose
from tesweb.identity.contacts import Asked, mask_email, mask_phone, may_send
from tesweb.identity.passwords import hash_password
from tesweb.journal import services as journal
from tesweb.journal.rules import What
from tesweb.messages.services import Message, enqueue
from tesweb.recovery.rules import ACCESS_LIVES, ACCESS_WAITS, OLD_ENOUGH
from tesweb.recovery.services import person_named, set_password
from tesweb.recovery.statements import DELETE_PASSKEYS, OWNS, PERSON, SET_EMAIL


class NotYet(Exception):
    """The waiting time is not over; the argument is when it is."""


def begin(typed: str, account_id: int, address: str) -> None:
    """Start the waiting time if the name is an owner's of the account that was proved.

    Asked for again, it starts anew.
    """
    with core().database.work() as work:
        person = person_named(work, typed)
        is_allowed = may_send(work, "email", address, Asked.ACCESS)
        if not is_allowed or person is None or person.frozen_at is not None:
            return
        owned = work.execute(OWNS, {"user_id": person.id, "account_id": account_id}).first()
        since = core().clock.now() - OLD_ENOUGH
        if owned is None or not is_settled(owned.linked_at, owned.created_at, since):
            return
        if not _is_taken(work, address, person.id):
            _start(work, person, address)


def person_of(key: str) -> Any:  # noqa: ANN401 - a row of PERSON
    """Whose new contact it is, nothing changed. Raises challenges.Refused or NotYet."""
    with core().database.work() as work:
        return _ripe(work, challenges.by_secret(work, Purpose.ACCESS, key))


def finish(key: str, password: str) -> None:
    """Set the contact and a new password, and take the lost factors off.

    Raises challenges.Refused or NotYet.
    """
    hashed = hash_password(password)
    with core().database.work() as work:
        found = challenges.by_secret(work, Purpose.ACCESS, key)
        person, address = _ripe(work, found), str(found.payload["email"])
        challenges.spend(work, found)
        set_password(work, person.id, hashed)
        for statement in (DELETE_TOTP, DELETE_CODES, DELETE_PASSKEYS):
            work.execute(statement, {"owner": person.id})
        if not _is_taken(work, address, person.id):
            work.execute(SET_EMAIL, {"owner": person.id, "address": address})
        challenges.forget(work, Purpose.ACCESS_STOP, person.id)
        also = (person.email,) if person.email else ()
        facts: dict[str, Any] = {"to": mask_email(address), "second": "off"}
        journal.record(work, person.id, What.RECOVERED, also=also, **facts)


def _ripe(work: Connection, found: Open) -> Any:  # noqa: ANN401 - a row of PERSON
    ready = datetime.fromisoformat(found.payload["ready"])
    if core().clock.now() < ready:
        raise NotYet(ready)
    person = work.execute(PERSON, {"user_id": found.user_id}).first()
    if person is None or person.frozen_at is not None:
        raise challenges.Unknown
    return person


def _is_taken(work: Connection, address: str, user_id: int) -> bool:
    holder = person_named(work, address)
    return holder is not None and holder.id != user_id


def _start(work: Connection, person: Any, address: str) -> None:  # noqa: ANN401 - a row of PERSON
    ready = (core().clock.now() + ACCESS_WAITS).isoformat()
    payload = {"email": address, "ready": ready}
    secrets = {Purpose.ACCESS: challenges.token(), Purpose.ACCESS_STOP: challenges.token()}
    for purpose, secret in secrets.items():
        challenges.forget(work, purpose, person.id)
        challenges.issue(
            work,
            purpose,
            secret,
            lifetime=ACCESS_WAITS + ACCESS_LIVES,
            bound=False,
            user_id=person.id,
            payload=payload,
        )
    masked = [
        mask(old) for mask, old in ((mask_email, person.email), (mask_phone, person.phone)) if old
    ]
    facts: dict[str, Any] = {"to": mask_email(address), "told": ", ".join(masked), "ready": ready}
    event = journal.record(work, person.id, What.RECOVERY_STARTED, **facts)
    values = {"name": person.name, "region": person.region or "", "ready": ready}
    stopping = values | {"path": f"/recover/stop?key={secrets[Purpose.ACCESS_STOP]}"}
    opening = values | {"path": f"/recover/access/open?key={secrets[Purpose.ACCESS]}"}
    told = [(old, "access_waiting", stopping) for old in (person.email, person.phone) if old]
    for recipient, template, said in [*told, (address, "access", opening)]:
        channel = "sms" if recipient.startswith("+") else "email"
        key = f"{template} {event} {recipient}"
        enqueue(work, Message(key, channel, recipient, person.language, template, said))
