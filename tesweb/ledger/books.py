"""Double entry: money moves between books, what moved is never changed, only reversed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from tesweb.ledger.statements import ENTRIES_OF, INSERT_ENTRIES, INSERT_TRANSACTION, TRANSACTION
from tesweb.money import Kopecks

#: What customers owe less what they have paid through us; each entry names its account.
CUSTOMER = "customer"
#: What has come to the supplier's bank account.
BANK = "bank"
#: What payers paid on top.
FEES = "fees"
#: What the banks have kept.
ACQUIRING = "acquiring"
#: Money of which nobody knows yet whose it is.
SUSPENSE = "suspense"


def clearing(gateway: str) -> str:
    """What a gateway has taken from payers and not yet settled."""
    return f"clearing:{gateway}"


class Kind(StrEnum):
    """Why money moved."""

    PAYMENT = "payment"
    #: Money came that fits no order.
    SUSPENSE = "suspense"
    #: Somebody has decided whose it is.
    RESOLVED = "resolved"
    REFUND = "refund"
    #: A line of a bank's register.
    SETTLED = "settled"
    REVERSAL = "reversal"


class Unbalanced(ValueError):
    """The entries do not add up to zero."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Money into a book, or below zero out of it."""

    book: str
    amount: Kopecks
    #: For the book of customers.
    account_id: int = 0


@dataclass(frozen=True, slots=True)
class About:
    """What a transaction is about: of one kind there is one for each subject, ever."""

    #: `order 17`, `refund 3`, `line 9`.
    subject: str
    order_id: int | None = None


def post(
    work: Connection, kind: Kind, about: About, entries: Iterable[Entry], moment: datetime
) -> int | None:
    """Write a transaction and return its id; None where this one was written before.

    Raises Unbalanced.
    """
    rows = [entry for entry in entries if entry.amount]
    if sum(entry.amount for entry in rows):
        raise Unbalanced(about.subject)
    head = {
        "kind": kind.value,
        "subject": about.subject,
        "order_id": about.order_id,
        "happened_at": moment,
        "reverses_id": None,
    }
    return _write(work, head, rows)


def reverse(work: Connection, transaction_id: int, moment: datetime) -> int | None:
    """Take a transaction back by its opposite and return that one's id; None if it was before.

    Raises LookupError where there is no such transaction.
    """
    known = work.execute(TRANSACTION, {"transaction_id": transaction_id}).first()
    if known is None:
        raise LookupError(transaction_id)
    entries = [
        Entry(row.book, Kopecks(-row.amount), row.account_id)
        for row in work.execute(ENTRIES_OF, {"transaction_id": transaction_id})
    ]
    head = {
        "kind": Kind.REVERSAL.value,
        "subject": f"transaction {transaction_id}",
        "order_id": known.order_id,
        "happened_at": moment,
        "reverses_id": transaction_id,
    }
    return _write(work, head, entries)


def _write(work: Connection, head: Mapping[str, object], entries: list[Entry]) -> int | None:
    transaction_id = work.execute(INSERT_TRANSACTION, head).scalar()
    if transaction_id is not None and entries:
        work.execute(
            INSERT_ENTRIES,
            [
                {
                    "account_id": entry.account_id,
                    "transaction_id": transaction_id,
                    "line": line,
                    "book": entry.book,
                    "amount": entry.amount,
                }
                for line, entry in enumerate(entries)
            ],
        )
    return transaction_id
