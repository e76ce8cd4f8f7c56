"""Invariants of money: what holds on any database, whatever was killed and when."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    String,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)

from tesweb.current import core
from tesweb.database.naming import table_of
from tesweb.findings import Finding
from tesweb.ledger.books import ACQUIRING, BANK, CUSTOMER, FEES, Kind
from tesweb.ledger.lines import REFERENCE
from tesweb.ledger.models import LedgerEntry, LedgerTransaction, Payment
from tesweb.messages.models import OutboxMessage
from tesweb.messages.rules import KEPT
from tesweb.payments.models import (
    PaymentAlarm,
    PaymentOrder,
    PaymentShare,
    Refund,
    RegisterLine,
    State,
)
from tesweb.payments.rules import OPEN, TAKEN, Alarm

alarms = table_of(PaymentAlarm)
entries = table_of(LedgerEntry)
lines = table_of(RegisterLine)
orders = table_of(PaymentOrder)
outbox = table_of(OutboxMessage)
payments = table_of(Payment)
refunds = table_of(Refund)
shares = table_of(PaymentShare)
transactions = table_of(LedgerTransaction)

#: An order that is open for so long has somebody's attention.
_LONG = timedelta(days=9)
#: As many are asked about at once.
_CHUNK = 500
_OURS = payments.c.reference.like("tesweb-%")

UNBALANCED = (
    select(entries.c.transaction_id, func.sum(entries.c.amount))
    .group_by(entries.c.transaction_id)
    .having(func.sum(entries.c.amount) != 0)
)
TOTAL = select(func.coalesce(func.sum(entries.c.amount), 0))
_OF_TRANSACTION = transactions.join(entries, entries.c.transaction_id == transactions.c.id)
_BOOKED = (
    select(
        entries.c.account_id,
        REFERENCE.label("reference"),
        cast(-func.sum(entries.c.amount), BigInteger).label("amount"),
    )
    .select_from(_OF_TRANSACTION)
    .where(entries.c.book == CUSTOMER)
    .group_by(transactions.c.id, entries.c.account_id, REFERENCE)
)
_CREDITED = select(payments.c.account_id, payments.c.reference, payments.c.amount).where(_OURS)
#: Entries without their line among an account's payments, and lines without their entry.
UNEQUAL = (_BOOKED.except_(_CREDITED), _CREDITED.except_(_BOOKED))
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
#: What a payment should be in the books: each share, the fee, what the gateway has.
_WANTED = union_all(
    select(orders.c.id.label("id"), literal(CUSTOMER), shares.c.account_id, -shares.c.amount)
    .join(shares, shares.c.order_id == orders.c.id)
    .where(orders.c.state == State.SUCCEEDED.value),
    select(orders.c.id, literal(FEES), literal(0), -orders.c.fee).where(
        orders.c.state == State.SUCCEEDED.value, orders.c.fee != 0
    ),
    select(
        orders.c.id,
        literal("clearing:") + orders.c.gateway,
        literal(0),
        orders.c.amount + orders.c.fee,
    ).where(orders.c.state == State.SUCCEEDED.value),
).subquery()
_FOUND = (
    select(
        transactions.c.order_id,
        entries.c.book,
        entries.c.account_id,
        cast(func.sum(entries.c.amount), BigInteger),
    )
    .select_from(_OF_TRANSACTION)
    .where(transactions.c.kind == Kind.PAYMENT.value)
    .group_by(transactions.c.id, transactions.c.order_id, entries.c.book, entries.c.account_id)
    .having(func.sum(entries.c.amount) != 0)
)
MISCREDITED = (select(_WANTED).except_(_FOUND), _FOUND.except_(select(_WANTED)))
OVERPAID = select(orders.c.id).where(
    (orders.c.state == State.SUCCEEDED.value) & (orders.c.paid != orders.c.amount + orders.c.fee)
)
_GONE_BACK = (
    select(func.coalesce(-func.sum(entries.c.amount), 0))
    .select_from(_OF_TRANSACTION)
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
_REFUND = literal("refund ") + cast(refunds.c.id, String)
_REFUNDED = (
    select(func.coalesce(-func.sum(entries.c.amount), 0))
    .select_from(_OF_TRANSACTION)
    .where(
        transactions.c.kind == Kind.REFUND.value,
        transactions.c.subject == _REFUND,
        transactions.c.order_id == refunds.c.order_id,
        entries.c.book.like("clearing:%"),
    )
    .scalar_subquery()
)
#: Done ones are booked, others are not.
MISBOOKED = select(refunds.c.id, refunds.c.state).where(
    case((refunds.c.state == "done", refunds.c.amount), else_=0) != _REFUNDED
)
NAMELESS = select(orders.c.id).where(
    orders.c.state.in_(sorted(TAKEN)), orders.c.reference.is_(None)
)
#: Open, or dealt with since the order moved last.
_WATCHED = exists().where(
    alarms.c.kind == Alarm.UNCLEAR.value,
    alarms.c.subject == _SUBJECT,
    or_(alarms.c.closed_at.is_(None), alarms.c.closed_at >= orders.c.changed_at),
)
TOLD = select(outbox.c.key).where(outbox.c.key.in_(bindparam("keys", expanding=True)))
TWICE = (
    select(payments.c.account_id, payments.c.reference)
    .where(_OURS)
    .group_by(payments.c.account_id, payments.c.reference)
    .having(func.count() > 1)
)
_LINE = literal("line ") + cast(lines.c.id, String)


def _settled(*books: str) -> Any:  # noqa: ANN401 - a sum
    return (
        select(func.coalesce(func.sum(entries.c.amount), 0))
        .select_from(_OF_TRANSACTION)
        .where(
            transactions.c.kind == Kind.SETTLED.value,
            transactions.c.subject == _LINE,
            entries.c.book.in_(books),
        )
        .scalar_subquery()
    )


NOT_SETTLED = select(lines.c.id).where(
    or_(_settled(BANK, ACQUIRING) != lines.c.amount, _settled(ACQUIRING) != lines.c.fee)
)


def transactions_balance(connection: Connection) -> Iterator[Finding]:
    """I1, I2: each transaction and all of them together add up to zero."""
    for transaction_id, total in connection.execute(UNBALANCED):
        yield Finding("I1", f"transaction {transaction_id} is off by {total}")
    total = connection.execute(TOTAL).scalar_one()
    if total:
        yield Finding("I2", f"the books are off by {total}")


def accounts_agree_with_books(connection: Connection) -> Iterator[Finding]:
    """I3: what an account has to its credit through us is what the books say, line by line."""
    booked, credited = UNEQUAL
    for account_id, reference, amount in connection.execute(booked):
        yield Finding("I3", f"account {account_id}: {reference}, {amount}, is booked, not listed")
    for account_id, reference, amount in connection.execute(credited):
        yield Finding("I3", f"account {account_id}: {reference}, {amount}, is listed, not booked")


def orders_agree_with_books(connection: Connection) -> Iterator[Finding]:
    """I4: an order that succeeded is credited once, in full, and no other is."""
    for order_id, state in connection.execute(NOT_CREDITED):
        yield Finding("I4", f"order {order_id} is {state}, and the books say otherwise")
    for (order_id,) in connection.execute(MISSHARED):
        yield Finding("I4", f"order {order_id} is not the sum of its shares")
    for wrong in MISCREDITED:
        for order_id, book, account_id, amount in connection.execute(wrong):
            where = f"{book} {account_id}" if account_id else book
            yield Finding("I4", f"order {order_id}: {amount} of {where} is not what it should be")
    for (order_id,) in connection.execute(OVERPAID):
        yield Finding("I4", f"order {order_id} succeeded with another sum than its own")


def refunds_stay_within(connection: Connection) -> Iterator[Finding]:
    """I5: no more goes back than came, and what went back is booked."""
    for refund_id, state in connection.execute(MISBOOKED):
        yield Finding("I5", f"refund {refund_id} is {state}, and the books say otherwise")
    for order_id, refunded in connection.execute(MISREFUNDED):
        yield Finding("I5", f"order {order_id}: {refunded} went back, and the books say otherwise")


def registers_are_settled(connection: Connection) -> Iterator[Finding]:
    """I6: every line of a bank's register is in the books with its sum and its fee."""
    for (line_id,) in connection.execute(NOT_SETTLED):
        yield Finding("I6", f"line {line_id} of a register is not in the books as it is")


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
    ids = connection.execute(paid).scalars().all()
    for start in range(0, len(ids), _CHUNK):
        keys = {_key(order_id): order_id for order_id in ids[start : start + _CHUNK]}
        told = connection.execute(TOLD, {"keys": list(keys)}).scalars()
        for key in sorted(keys.keys() - set(told), key=keys.__getitem__):
            yield Finding("I9", f"order {keys[key]} was paid and nobody is told")


def _key(order_id: int) -> str:
    """The key of a receipt's message, as the outbox keeps it."""
    return hashlib.sha256(f"order {order_id} paid".encode()).hexdigest()


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
