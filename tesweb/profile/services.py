"""Changing what a person signs in with and is written to at; each function is one transaction."""

from dataclasses import dataclass
from datetime import timedelta

from flask import url_for
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql import Select, Update

from tesweb.current import core
from tesweb.identity import challenges
from tesweb.identity import session as sessions
from tesweb.identity.challenges import Purpose
from tesweb.identity.contacts import Asked, mask_email, mask_phone, may_send
from tesweb.identity.passwords import hash_password
from tesweb.identity.services import enter, here
from tesweb.identity.session import current_session
from tesweb.identity.statements import SET_PASSWORD_HASH, Visitor
from tesweb.journal import services as journal
from tesweb.journal.rules import What
from tesweb.messages.services import Message, enqueue
from tesweb.profile.statements import (
    CONTACTS,
    HOLDER_OF_EMAIL,
    HOLDER_OF_PHONE,
    SESSIONS,
    SET_EMAIL,
    SET_PHONE,
)

#: People read their letters in the evening, and text messages at once.
LINK_LIVES = timedelta(hours=24)
CODE_LIVES = timedelta(minutes=5)


class TooOften(Exception):
    """Too many messages were asked for in too short a time."""


class Taken(Exception):
    """Somebody else has proved the address or the number meanwhile."""


class LastContact(Exception):
    """Without it nobody could be told what happens to the cabinet."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What an address and a number differ in."""

    channel: str
    holder: Select[tuple[int, str, str]]
    change: Update
    what: What


EMAIL = Kind("email", HOLDER_OF_EMAIL, SET_EMAIL, What.EMAIL_CHANGED)
PHONE = Kind("sms", HOLDER_OF_PHONE, SET_PHONE, What.PHONE_CHANGED)


def ask_email(person: Visitor, address: str) -> None:
    """Send the link that makes an address the person's; the old one stays till then.

    One that somebody else has gets a letter of another kind, and the person the same answer.
    Raises TooOften.
    """
    with core().database.work() as work:
        _count(work, person, EMAIL, address)
        challenges.forget(work, Purpose.EMAIL_CHANGE, person.id)
        secret = challenges.token()
        challenges.issue(
            work,
            Purpose.EMAIL_CHANGE,
            secret,
            lifetime=LINK_LIVES,
            bound=False,
            user_id=person.id,
            payload={"email": address},
        )
        path = url_for("profile.email_link", key=secret)
        _send(work, person, EMAIL, address, {"path": path})


def email_of_link(person: Visitor, secret: str) -> str:
    """The address that a link makes the person's, which it may still do. Raises Refused."""
    with core().database.work() as work:
        found = _own(challenges.by_secret(work, Purpose.EMAIL_CHANGE, secret), person)
    return str(found.payload["email"])


def confirm_email(person: Visitor, secret: str) -> None:
    """Make the link's address the person's. Raises Refused, or Taken."""
    try:
        with core().database.work() as work:
            found = _own(challenges.by_secret(work, Purpose.EMAIL_CHANGE, secret), person)
            challenges.spend(work, found)
            address = str(found.payload["email"])
            _change(work, person, EMAIL, address, mask_email(address))
    except IntegrityError as error:
        raise Taken from error


def ask_phone(person: Visitor, number: str) -> None:
    """Send the code that makes a number the person's. Raises TooOften.

    One that somebody else has gets a message of another kind, and the person the same answer.
    """
    with core().database.work() as work:
        _count(work, person, PHONE, number)
        code = challenges.code()
        challenges.issue(
            work,
            Purpose.PHONE_CHANGE,
            code,
            lifetime=CODE_LIVES,
            user_id=person.id,
            payload={"phone": number},
        )
        _send(work, person, PHONE, number, {"code": code})


def phone_of_code(person: Visitor) -> str:
    """The number that waits for its code. Raises Refused."""
    with core().database.work() as work:
        found = _own(challenges.of_browser(work, Purpose.PHONE_CHANGE), person)
    return str(found.payload["phone"])


def confirm_phone(person: Visitor, code: str) -> bool:
    """Make the code's number the person's; False for a wrong code. Raises Refused, or Taken."""
    try:
        with core().database.work() as work:
            found = challenges.try_code(work, Purpose.PHONE_CHANGE, code)
            if found is None:
                return False
            number = str(_own(found, person).payload["phone"])
            _change(work, person, PHONE, number, mask_phone(number))
    except IntegrityError as error:
        raise Taken from error
    return True


def remove_phone(person: Visitor) -> None:
    """Write to the person's number no more. Raises LastContact where there is no address."""
    with core().database.work() as work:
        contacts = work.execute(CONTACTS, {"user_id": person.id}).one()
        if contacts.email is None:
            raise LastContact
        if contacts.phone is not None:
            _change(work, person, PHONE, None, "")


def change_password(person: Visitor, password: str) -> None:
    """Set the password; every other device is signed out, and this one gets a new id."""
    hashed = hash_password(password)
    with core().database.work() as work:
        origin = here(person.factors)
        work.execute(SET_PASSWORD_HASH, {"user_id": person.id, "hash": hashed})
        sessions.end_all(work, person.id)
        # What somebody else may have begun with the old password.
        challenges.forget(work, Purpose.RECOVERY, person.id)
        challenges.forget(work, Purpose.EMAIL_CHANGE, person.id)
        challenges.forget(work, Purpose.SECOND_FACTOR, person.id)
        journal.record(work, person.id, What.PASSWORD_CHANGED)
        days = core().settings.session_days
        sid = sessions.start(work, person.id, core().clock, days, origin)
    enter(sid)


def end_session(person: Visitor, mark: str) -> None:
    """End the session whose mark the page has shown; nothing where it has ended already."""
    with core().database.work() as work:
        for row in work.execute(SESSIONS, alive(person.id)).all():
            if mark_of(row.id_hash) == mark:
                sessions.end_hash(work, row.id_hash)
                journal.record(work, person.id, What.SESSION_ENDED, device=row.device)


def end_others(person: Visitor) -> None:
    """End every session but the present one."""
    _end_all(person, current_session().sid)


def end_everywhere(person: Visitor) -> None:
    """End every session, the present one too."""
    _end_all(person, "")
    current_session().become(sessions.new_sid())


def region_of(person: Visitor) -> str:
    """Whose phone number stands below the person's letters; empty for the default one."""
    return person.accounts[0].region if person.accounts else ""


def alive(user_id: int) -> dict[str, object]:
    """What the statements about sessions that still open something ask for."""
    now = core().clock.now()
    idle = timedelta(minutes=core().settings.session_idle_minutes)
    return {"user_id": user_id, "moment": now, "idle_since": now - idle}


def mark_of(id_hash: bytes) -> str:
    """What the page calls a session: enough to tell a person's own ones apart."""
    return id_hash[:8].hex()


def _end_all(person: Visitor, but: str) -> None:
    with core().database.work() as work:
        ended = sessions.end_all(work, person.id, but)
        challenges.forget(work, Purpose.SECOND_FACTOR, person.id)
        if ended:
            journal.record(work, person.id, What.SESSION_ENDED, count=ended)


def _count(work: Connection, person: Visitor, kind: Kind, address: str) -> None:
    counted = (
        may_send(work, kind.channel, address, Asked.CHANGE),
        may_send(work, f"{kind.channel} asked by", str(person.id), Asked.CHANGE),
    )
    if not all(counted):
        raise TooOften


def _send(
    work: Connection, person: Visitor, kind: Kind, address: str, values: dict[str, str]
) -> None:
    """Send the secret to the address, or to somebody else who has it a word about the trial."""
    holder = work.execute(kind.holder, {"address": address}).first()
    template, reader = f"{kind.channel}_change", (person.name, person.language)
    if holder is not None and holder.id != person.id:
        template, reader, values = f"{kind.channel}_taken", (holder.name, holder.language), {}
    lives = LINK_LIVES if kind is EMAIL else CODE_LIVES
    message = Message(
        # Each is a message of its own; ids of challenges that were forgotten come back on SQLite.
        challenges.token(),
        kind.channel,
        address,
        reader[1],
        template,
        {"name": reader[0], "region": region_of(person)} | values,
        core().clock.now() + lives,
    )
    enqueue(work, message)


def _change(
    work: Connection, person: Visitor, kind: Kind, address: str | None, masked: str
) -> None:
    before = work.execute(CONTACTS, {"user_id": person.id}).one()
    old = before.email if kind is EMAIL else before.phone
    work.execute(kind.change, {"owner": person.id, "address": address})
    # A link that went to the old address must not set a password any more.
    challenges.forget(work, Purpose.RECOVERY, person.id)
    journal.record(work, person.id, kind.what, also=(old,) if old else (), now=masked)


def _own(found: challenges.Open, person: Visitor) -> challenges.Open:
    """The secret, if it is the person's. Raises Unknown."""
    if found.user_id != person.id:
        raise challenges.Unknown
    return found
