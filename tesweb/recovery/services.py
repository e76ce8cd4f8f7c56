"""A new password for somebody who forgot it; each function is one transaction, or says otherwise.

The letter proves the mailbox and nothing more: it signs nobody in, and whoever has a second factor
is asked for it at the sign-in that follows.
"""

from typing import Any

from flask import request
from sqlalchemy import Connection

from tesweb.current import core
from tesweb.identity import challenges
from tesweb.identity import session as sessions
from tesweb.identity.challenges import Open, Purpose
from tesweb.identity.contacts import Asked, may_send
from tesweb.identity.limits import count, network_of
from tesweb.identity.passwords import (
    canonical_login,
    canonical_name,
    canonical_phone,
    hash_password,
)
from tesweb.identity.services import is_own_browser
from tesweb.identity.statements import SET_PASSWORD_HASH
from tesweb.journal import services as journal
from tesweb.journal.rules import What
from tesweb.messages.services import Message, enqueue
from tesweb.recovery.rules import LINK_LIVES, MOST_OF_NAME, MOST_OF_NETWORK, WITHIN
from tesweb.recovery.statements import PERSON, PERSON_BY_NAME


class TooMany(Exception):
    """The network or the name has asked often enough, whether anybody has the name or not."""


def ask(typed: str, language: str) -> None:
    """Send a letter to whoever has the login, e-mail or phone. Raises TooMany.

    For a name of nobody the same is done and taken back, so that it takes the same time.
    """
    count_asking(typed)
    with core().database.work() as work:
        person = person_named(work, typed)
        is_somebody = person is not None and (person.email or person.phone)
        with work.begin_nested() as tried:
            _write(work, person if is_somebody else _nobody(typed, language))
            if not is_somebody:
                tried.rollback()


def person_of(key: str) -> Any:  # noqa: ANN401 - a row of PERSON
    """Whose letter it is, nothing changed. Raises challenges.Refused."""
    with core().database.work() as work:
        return _owner(work, challenges.by_secret(work, Purpose.RECOVERY, key))


def choose(key: str, password: str) -> None:
    """Make the password the owner's new one and end every session. Raises challenges.Refused."""
    hashed = hash_password(password)
    with core().database.work() as work:
        found = challenges.by_secret(work, Purpose.RECOVERY, key)
        person = _owner(work, found)
        challenges.spend(work, found)
        set_password(work, person.id, hashed)
        journal.record(work, person.id, What.PASSWORD_CHANGED, how="recovery")


def set_password(work: Connection, user_id: int, hashed: str) -> None:
    """Another password: every session ends, half a sign-in and every other letter is worthless."""
    work.execute(SET_PASSWORD_HASH, {"user_id": user_id, "hash": hashed})
    sessions.end_all(work, user_id)
    for purpose in (Purpose.SECOND_FACTOR, Purpose.RECOVERY):
        challenges.forget(work, purpose, user_id)


def person_named(work: Connection, typed: str) -> Any:  # noqa: ANN401 - a row of PERSON or None
    """Who has the login, e-mail or phone."""
    values = {"name": canonical_login(typed), "phone": canonical_phone(typed)}
    return work.execute(PERSON_BY_NAME, values).first()


def own_words(person: Any) -> list[str]:  # noqa: ANN401 - a row of PERSON
    """What others know of the person, so that no password is made of it."""
    known = (person.login, person.name, person.email, person.phone, person.city)
    return [word for word in known if word]


def count_asking(typed: str) -> None:
    """Count in a transaction of its own: what is refused stays counted. Raises TooMany."""
    now, network = core().clock.now(), network_of(request.remote_addr or "")
    name = challenges.digest(f"recover {canonical_name(typed)}").hex()
    with core().database.work() as work:
        tried = (
            count(work, f"recover network {network}", now, WITHIN) <= MOST_OF_NETWORK,
            count(work, f"recover {name}", now, WITHIN) <= MOST_OF_NAME,
        )
    if not all(tried):
        raise TooMany


def count_network(what: str) -> None:
    """Count what a network tries, in a transaction of its own. Raises TooMany."""
    now, network = core().clock.now(), network_of(request.remote_addr or "")
    with core().database.work() as work:
        counted = count(work, f"{what} network {network}", now, WITHIN)
    if counted > MOST_OF_NETWORK:
        raise TooMany


def _write(work: Connection, person: Any) -> None:  # noqa: ANN401 - a row of PERSON
    channel, address = ("email", person.email) if person.email else ("sms", person.phone)
    is_own = is_own_browser(work, person.id or 0)
    if not may_send(work, channel, address, Asked.RECOVERY, is_own=is_own):
        return
    secret = challenges.token()
    number = challenges.issue(
        work, Purpose.RECOVERY, secret, lifetime=LINK_LIVES, bound=False, user_id=person.id
    )
    # A locked cabinet is opened by two proofs, and a password made by a letter would be one.
    template = "recovery_locked" if person.frozen_at else "recovery"
    values = {"name": person.name, "region": person.region or ""}
    values |= {} if person.frozen_at else {"path": f"/recover/password?key={secret}"}
    expires = core().clock.now() + LINK_LIVES
    key = f"recovery {number} {secret}"
    enqueue(work, Message(key, channel, address, person.language, template, values, expires))


def _owner(work: Connection, found: Open) -> Any:  # noqa: ANN401 - a row of PERSON
    person = work.execute(PERSON, {"user_id": found.user_id}).first()
    if person is None or person.frozen_at is not None:
        raise challenges.Unknown
    return person


class _Nobody:
    """Stands for a person where there is none."""

    id = None
    name = phone = ""
    region = frozen_at = None

    def __init__(self, email: str, language: str) -> None:
        self.email, self.language = email, language


def _nobody(typed: str, language: str) -> _Nobody:
    return _Nobody(canonical_login(typed)[:254] or "nobody", language)
