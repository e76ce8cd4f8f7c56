"""Queries of the ways back in, built once."""

from sqlalchemy import bindparam, or_, select

from tesweb.database.naming import table_of
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
