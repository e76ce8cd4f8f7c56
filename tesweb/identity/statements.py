"""Who is behind a session id: one statement finds session, user and accounts together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, insert, or_, select, update

from tesweb.accounts.models import Account, Membership, Role
from tesweb.accounts.statements import LinkedAccount
from tesweb.database.naming import table_of
from tesweb.database.rows import fetch
from tesweb.factors.models import Passkey, Totp
from tesweb.identity.models import Challenge, Session, User
from tesweb.money import Kopecks

users = table_of(User)
sessions = table_of(Session)
challenges = table_of(Challenge)
memberships = table_of(Membership)
accounts = table_of(Account)
totps = table_of(Totp)
passkeys = table_of(Passkey)

#: How many columns of `VISITOR` are about the person; those of an account follow.
_OWN = 10
VISITOR = (
    select(
        sessions.c.seen_at,
        sessions.c.ends_at,
        users.c.id,
        users.c.name,
        users.c.login,
        users.c.language,
        users.c.is_operator,
        users.c.frozen_at,
        sessions.c.proved_at,
        sessions.c.factors,
        memberships.c.role,
        accounts.c.id,
        accounts.c.number,
        accounts.c.address,
        accounts.c.region,
        accounts.c.category,
        accounts.c.balance,
        accounts.c.balance_on,
        memberships.c.nickname,
    )
    .select_from(
        sessions.join(users, users.c.id == sessions.c.user_id)
        .outerjoin(memberships, memberships.c.user_id == users.c.id)
        .outerjoin(accounts, accounts.c.id == memberships.c.account_id)
    )
    .where(sessions.c.id_hash == bindparam("id_hash"))
    .order_by(memberships.c.position, memberships.c.account_id)
)
#: By name, by e-mail or by phone: a name has no `@` and is no number, so one person is found.
USER_BY_LOGIN = (
    select(
        users.c.id,
        users.c.password_hash,
        users.c.is_operator,
        exists().where(totps.c.user_id == users.c.id).label("has_totp"),
        exists().where(passkeys.c.user_id == users.c.id).label("has_passkey"),
    )
    .where(
        or_(
            users.c.login == bindparam("login"),
            users.c.email == bindparam("login"),
            users.c.phone == bindparam("phone"),
        ),
        users.c.deleted_at.is_(None),
    )
    .limit(1)
)
PASSWORD_OF_USER = select(users.c.password_hash).where(users.c.id == bindparam("user_id"))
#: Held until the session is written: a change of the password comes before or after, not between.
HOLD_PASSWORD = (
    select(users.c.password_hash)
    .where(users.c.id == bindparam("user_id"), users.c.deleted_at.is_(None))
    .with_for_update()
)
INSERT_USER = insert(users).returning(users.c.id)
INSERT_MEMBERSHIP = insert(memberships)
INSERT_SESSION = insert(sessions)
SEEN = (
    update(sessions)
    .where(sessions.c.id_hash == bindparam("hash"))
    .values(seen_at=bindparam("moment"))
)
SESSION_BEGAN = select(sessions.c.created_at).where(sessions.c.id_hash == bindparam("id_hash"))
END_SESSIONS = delete(sessions).where(
    sessions.c.user_id == bindparam("owner"), sessions.c.id_hash != bindparam("but")
)
DELETE_SESSION = delete(sessions).where(sessions.c.id_hash == bindparam("id_hash"))
PURGE_SESSIONS = delete(sessions).where(sessions.c.ends_at < bindparam("moment"))
SET_PASSWORD_HASH = (
    update(users).where(users.c.id == bindparam("user_id")).values(password_hash=bindparam("hash"))
)
SET_LANGUAGE = (
    update(users).where(users.c.id == bindparam("user_id")).values(language=bindparam("code"))
)

_CHALLENGE = select(
    challenges.c.id,
    challenges.c.user_id,
    challenges.c.account_id,
    challenges.c.payload,
    challenges.c.secret_hash,
    challenges.c.binding,
    challenges.c.tries,
    challenges.c.expires_at,
    challenges.c.spent_at,
).where(challenges.c.purpose == bindparam("purpose"))
CHALLENGE_BY_SECRET = _CHALLENGE.where(
    challenges.c.secret_hash == bindparam("secret_hash")
).with_for_update()
CHALLENGE_BY_BINDING = (
    _CHALLENGE.where(challenges.c.binding == bindparam("binding"))
    .order_by(challenges.c.id.desc())
    .limit(1)
    .with_for_update()
)
INSERT_CHALLENGE = insert(challenges).returning(challenges.c.id)
SPEND_CHALLENGE = (
    update(challenges)
    .where(challenges.c.id == bindparam("challenge_id"), challenges.c.spent_at.is_(None))
    .values(spent_at=bindparam("moment"))
)
COUNT_TRY = (
    update(challenges)
    .where(challenges.c.id == bindparam("challenge_id"))
    .values(tries=challenges.c.tries + 1)
)
SET_PAYLOAD = (
    update(challenges)
    .where(challenges.c.id == bindparam("challenge_id"))
    .values(payload=bindparam("text"))
)
DROP_CHALLENGES = (
    delete(challenges)
    .where(challenges.c.user_id == bindparam("owner"), challenges.c.purpose == bindparam("purpose"))
    .returning(challenges.c.spent_at, challenges.c.expires_at)
)
PURGE_CHALLENGES = delete(challenges).where(challenges.c.expires_at < bindparam("moment"))


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
    #: Whether the person works for the supplier.
    is_operator: bool
    #: Since when the cabinet is locked.
    frozen_at: datetime | None
    #: When the person last proved who they are on this device.
    proved_at: datetime | None
    #: How: `password`, `passkey`, `password totp`.
    factors: str

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
    seen_at, ends_at, user_id, name, login, language, *proofs = rows[0][:_OWN]
    linked = tuple(_linked(row[_OWN:]) for row in rows if row[_OWN] is not None)
    return Visitor(user_id, name, login, language, linked, seen_at, ends_at, *proofs)


def _linked(columns: Sequence[Any]) -> LinkedAccount:
    role, account_id, number, address, region, category, balance, balance_on, nickname = columns
    return LinkedAccount(
        account_id,
        number,
        address,
        region,
        category,
        Kopecks(balance),
        balance_on,
        Role(role),
        nickname,
    )
