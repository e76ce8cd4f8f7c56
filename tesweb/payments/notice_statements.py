"""What the database is asked about notifications of banks."""

from sqlalchemy import bindparam, delete, select, text, update

from tesweb.database.naming import table_of
from tesweb.payments.models import PaymentNotice

notices = table_of(PaymentNotice)
_MOMENT = notices.c.ask_at.type

INSERT_NOTICE = text(
    "INSERT INTO payment_notices "
    "(gateway, digest, order_key, reference, received_at, ask_at, looks) "
    "VALUES (:gateway, :digest, :order_key, :reference, :moment, :moment, 0) "
    # A bank may say the same in the same words when something else has happened.
    "ON CONFLICT (gateway, digest) DO UPDATE SET received_at = :moment, ask_at = :moment, looks = 0"
).bindparams(bindparam("moment", type_=notices.c.received_at.type))
DUE_NOTICES = (
    select(
        notices.c.id, notices.c.gateway, notices.c.order_key, notices.c.reference, notices.c.looks
    )
    .where(
        notices.c.ask_at <= bindparam("moment", type_=_MOMENT),
        notices.c.gateway.not_in(bindparam("silent", expanding=True)),
    )
    .order_by(notices.c.ask_at, notices.c.id)
    .limit(bindparam("most"))
)
#: One that has come again since the bank was asked is to be looked into again.
SET_NOTICES = (
    update(notices)
    .where(
        notices.c.id.in_(bindparam("notice_ids", expanding=True)),
        notices.c.received_at <= bindparam("asked", type_=_MOMENT),
    )
    .values(ask_at=bindparam("at", type_=_MOMENT), looks=notices.c.looks + 1)
)
#: What was looked into long ago. Where nothing is due, this finds nothing to sort.
FORGET_NOTICES = delete(notices).where(
    notices.c.id.in_(
        select(notices.c.id)
        .where(
            notices.c.ask_at.is_(None),
            notices.c.received_at < bindparam("before", type_=notices.c.received_at.type),
        )
        .limit(bindparam("most"))
    )
)
