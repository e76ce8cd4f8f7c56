"""Queries of the journal, built once."""

from sqlalchemy import bindparam, exists, func, insert, select, text

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
CHANNELS_OF_USER = select(
    users.c.email, users.c.phone, users.c.language, users.c.name, users.c.region
).where(users.c.id == bindparam("user_id"))
#: A person's own journal, the newest first, from an event on.
EVENTS_OF_USER = (
    select(
        events.c.id,
        events.c.what,
        events.c.happened_at,
        events.c.device,
        events.c.network,
        events.c.detail,
    )
    .where(events.c.user_id == bindparam("user_id"), events.c.id < bindparam("before"))
    .order_by(events.c.id.desc())
    .limit(bindparam("most"))
)
#: The events of a stretch of time as they are sealed.
EVENTS_BETWEEN = (
    select(
        events.c.id,
        events.c.user_id,
        events.c.what,
        events.c.happened_at,
        events.c.device,
        events.c.network,
        events.c.detail,
    )
    .where(
        events.c.happened_at >= bindparam("start"),
        events.c.happened_at < bindparam("end"),
    )
    .order_by(events.c.id)
)
FIRST_EVENT = select(func.min(events.c.happened_at))
OLDER_EVENTS = (
    select(events.c.id).where(events.c.happened_at < bindparam("start")).order_by(events.c.id)
)
LAST_DAY = select(days.c.day, days.c.seal).order_by(days.c.day.desc()).limit(1)
DAYS = select(days.c.day, days.c.count.label("events"), days.c.seal).order_by(days.c.day)
# As text: SQLAlchemy words an upsert for each database apart, and importing both costs 0.1 s.
INSERT_DAY = text(
    "INSERT INTO journal_days (day, count, seal) VALUES (:day, :count, :seal) "
    "ON CONFLICT (day) DO NOTHING"
).bindparams(bindparam("day", type_=days.c.day.type), bindparam("seal", type_=days.c.seal.type))
