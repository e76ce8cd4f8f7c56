"""Invariants of money: what holds on any database, whatever was killed and when."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, String, cast, exists, func, literal, or_, select

from tesweb.current import core
from tesweb.database.naming import table_of
from tesweb.findings import Finding
from tesweb.ledger.books import CUSTOMER, Kind
from tesweb.ledger.models import LedgerEntry, LedgerTransaction, Payment
from tesweb.messages.models import OutboxMessage
from tesweb.messages.rules import KEPT
from tesweb.payments.models import PaymentAlarm, PaymentOrder, PaymentShare, RegisterLine, State
from tesweb.payments.rules import OPEN, TAKEN, Alarm

alarms = table_of(PaymentAlarm)
entries = table_of(LedgerEntry)
lines = table_of(RegisterLine)
orders = table_of(PaymentOrder)
outbox = table_of(OutboxMessage)
payments = table_of(Payment)
shares = table_of(PaymentShare)
transactions = table_of(LedgerTransaction)

#: An order that is open for so long has somebody's attention.
_LONG = timedelta(days=9)
_OURS = payments.c.reference.like("tesweb-%")

UNBALANCED = (
    select(entries.c.transaction_id, func.sum(entries.c.amount))
    .group_by(entries.c.transaction_id)
    .having(func.sum(entries.c.amount) != 0)
)
TOTAL = select(func.coalesce(func.sum(entries.c.amount), 0))
_BOOKED = (
    select(entries.c.account_id, func.sum(entries.c.amount).label("booked"))
    .where(entries.c.book == CUSTOMER)
    .group_by(entries.c.account_id)
    .subquery()
)
_CREDITED = (
    select(payments.c.account_id, func.sum(payments.c.amount).label("credited"))
    .where(_OURS)
    .group_by(payments.c.account_id)
    .subquery()
)
_BOOKED_SUM = func.coalesce(_BOOKED.c.booked, 0)
_CREDITED_SUM = func.coalesce(_CREDITED.c.credited, 0)
UNEQUAL = (
    select(func.coalesce(_BOOKED.c.account_id, _CREDITED.c.account_id), _BOOKED_SUM, _CREDITED_SUM)
    .select_from(_BOOKED.join(_CREDITED, _BOOKED.c.account_id == _CREDITED.c.account_id, full=True))
    .where(_BOOKED_SUM != -_CREDITED_SUM)
)
_SUBJECT = literal("order ") + cast(orders.c.id, String)


def _written(kind: Kind) -> Any:  # noqa: ANN401 - a condition
    return exists().where(transactions.c.kind == kind.value, transactions.c.subject == _SUBJECT)


NOT_CREDITED = select(orders.c.id, orders.c.state).where(
    or_(
        (orders.c.state == State.SUCCEEDED.value) != _written(Kind.PAYMENT),
        ((orders.c.state == State.MISMATCHED.value) & (orders.c.paid > 0))
        != _written(Kind.SUSPENSE),
    )
)
_SHARED = (
    select(func.coalesce(func.sum(shares.c.amount), 0))
    .where(shares.c.order_id == orders.c.id)
    .scalar_subquery()
)
MISSHARED = select(orders.c.id).where(orders.c.amount != _SHARED)
OVERPAID = select(orders.c.id).where(
    (orders.c.state == State.SUCCEEDED.value) & (orders.c.paid != orders.c.amount + orders.c.fee)
)
_GONE_BACK = (
    select(func.coalesce(-func.sum(entries.c.amount), 0))
    .select_from(transactions.join(entries, entries.c.transaction_id == transactions.c.id))
    .where(
        transactions.c.kind == Kind.REFUND.value,
        transactions.c.order_id == orders.c.id,
        entries.c.book.like("clearing:%"),
    )
    .scalar_subquery()
)
MISREFUNDED = select(orders.c.id, orders.c.refunded).where(
    or_(orders.c.refunded > orders.c.paid, orders.c.refunded != _GONE_BACK)
)
NAMELESS = select(orders.c.id).where(
    orders.c.state.in_(sorted(TAKEN)), orders.c.reference.is_(None)
)
_WATCHED = exists().where(alarms.c.kind == Alarm.UNCLEAR.value, alarms.c.subject == _SUBJECT)
TWICE = (
    select(payments.c.account_id, payments.c.reference)
    .where(_OURS)
    .group_by(payments.c.account_id, payments.c.reference)
    .having(func.count() > 1)
)
NOT_SETTLED = select(lines.c.id).where(
    ~exists().where(
        transactions.c.kind == Kind.SETTLED.value,
        transactions.c.subject == literal("line ") + cast(lines.c.id, String),
    )
)


def transactions_balance(connection: Connection) -> Iterator[Finding]:
    """I1, I2: each transaction and all of them together add up to zero."""
    for transaction_id, total in connection.execute(UNBALANCED):
        yield Finding("I1", f"transaction {transaction_id} is off by {total}")
    total = connection.execute(TOTAL).scalar_one()
    if total:
        yield Finding("I2", f"the books are off by {total}")


def accounts_agree_with_books(connection: Connection) -> Iterator[Finding]:
    """I3: what an account has to its credit through us is what the books say."""
    for account_id, booked, credited in connection.execute(UNEQUAL):
        yield Finding("I3", f"account {account_id}: booked {-booked}, credited {credited}")


def orders_agree_with_books(connection: Connection) -> Iterator[Finding]:
    """I4: an order that succeeded is credited once, in full, and no other is."""
    for order_id, state in connection.execute(NOT_CREDITED):
        yield Finding("I4", f"order {order_id} is {state}, and the books say otherwise")
    for (order_id,) in connection.execute(MISSHARED):
        yield Finding("I4", f"order {order_id} is not the sum of its shares")
    for (order_id,) in connection.execute(OVERPAID):
        yield Finding("I4", f"order {order_id} succeeded with another sum than its own")


def refunds_stay_within(connection: Connection) -> Iterator[Finding]:
    """I5: no more goes back than came, and what went back is booked."""
    for order_id, refunded in connection.execute(MISREFUNDED):
        yield Finding("I5", f"order {order_id}: {refunded} went back, and the books say otherwise")


def registers_are_settled(connection: Connection) -> Iterator[Finding]:
    """I6: every line of a bank's register is a payment or in suspense."""
    for (line_id,) in connection.execute(NOT_SETTLED):
        yield Finding("I6", f"line {line_id} of a register is in no book")


def orders_have_references(connection: Connection) -> Iterator[Finding]:
    """I7: money that came belongs to one order at the bank."""
    for (order_id,) in connection.execute(NAMELESS):
        yield Finding("I7", f"order {order_id} has taken money without the bank's number")


def nothing_waits_unseen(connection: Connection) -> Iterator[Finding]:
    """I8: no order waits for the bank longer than a week without an alarm."""
    late = select(orders.c.id).where(
        orders.c.state.in_(sorted(OPEN)),
        # Each step that an order takes gives the bank its whole week again.
        orders.c.changed_at < core().clock.now() - _LONG,
        ~_WATCHED,
    )
    for (order_id,) in connection.execute(late):
        yield Finding("I8", f"order {order_id} has been waiting for more than a week unseen")


def payers_are_told(connection: Connection) -> Iterator[Finding]:
    """I9: whoever paid gets a receipt; messages are kept for a time only."""
    paid = select(orders.c.id).where(
        orders.c.state == State.SUCCEEDED.value,
        orders.c.contact != "",
        orders.c.paid_at > core().clock.now() - KEPT,
    )
    for (order_id,) in connection.execute(paid):
        key = hashlib.sha256(f"order {order_id} paid".encode()).hexdigest()
        if connection.execute(select(outbox.c.id).where(outbox.c.key == key)).first() is None:
            yield Finding("I9", f"order {order_id} was paid and nobody is told")


def nothing_is_credited_twice(connection: Connection) -> Iterator[Finding]:
    """I10: an account has each of our payments once."""
    for account_id, reference in connection.execute(TWICE):
        yield Finding("I10", f"account {account_id} has {reference} twice")


#: Every invariant of this package.
CHECKS: tuple[Callable[[Connection], Iterator[Finding]], ...] = (
    transactions_balance,
    accounts_agree_with_books,
    orders_agree_with_books,
    refunds_stay_within,
    registers_are_settled,
    orders_have_references,
    nothing_waits_unseen,
    payers_are_told,
    nothing_is_credited_twice,
)
