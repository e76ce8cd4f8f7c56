"""Invariants of autopay: what holds on any database, whatever was killed and when."""

from collections import Counter
from collections.abc import Callable, Iterator

from sqlalchemy import Connection, func, or_, select

from tesweb.autopay.statements import autopays, orders, runs
from tesweb.findings import Finding
from tesweb.payments.rules import OPEN, TAKEN

_LIVE = autopays.c.live_account_id
TORN = select(autopays.c.id).where(
    or_(
        (_LIVE.is_not(None)) & (autopays.c.account_id != _LIVE),
        _LIVE.is_(None) == autopays.c.ended_at.is_(None),
    )
)
TWO_LIVE = select(_LIVE).where(_LIVE.is_not(None)).group_by(_LIVE).having(func.count() > 1)
NOT_PAID = (
    select(runs.c.autopay_id, runs.c.period)
    .outerjoin(orders, orders.c.id == runs.c.order_id)
    .where(
        runs.c.state == "paid",
        or_(orders.c.id.is_(None), orders.c.state.not_in(sorted(TAKEN))),
    )
)
#: Orders of autopays that took money or may still take it; the key names the month's run.
_TAKING = (*sorted(OPEN), *sorted(TAKEN))
ORDERS = select(orders.c.form_key).where(
    orders.c.form_key.like("autopay-%"), orders.c.state.in_(_TAKING)
)


def one_is_live(connection: Connection) -> Iterator[Finding]:
    """A1: an account has one live autopay, and one that has ended is none."""
    for (account_id,) in connection.execute(TWO_LIVE):
        yield Finding("A1", f"account {account_id} has two autopays")
    for (autopay_id,) in connection.execute(TORN):
        yield Finding("A1", f"autopay {autopay_id} is both live and ended, or neither")


def paid_months_are_paid(connection: Connection) -> Iterator[Finding]:
    """A2: a month that is called paid has an order whose money came."""
    for autopay_id, period in connection.execute(NOT_PAID):
        yield Finding("A2", f"autopay {autopay_id}: {period:%Y-%m} is paid by no order")


def months_are_taken_once(connection: Connection) -> Iterator[Finding]:
    """A3: of the orders of one month at most one took money or may take it."""
    months = Counter(row.form_key.rpartition("-")[0] for row in connection.execute(ORDERS))
    for month, number in months.items():
        if number > 1:
            yield Finding("A3", f"{month} has {number} orders that take money")


#: Every invariant of this package.
CHECKS: tuple[Callable[[Connection], Iterator[Finding]], ...] = (
    one_is_live,
    paid_months_are_paid,
    months_are_taken_once,
)
