"""An account's list of payments and its balance: they go with what the books say of it."""

from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import Connection, String, case, cast, func, literal

from tesweb.database.naming import table_of
from tesweb.ledger.books import Kind
from tesweb.ledger.models import LedgerTransaction
from tesweb.ledger.statements import INSERT_PAYMENT, MOVE_BALANCE
from tesweb.money import Kopecks

transactions = table_of(LedgerTransaction)
#: What the list calls a transaction: our number of a payment, else what it is about.
REFERENCE = literal("tesweb-") + case(
    (transactions.c.kind == Kind.PAYMENT.value, cast(transactions.c.order_id, String)),
    else_=func.replace(transactions.c.subject, " ", "-"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """Money to an account's credit; below zero it is taken from it."""

    account_id: int
    #: By the calendar of the account's region.
    paid_on: date
    reference: str
    #: Where it was paid, as people are told.
    channel: str
    amount: Kopecks


def put(work: Connection, line: Line) -> None:
    """Write a line down, with the balance that follows from it."""
    work.execute(INSERT_PAYMENT, asdict(line))
    work.execute(MOVE_BALANCE, {"of_account": line.account_id, "added": -line.amount})


def reference_of(subject: str) -> str:
    """What the list calls a transaction about something: `refund 3` is `tesweb-refund-3`."""
    return f"tesweb-{subject.replace(' ', '-')}"
