"""Questions about money that is asked back or waits in suspense, built once."""

from sqlalchemy import bindparam, exists, func, select, update

from tesweb.accounts.models import Account
from tesweb.database.naming import table_of
from tesweb.ledger.books import CUSTOMER, FEES, SUSPENSE
from tesweb.ledger.models import LedgerEntry, LedgerTransaction
from tesweb.payments.models import Refund

accounts = table_of(Account)
refunds = table_of(Refund)
transactions = table_of(LedgerTransaction)
entries = table_of(LedgerEntry)

REFUND_OF_KEY = select(refunds.c.id).where(refunds.c.key == bindparam("key"))
_REFUND = select(
    refunds.c.id,
    refunds.c.account_id,
    refunds.c.order_id,
    refunds.c.amount,
    refunds.c.state,
    refunds.c.ground,
    refunds.c.answer,
    refunds.c.created_at,
    refunds.c.done_at,
    accounts.c.number,
    accounts.c.region,
    accounts.c.address,
).join(accounts, accounts.c.id == refunds.c.account_id)
#: What the user has asked for, the newest first.
REFUNDS_OF_USER = (
    _REFUND.where(refunds.c.user_id == bindparam("user_id"), refunds.c.id < bindparam("before"))
    .order_by(refunds.c.id.desc())
    .limit(bindparam("most"))
)
REFUND_OF_USER = _REFUND.where(
    refunds.c.id == bindparam("refund_id"), refunds.c.user_id == bindparam("user_id")
)
#: Orders whose money still waits in suspense, and how much of it.
SUSPENDED = (
    select(transactions.c.order_id, (-func.sum(entries.c.amount)).label("amount"))
    .join(entries, entries.c.transaction_id == transactions.c.id)
    .where(
        entries.c.book == SUSPENSE,
        entries.c.account_id == 0,
        transactions.c.order_id.in_(bindparam("order_ids", expanding=True)),
    )
    .group_by(transactions.c.order_id)
    .having(func.sum(entries.c.amount) != 0)
)
#: What an order has brought to accounts and as a fee, less what has gone back of it.
STILL_CREDITED = (
    select(entries.c.book, entries.c.account_id, (-func.sum(entries.c.amount)).label("amount"))
    .join(transactions, transactions.c.id == entries.c.transaction_id)
    .where(transactions.c.order_id == bindparam("order_id"), entries.c.book.in_([CUSTOMER, FEES]))
    .group_by(entries.c.book, entries.c.account_id)
    .order_by(entries.c.account_id)
)
#: Both only where the clock has given it up.
_STUCK = (
    refunds.c.id == bindparam("refund_id"),
    refunds.c.busy_order_id.is_not(None),
    refunds.c.ask_at.is_(None),
)
ASK_AGAIN = (
    update(refunds)
    .where(*_STUCK)
    .values(looks=0, ask_at=bindparam("moment", type_=refunds.c.ask_at.type))
)
LET_GO = (
    update(refunds)
    .where(*_STUCK)
    .values(
        state="refused",
        busy_order_id=None,
        done_at=bindparam("moment", type_=refunds.c.done_at.type),
    )
)
#: An operator has corrected what an order had brought.
IS_CORRECTED = select(
    exists().where(
        transactions.c.order_id == bindparam("order_id"), transactions.c.reverses_id.is_not(None)
    )
)
