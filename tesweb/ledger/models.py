"""Tables of charges and payments as billing sends them, and our books; append-only, kopecks."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index
from sqlmodel import Field, SQLModel

from tesweb.database import naming
from tesweb.database.types import BigKey, KilowattHours, Price, UtcDateTime


class Charge(SQLModel, table=True):
    """A line of what is owed for a month (начисление)."""

    __tablename__ = "charges"
    __table_args__ = (naming.CLUSTERED,)

    account_id: int = Field(sa_column=Column(BigKey, ForeignKey("accounts.id"), primary_key=True))
    #: The first day of the month it is for.
    period: date = Field(primary_key=True)
    #: Billing's own code of the line, unique within the account's month.
    line: str = Field(max_length=32, primary_key=True)
    title: str = Field(max_length=160)
    #: None for a line that is no volume times price, as a recalculation.
    volume: Decimal | None = Field(default=None, sa_column=Column(KilowattHours))
    price: Decimal | None = Field(default=None, sa_column=Column(Price))
    #: Kopecks; negative for a recalculation in the customer's favour.
    amount: int = Field(sa_column=Column(BigKey, nullable=False))


class Payment(SQLModel, table=True):
    """Money to the account's credit: what billing has received, and what came through us (платёж).

    Ours has the order's number as its reference, by which billing's own line of it is known.
    """

    __tablename__ = "payments"
    __table_args__ = (naming.CLUSTERED,)

    account_id: int = Field(sa_column=Column(BigKey, ForeignKey("accounts.id"), primary_key=True))
    paid_on: date = Field(primary_key=True)
    #: The payer's bank's or the desk's own number of the payment, unique within the account's day.
    reference: str = Field(max_length=64, primary_key=True)
    #: Where it was paid, as billing words it.
    channel: str = Field(max_length=64)
    #: Kopecks; below zero for money that went back to the payer.
    amount: int = Field(sa_column=Column(BigKey, nullable=False))


class LedgerTransaction(SQLModel, table=True):
    """Money that moved between books; its entries add up to zero. Nothing here is ever changed."""

    __tablename__ = "ledger_transactions"
    __table_args__ = (
        # One payment is credited once, one refund booked once, one line of a register settled once,
        # and each transaction reversed once: the database says so, not the code.
        Index("ix_ledger_transactions_subject", "kind", "subject", unique=True),
        Index("ix_ledger_transactions_reverses_id", "reverses_id", unique=True),
        Index("ix_ledger_transactions_order_id", "order_id"),
    )

    id: int = Field(sa_column=Column(BigKey, primary_key=True))
    #: One of `ledger.books.Kind`.
    kind: str = Field(max_length=16)
    #: What it is about, `order 17` or `refund 3`.
    subject: str = Field(max_length=80)
    happened_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    #: The order whose money it is.
    order_id: int | None = Field(default=None, sa_column=Column(BigKey, nullable=True))
    #: The transaction that it takes back.
    reverses_id: int | None = Field(
        default=None, sa_column=Column(BigKey, ForeignKey("ledger_transactions.id"), nullable=True)
    )


class LedgerEntry(SQLModel, table=True):
    """One side of a transaction: money into a book (above zero) or out of it (below)."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        Index("ix_ledger_entries_transaction_id", "transaction_id"),
        # Money of which nobody knows yet whose it is.
        naming.index_of_some(
            "ix_ledger_entries_suspended",
            "transaction_id",
            where="book = 'suspense' AND account_id = 0",
        ),
        CheckConstraint("amount <> 0", name="amount"),
        naming.CLUSTERED,
    )

    #: The customer's account; zero in the supplier's own books. It leads the key, so that the table
    #: can be partitioned by it.
    account_id: int = Field(sa_column=Column(BigKey, primary_key=True, autoincrement=False))
    transaction_id: int = Field(
        sa_column=Column(
            BigKey, ForeignKey("ledger_transactions.id"), primary_key=True, autoincrement=False
        )
    )
    line: int = Field(primary_key=True)
    #: `customer`, `clearing:yookassa`, `bank`, `fees`, `suspense`, …: see `ledger.books`.
    book: str = Field(max_length=48)
    #: Kopecks.
    amount: int = Field(sa_column=Column(BigKey, nullable=False))
