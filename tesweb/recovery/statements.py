"""Queries of the ways back in, built once."""

from sqlalchemy import bindparam, delete, or_, select, update

from tesweb.accounts.models import Membership, Role
from tesweb.database.naming import table_of
from tesweb.factors.models import Passkey
from tesweb.freeze.models import Freeze
from tesweb.identity.challenges import Purpose
from tesweb.identity.models import Challenge, User

users = table_of(User)
freezes = table_of(Freeze)
challenges = table_of(Challenge)

_PERSON = select(
    users.c.id,
    users.c.login,
    users.c.name,
    users.c.email,
    users.c.phone,
    users.c.city,
    users.c.language,
    users.c.region,
    users.c.frozen_at,
).where(users.c.deleted_at.is_(None))
#: By name, by e-mail or by phone: a name has no `@` and is no number, so one person is found.
PERSON_BY_NAME = _PERSON.where(
    or_(
        users.c.login == bindparam("name"),
        users.c.email == bindparam("name"),
        users.c.phone == bindparam("phone"),
    )
).limit(1)
PERSON = _PERSON.where(users.c.id == bindparam("user_id"))

#: Whose cabinet was locked by that request and still is.
LOCKED_BY = (
    _PERSON.add_columns(users.c.is_operator, freezes.c.frozen_at.label("locked_at"))
    .join_from(users, freezes, freezes.c.user_id == users.c.id)
    .where(freezes.c.id == bindparam("number"), freezes.c.lifted_at.is_(None))
)
#: The same, where two operators act at once one after the other.
HOLD_LOCKED = LOCKED_BY.with_for_update(of=freezes)
#: The newest help of the office that is not over yet.
OFFICE_OF = (
    select(challenges.c.id, challenges.c.payload, challenges.c.expires_at)
    .where(
        challenges.c.purpose == Purpose.OFFICE.value,
        challenges.c.user_id == bindparam("user_id"),
        challenges.c.spent_at.is_(None),
        challenges.c.expires_at > bindparam("moment"),
    )
    .order_by(challenges.c.id.desc())
    .limit(1)
)
memberships = table_of(Membership)
passkeys = table_of(Passkey)

#: Since when an owner has the account and the cabinet, who is nobody of the supplier's.
OWNS = (
    select(memberships.c.linked_at, users.c.created_at)
    .join(users, users.c.id == memberships.c.user_id)
    .where(
        memberships.c.user_id == bindparam("user_id"),
        memberships.c.account_id == bindparam("account_id"),
        memberships.c.role == Role.OWNER.value,
        users.c.is_operator.is_(False),
    )
)
SET_EMAIL = update(users).where(users.c.id == bindparam("owner")).values(email=bindparam("address"))
DELETE_PASSKEYS = delete(passkeys).where(passkeys.c.user_id == bindparam("owner"))
