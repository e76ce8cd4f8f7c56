"""Who is behind a session id: one statement finds session, user and accounts together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from tesweb.accounts.models import Account, Membership, Role
from tesweb.accounts.statements import LinkedAccount
from tesweb.database.naming import table_of
from tesweb.database.rows import fetch
from tesweb.identity.models import Session, User
from tesweb.money import Kopecks

users = table_of(User)
sessions = table_of(Session)
memberships = table_of(Membership)
accounts = table_of(Account)

VISITOR = (
    select(
        sessions.c.seen_at,
        sessions.c.ends_at,
        users.c.id,
        users.c.name,
        users.c.login,
        users.c.language,
        memberships.c.role,
        accounts.c.id,
        accounts.c.number,
        accounts.c.address,
        accounts.c.region,
        accounts.c.category,
        accounts.c.balance,
        accounts.c.balance_on,
    )
    .select_from(
        sessions.join(users, users.c.id == sessions.c.user_id)
        .outerjoin(memberships, memberships.c.user_id == users.c.id)
        .outerjoin(accounts, accounts.c.id == memberships.c.account_id)
    )
    .where(sessions.c.id_hash == bindparam("id_hash"))
    .order_by(memberships.c.position, memberships.c.account_id)
)
USER_BY_LOGIN = select(users.c.id, users.c.password_hash).where(users.c.login == bindparam("login"))
INSERT_USER = insert(users).returning(users.c.id)
INSERT_MEMBERSHIP = insert(memberships)
INSERT_SESSION = insert(sessions)
SEEN = (
    update(sessions)
    .where(sessions.c.id_hash == bindparam("hash"))
    .values(seen_at=bindparam("moment"))
)
DELETE_SESSION = delete(sessions).where(sessions.c.id_hash == bindparam("id_hash"))
PURGE_SESSIONS = delete(sessions).where(sessions.c.ends_at < bindparam("moment"))
SET_PASSWORD_HASH = (
    update(users).where(users.c.id == bindparam("user_id")).values(password_hash=bindparam("hash"))
)
SET_LANGUAGE = (
    update(users).where(users.c.id == bindparam("user_id")).values(language=bindparam("code"))
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in user with the accounts that this user may see."""

    id: int
    name: str
    login: str
    language: str
    accounts: tuple[LinkedAccount, ...]
    seen_at: datetime
    ends_at: datetime

    # What Flask-Login asks of a user:
    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """The user's id as Flask-Login keeps it."""
        return str(self.id)

    def account(self, account_id: int) -> LinkedAccount | None:
        """The account of that id if it is linked to this user."""
        return next((account for account in self.accounts if account.id == account_id), None)


def find_visitor(connection: Connection, id_hash: bytes) -> Visitor | None:
    """The visitor of a session, or None where there is no such session."""
    rows = fetch(connection, VISITOR, {"id_hash": id_hash})
    if not rows:
        return None
    seen_at, ends_at, user_id, name, login, language, *_ = rows[0]
    linked = tuple(_linked(row[6:]) for row in rows if row[6] is not None)
    return Visitor(user_id, name, login, language, linked, seen_at, ends_at)


def _linked(columns: Sequence[Any]) -> LinkedAccount:
    role, account_id, number, address, region, category, balance, balance_on = columns
    return LinkedAccount(
        account_id, number, address, region, category, Kopecks(balance), balance_on, Role(role)
    )
