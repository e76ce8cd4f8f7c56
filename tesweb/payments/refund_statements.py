"""Questions about money that is asked back or waits in suspense, built once."""

from sqlalchemy import bindparam, func, select

from tesweb.accounts.models import Account
from tesweb.database.naming import table_of
from tesweb.ledger.books import SUSPENSE
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
    _REFUND.where(refunds.c.user_id == bindparam("user_id"))
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
