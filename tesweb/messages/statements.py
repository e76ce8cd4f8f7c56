"""Queries of the outbox, built once."""

from sqlalchemy import bindparam, text

from tesweb.database.naming import table_of
from tesweb.messages.models import OutboxMessage

outbox = table_of(OutboxMessage)

# As text: SQLAlchemy words an upsert for each database apart, and importing both costs 0.1 s.
INSERT_MESSAGE = text(
    "INSERT INTO outbox (key, channel, recipient, language, template, payload, state, tries, "
    "created_at, next_at, expires_at) VALUES (:key, :channel, :recipient, :language, :template, "
    ":payload, 'waiting', 0, :moment, :moment, :expires) ON CONFLICT (key) DO NOTHING"
).bindparams(
    bindparam("moment", type_=outbox.c.created_at.type),
    bindparam("expires", type_=outbox.c.expires_at.type),
)
