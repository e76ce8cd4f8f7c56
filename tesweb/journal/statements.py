"""Queries of the journal, built once."""

from sqlalchemy import bindparam, exists, insert, select

from tesweb.database.naming import table_of
from tesweb.identity.models import User
from tesweb.journal.models import JournalDay, SecurityEvent

events = table_of(SecurityEvent)
days = table_of(JournalDay)
users = table_of(User)

#: Whether something of the given kinds has ever happened to a user.
HAS_HAPPENED = select(
    exists().where(
        events.c.user_id == bindparam("user_id"),
        events.c.what.in_(bindparam("kinds", expanding=True)),
    )
)
INSERT_EVENT = insert(events).returning(events.c.id)
CHANNELS_OF_USER = select(users.c.email, users.c.phone, users.c.language, users.c.name).where(
    users.c.id == bindparam("user_id")
)
