"""Cards that are to be forgotten at their banks, built once."""

from sqlalchemy import bindparam, delete, exists, insert, select, update

from tesweb.database.naming import table_of
from tesweb.payments.models import ForgottenCard, PaymentCard

cards = table_of(PaymentCard)
forgotten = table_of(ForgottenCard)

_MOMENT = forgotten.c.ask_at.type
_THIS = forgotten.c.id == bindparam("which")

INSERT_FORGOTTEN = insert(forgotten).returning(forgotten.c.id)
#: With whether somebody has saved the same card since.
FORGOTTEN = select(
    forgotten,
    exists()
    .where(cards.c.gateway == forgotten.c.gateway, cards.c.token_hash == forgotten.c.token_hash)
    .label("is_saved_again"),
).where(_THIS)
DUE_FORGOTTEN = (
    select(forgotten.c.id)
    .where(forgotten.c.ask_at <= bindparam("moment", type_=_MOMENT))
    .order_by(forgotten.c.ask_at, forgotten.c.id)
    .limit(bindparam("most"))
)
ASK_LATER = (
    update(forgotten)
    .where(_THIS)
    .values(ask_at=bindparam("at", type_=_MOMENT), looks=forgotten.c.looks + 1)
)
DELETE_FORGOTTEN = delete(forgotten).where(_THIS)
