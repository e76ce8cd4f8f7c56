"""Signing in and out, and the users themselves; each function is one transaction."""

from flask_login import login_user, logout_user
from sqlalchemy import Connection

from tesweb.accounts.models import Role
from tesweb.current import core
from tesweb.identity import session as sessions
from tesweb.identity.passwords import (
    canonical_login,
    hash_password,
    needs_rehash,
    verify_password,
)
from tesweb.identity.session import current_session
from tesweb.identity.statements import (
    INSERT_MEMBERSHIP,
    INSERT_USER,
    SET_LANGUAGE,
    SET_PASSWORD_HASH,
    USER_BY_LOGIN,
)


class WrongCredentials(Exception):
    """No user has this login and this password; which of the two is wrong is not told."""


def sign_in(login: str, password: str) -> None:
    """Check the password and make this visitor's session the user's.

    The session id changes, so a planted one is worthless, and whoever was signed in here before is
    signed out. Raises WrongCredentials.
    """
    with core().database.read() as reader:
        found = reader.execute(USER_BY_LOGIN, {"login": canonical_login(login)}).first()
    if not verify_password(found.password_hash if found else None, password) or found is None:
        raise WrongCredentials
    user_id, stored = found.id, found.password_hash
    current = current_session()
    with core().database.work() as work:
        if needs_rehash(stored):
            work.execute(SET_PASSWORD_HASH, {"user_id": user_id, "hash": hash_password(password)})
        sessions.end(work, current.sid)
        sid = sessions.start(work, user_id, core().clock, core().settings.session_days)
    current.become(sid)
    login_user(current.visitor)


def sign_out() -> None:
    """End this device's session; the browser gets a new, empty one."""
    current = current_session()
    with core().database.work() as work:
        sessions.end(work, current.sid)
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
