"""Signing in and out, and the users themselves; each function is one transaction."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from flask import request
from flask_login import login_user, logout_user
from sqlalchemy import Connection

from tesweb.accounts.models import Role
from tesweb.current import connection, core
from tesweb.identity import challenges, known
from tesweb.identity import session as sessions
from tesweb.identity.challenges import Purpose
from tesweb.identity.devices import device_of
from tesweb.identity.limits import count, network_of
from tesweb.identity.passwords import (
    canonical_login,
    canonical_name,
    canonical_phone,
    hash_password,
    needs_rehash,
    verify_password,
)
from tesweb.identity.session import current_session
from tesweb.identity.statements import (
    HOLD_PASSWORD,
    INSERT_MEMBERSHIP,
    INSERT_USER,
    PASSWORD_OF_USER,
    SET_LANGUAGE,
    SET_PASSWORD_HASH,
    USER_BY_LOGIN,
)
from tesweb.journal import services as journal
from tesweb.journal.rules import What

#: How long a right password waits for the second factor.
_FACTOR_WAITS = timedelta(minutes=10)
#: How often at most a failed sign-in is written into a user's journal: nobody shall fill it.
_FAILURES_APART = timedelta(minutes=10)


class WrongCredentials(Exception):
    """No user has this login and this password; which of the two is wrong is not told."""


class SessionEnded(Exception):
    """The session was ended while its owner was proving who they are."""


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody whose password was right."""

    user_id: int
    #: Whether a second factor is still to come.
    needs_factor: bool
    #: The hash that the password was compared with; it has to be the user's still at the end.
    password_hash: str = field(default="", repr=False)


def check_password(login: str, password: str) -> Known:
    """Whom login, e-mail or phone and password belong to. Raises WrongCredentials."""
    found = _find(login)
    if not verify_password(found.password_hash if found else None, password) or found is None:
        _note_failure(login, found.id if found else None)
        raise WrongCredentials
    compared = str(found.password_hash)
    if needs_rehash(compared):
        with core().database.work() as work:
            _hold(work, found.id, compared)
            compared = hash_password(password)
            work.execute(SET_PASSWORD_HASH, {"user_id": found.id, "hash": compared})
    # An operator who has a passkey uses it; a resident may come with the password alone.
    needs_factor = found.has_totp or (found.is_operator and found.has_passkey)
    return Known(found.id, needs_factor, compared)


def known_device(login: str) -> str:
    """The mark of this browser if the login's owner has signed in on it before, else empty."""
    found = _find(login)
    if found is None:
        return ""
    mark = known.mark_of(found.id, found.password_hash)
    return mark if known.is_known(mark) else ""


def is_own_browser(work: Connection, user_id: int) -> bool:
    """Whether the user has signed in on this browser before, with the present password.

    For a user that is none the same is asked, so that it takes the same time.
    """
    return known.is_known(_mark_of(work, user_id))


def is_password_of(user_id: int, password: str) -> bool:
    """Whether the password is the user's."""
    with core().database.read() as reader:
        stored = reader.execute(PASSWORD_OF_USER, {"user_id": user_id}).scalar()
    return verify_password(stored, password)


def await_factor(known: Known, wanted: str | None) -> None:
    """Remember that this browser's password was right; nobody is signed in yet.

    Raises WrongCredentials where the password has been changed meanwhile.
    """
    user_id = known.user_id
    with core().database.work() as work:
        _hold(work, user_id, known.password_hash)
        challenges.issue(
            work,
            Purpose.SECOND_FACTOR,
            challenges.token(),
            lifetime=_FACTOR_WAITS,
            user_id=user_id,
            payload={"next": wanted or ""},
        )


def admit(work: Connection, user_id: int, factors: str) -> str:
    """Open a session for the user within the unit of work and return its id.

    Once it is committed, call `enter` with the id. The id changes, so a planted one is worthless,
    and whoever was signed in here before is signed out.
    """
    sessions.end(work, current_session().sid)
    # Whoever can come in needs no new contact; somebody else may have asked for it.
    if challenges.forget(work, Purpose.ACCESS, user_id):
        challenges.forget(work, Purpose.ACCESS_STOP, user_id)
        journal.record(work, user_id, What.RECOVERY_STOPPED, by="sign_in")
    what = What.NEW_DEVICE if _is_new_device(work, user_id) else What.SIGNED_IN
    journal.record(work, user_id, what, factors=factors)
    return sessions.start(work, user_id, core().clock, core().settings.session_days, here(factors))


def enter(sid: str) -> None:
    """Make this visitor's session the one that `admit` opened."""
    current = current_session()
    current.become(sid)
    login_user(current.visitor)
    # Whoever signs in to a locked cabinet may be the one it was locked against.
    if current.visitor is not None and current.visitor.frozen_at is None:
        known.remember(_mark_of(connection(), current.visitor.id))


def sign_in(known: Known) -> None:
    """Sign in somebody whose password was right.

    Raises WrongCredentials where it has been changed meanwhile.
    """
    with core().database.work() as work:
        _hold(work, known.user_id, known.password_hash)
        sid = admit(work, known.user_id, "password")
    enter(sid)


def _hold(work: Connection, user_id: int, password_hash: str) -> None:
    """Make sure that the password that was compared is the user's still, and stays so."""
    if work.execute(HOLD_PASSWORD, {"user_id": user_id}).scalar() != password_hash:
        raise WrongCredentials


def prove_again(user_id: int, factors: str) -> None:
    """The person has just proved once more who they are: a new id, and rights that want it.

    Raises SessionEnded where somebody has ended the session meanwhile.
    """
    current = current_session()
    with core().database.work() as work:
        origin = replace(here(factors), since=sessions.began(work, current.sid))
        if not sessions.end(work, current.sid):
            raise SessionEnded
        days = core().settings.session_days
        sid = sessions.start(work, user_id, core().clock, days, origin)
    enter(sid)


def here(factors: str) -> sessions.Origin:
    """How and from where the present request opens a session."""
    return sessions.Origin(factors, device_of(request), network_of(request.remote_addr or ""))


def sign_out() -> None:
    """End this device's session; the browser gets a new, empty one."""
    current = current_session()
    with core().database.work() as work:
        sessions.end(work, current.sid)
        if current.visitor is not None:
            journal.record(work, current.visitor.id, What.SIGNED_OUT)
    logout_user()
    current.become(sessions.new_sid())


def create_user(
    work: Connection, login: str, password: str, name: str, language: str = "ru"
) -> int:
    """Add a user within the given unit of work and return the id."""
    values = {
        "login": canonical_login(login),
        "password_hash": hash_password(password),
        "name": name,
        "language": language,
        "created_at": core().clock.now(),
    }
    return int(work.execute(INSERT_USER, values).scalar_one())


def link_account(
    work: Connection, user_id: int, account_id: int, role: Role, position: int = 0
) -> None:
    """Give a user access to an account within the given unit of work."""
    values = {
        "user_id": user_id,
        "account_id": account_id,
        "role": role.value,
        "position": position,
        "linked_at": core().clock.now(),
    }
    work.execute(INSERT_MEMBERSHIP, values)


def choose_language(user_id: int, code: str) -> None:
    """Remember the language that a user chose."""
    with core().database.work() as work:
        work.execute(SET_LANGUAGE, {"user_id": user_id, "code": code})


def _find(login: str) -> Any:  # noqa: ANN401 - a row of USER_BY_LOGIN or None
    values = {"login": canonical_login(login), "phone": canonical_phone(login)}
    with core().database.read() as reader:
        return reader.execute(USER_BY_LOGIN, values).first()


def _note_failure(login: str, user_id: int | None) -> None:
    """Write it down; a login of nobody costs the same transaction and so the same time."""
    whose = f"login {challenges.digest(canonical_name(login)).hex()}"
    with core().database.work() as work:
        key = f"failed {user_id or whose}"
        is_first = count(work, key, core().clock.now(), _FAILURES_APART) == 1
        if is_first and user_id is not None:
            journal.record(work, user_id, What.SIGN_IN_FAILED)


def _is_new_device(work: Connection, user_id: int) -> bool:
    """Whether the owner may wonder: not on the very first sign-in, which is on a new one always."""
    if is_own_browser(work, user_id):
        return False
    return journal.has_happened(work, user_id, What.SIGNED_IN, What.NEW_DEVICE)


def _mark_of(reader: Connection, user_id: int) -> str:
    stored = reader.execute(PASSWORD_OF_USER, {"user_id": user_id}).scalar()
    return known.mark_of(user_id, stored or "")
