"""Queries of the ways back in, built once."""

from sqlalchemy import bindparam, delete, exists, or_, select, update

from tesweb.accounts.models import Membership, Role
from tesweb.database.naming import table_of
from tesweb.factors.models import Passkey
from tesweb.identity.models import User

users = table_of(User)

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

memberships = table_of(Membership)
passkeys = table_of(Passkey)

#: An owner of the account, who is nobody of the supplier's.
IS_OWNER = select(
    exists().where(
        memberships.c.user_id == bindparam("user_id"),
        memberships.c.account_id == bindparam("account_id"),
        memberships.c.role == Role.OWNER.value,
        users.c.id == memberships.c.user_id,
        users.c.is_operator.is_(False),
    )
)
SET_EMAIL = update(users).where(users.c.id == bindparam("owner")).values(email=bindparam("address"))
DELETE_PASSKEYS = delete(passkeys).where(passkeys.c.user_id == bindparam("owner"))
