"""Questions about lines of registers that an operator has put to an account, built once."""

from sqlalchemy import String, bindparam, cast, exists, literal, select

from tesweb.database.naming import table_of
from tesweb.ledger.books import Kind
from tesweb.ledger.models import LedgerTransaction
from tesweb.payments.models import RegisterLine

lines = table_of(RegisterLine)
transactions = table_of(LedgerTransaction)

#: Somebody has decided whose money of no order it is.
RESOLVED_LINE = exists().where(
    transactions.c.kind == Kind.RESOLVED.value,
    transactions.c.subject == literal("line ") + cast(lines.c.id, String),
)
_OF_NUMBER = (
    select(lines.c.id, lines.c.amount)
    .where(
        lines.c.gateway == bindparam("gateway"),
        lines.c.reference == bindparam("reference"),
        lines.c.kind == "payment",
        lines.c.order_id.is_(None),
    )
    .order_by(lines.c.id)
)
#: Whoever credits an order waits here for somebody who puts its line to an account.
HOLD_LINES = _OF_NUMBER.with_for_update()
PUT_BY_HAND = _OF_NUMBER.where(RESOLVED_LINE)
#: Whoever decides about a line waits here, after its account.
HOLD_LINE = select(lines).where(lines.c.id == bindparam("line_id")).with_for_update()
