"""Questions about what is owed, built once; each names the account first."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    bindparam,
    cast,
    extract,
    func,
    insert,
    select,
    text,
    update,
)

from tesweb.accounts.models import Account
from tesweb.database.naming import table_of
from tesweb.ledger.models import Charge, LedgerEntry, LedgerTransaction, Payment

accounts = table_of(Account)
charges = table_of(Charge)
payments = table_of(Payment)
transactions = table_of(LedgerTransaction)
entries = table_of(LedgerEntry)

#: What each month was charged, the newest first.
CHARGED = (
    # PostgreSQL's sum of whole numbers is a decimal.
    select(charges.c.period, cast(func.sum(charges.c.amount), BigInteger).label("amount"))
    .where(charges.c.account_id == bindparam("account_id"), charges.c.period >= bindparam("since"))
    .group_by(charges.c.period)
    .order_by(charges.c.period.desc())
)

#: What was paid, and what went back, the oldest first.
PAID = (
    select(payments.c.paid_on, payments.c.amount)
    .where(
        payments.c.account_id == bindparam("account_id"), payments.c.paid_on >= bindparam("since")
    )
    .order_by(payments.c.paid_on, payments.c.reference)
)

_YEAR: ColumnElement[Any] = cast(extract("year", payments.c.paid_on), Integer)
#: What was paid in each year, the newest first.
YEARS_PAID = (
    select(_YEAR.label("year"), cast(func.sum(payments.c.amount), BigInteger).label("amount"))
    .where(payments.c.account_id == bindparam("account_id"))
    .group_by(_YEAR)
    .order_by(_YEAR.desc())
)
#: The payments of some days, the newest first.
PAID_BETWEEN = (
    select(payments.c.paid_on, payments.c.channel, payments.c.amount)
    .where(
        payments.c.account_id == bindparam("account_id"),
        payments.c.paid_on.between(bindparam("first"), bindparam("last")),
    )
    .order_by(payments.c.paid_on.desc(), payments.c.reference.desc())
)

#: Nothing comes back where the same was written before.
INSERT_TRANSACTION = text(
    "INSERT INTO ledger_transactions (kind, subject, happened_at, order_id, reverses_id) "
    "VALUES (:kind, :subject, :happened_at, :order_id, :reverses_id) "
    "ON CONFLICT (kind, subject) DO NOTHING RETURNING id"
).bindparams(bindparam("happened_at", type_=transactions.c.happened_at.type))
INSERT_ENTRIES = insert(entries)
ENTRIES_OF = (
    select(entries.c.book, entries.c.account_id, entries.c.amount)
    .where(entries.c.transaction_id == bindparam("transaction_id"))
    .order_by(entries.c.account_id, entries.c.line)
)
TRANSACTION = select(transactions).where(transactions.c.id == bindparam("transaction_id"))
TRANSACTION_OF = select(transactions.c.id).where(
    transactions.c.kind == bindparam("kind"), transactions.c.subject == bindparam("subject")
)

INSERT_PAYMENT = insert(payments)
#: What an account owes, after a payment or a refund.
MOVE_BALANCE = (
    update(accounts)
    .where(accounts.c.id == bindparam("of_account"))
    .values(balance=accounts.c.balance + bindparam("added"))
)
