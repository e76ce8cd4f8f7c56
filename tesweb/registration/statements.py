"""Queries of registration, built once."""

from sqlalchemy import bindparam, exists, insert, or_, select

from tesweb.database.naming import table_of
from tesweb.identity.models import Challenge, User
from tesweb.registration.models import Consent

challenges = table_of(Challenge)
users = table_of(User)
consents = table_of(Consent)

_DRAFT = select(
    challenges.c.id, challenges.c.payload, challenges.c.expires_at, challenges.c.spent_at
).where(challenges.c.purpose == bindparam("purpose"))
#: The newest of a browser, for a page that only shows it.
DRAFT_OF_BROWSER = (
    _DRAFT.where(challenges.c.binding == bindparam("binding"))
    .order_by(challenges.c.id.desc())
    .limit(1)
)
#: Whoever has its link may finish it, on another device too.
DRAFT_BY_ID = (
    _DRAFT.add_columns(challenges.c.binding)
    .where(challenges.c.id == bindparam("draft_id"))
    .with_for_update()
)
LOGIN_TAKEN = select(exists().where(users.c.login == bindparam("login")))
#: By whichever of the two it is: an address has an `@`, a number has none.
ADDRESS_TAKEN = select(
    exists().where(
        or_(users.c.email == bindparam("address"), users.c.phone == bindparam("address"))
    )
)
INSERT_CONSENT = insert(consents)
