"""Queries of the outbox, built once."""

from sqlalchemy import bindparam, delete, exists, or_, select, text, update

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

_WAITING = outbox.c.state == "waiting"
_DUE = (
    _WAITING
    & (outbox.c.next_at <= bindparam("moment"))
    & outbox.c.channel.in_(bindparam("channels", expanding=True))
)
IS_ANY_DUE = select(exists().where(_DUE))
#: The one that waits longest; PostgreSQL passes over what another worker is just claiming.
DUE = (
    select(
        outbox.c.id,
        outbox.c.key,
        outbox.c.channel,
        outbox.c.recipient,
        outbox.c.language,
        outbox.c.template,
        outbox.c.payload,
        outbox.c.tries,
    )
    .where(_DUE)
    .order_by(outbox.c.next_at, outbox.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_THIS = outbox.c.id == bindparam("message_id")
CLAIM = update(outbox).where(_THIS).values(next_at=bindparam("until"), tries=outbox.c.tries + 1)
PUT_OFF = update(outbox).where(_THIS, _WAITING).values(next_at=bindparam("until"))
SET_SENT = (
    update(outbox).where(_THIS).values(state="sent", sent_at=bindparam("moment"), payload="{}")
)
SET_DEAD = update(outbox).where(_THIS, _WAITING).values(state="dead", payload="{}")
#: What waited too long, or was of use for a short time only.
GIVE_UP_OLD = (
    update(outbox)
    .where(
        _WAITING,
        or_(outbox.c.expires_at <= bindparam("moment"), outbox.c.created_at <= bindparam("oldest")),
    )
    .values(state="dead", payload="{}")
)
FORGET_OLD = delete(outbox).where(
    outbox.c.state != "waiting", outbox.c.created_at <= bindparam("oldest")
)
#: What has not arrived, the newest first.
NOT_ARRIVED = (
    select(
        outbox.c.id,
        outbox.c.channel,
        outbox.c.recipient,
        outbox.c.template,
        outbox.c.state,
        outbox.c.tries,
        outbox.c.created_at,
        outbox.c.next_at,
    )
    .where(outbox.c.state != "sent")
    .order_by(outbox.c.id.desc())
)
