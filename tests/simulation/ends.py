"""When all is calm: the books say what the bank says, a month is paid once, nothing hangs."""

from collections import Counter as Tally
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, String, cast, exists, func, literal, or_, select

from tests.simulation.stage import Counter, days_of
from tesweb.database.naming import table_of
from tesweb.ledger.models import LedgerEntry
from tesweb.payments.models import (
    AutopayRun,
    PaymentAlarm,
    PaymentNotice,
    PaymentOrder,
    Refund,
    RegisterLine,
    State,
)
from tesweb.payments.protocol import BankState
from tesweb.payments.rules import OPEN, TAKEN
from tesweb.testing.bank import Sale

alarms = table_of(PaymentAlarm)
entries = table_of(LedgerEntry)
lines = table_of(RegisterLine)
notices = table_of(PaymentNotice)
orders = table_of(PaymentOrder)
refunds = table_of(Refund)
runs = table_of(AutopayRun)

#: The clock looks again a day later at the latest, and a notice of a run comes a day ahead.
_SOON = timedelta(hours=12)


def compare(reader: Connection, counter: Counter, forged: Mapping[str, set[int]]) -> Iterator[str]:
    """Where we and the bank differ; of what a register said wrongly, that may be believed too."""
    rows = reader.execute(select(orders)).all()
    by_key = {str(sale.key): sale for sale in counter.bank.sales.values()}
    if not by_key.keys() <= {row.key for row in rows}:
        yield "the bank has an order that we do not have"
    for row in rows:
        yield from _of_order(row, by_key.get(row.key), forged)
    yield from _months(rows, by_key)
    yield from _settled(reader, counter)
    yield from _clearing(reader, rows)


def _of_order(row: Any, sale: Sale | None, forged: Mapping[str, set[int]]) -> Iterator[str]:  # noqa: ANN401 - a row of orders
    paid = 0 if sale is None else sale.paid
    is_misled = row.paid in forged.get(row.reference or "", set())
    if row.paid != paid and not is_misled:
        yield f"order {row.id}: we have {row.paid}, the bank {paid}"
    # Beside a sum that is a kopeck too little all of it cannot go back: there is an alarm instead.
    if row.refunded != (0 if sale is None else sale.refunded) and not is_misled:
        yield f"order {row.id}: {row.refunded} went back by us, another sum by the bank"
    if (State(row.state) in TAKEN) != (paid > 0):
        yield f"order {row.id} is {row.state}, the bank has {paid}"
    if State(row.state) in OPEN and (sale is None or sale.state is not BankState.PENDING):
        yield f"order {row.id} hangs"


def _months(rows: Any, by_key: Mapping[str, Sale]) -> Iterator[str]:  # noqa: ANN401 - rows of orders
    """By the bank's own word, whatever our rows say."""
    taken = Tally(
        row.form_key.rpartition("-")[0]
        for row in rows
        if row.form_key.startswith("autopay-") and row.key in by_key and by_key[row.key].paid
    )
    for month, number in taken.items():
        if number > 1:
            yield f"{month} was taken {number} times"


def _settled(reader: Connection, counter: Counter) -> Iterator[str]:
    """Every register of the bank is in the books, each line once."""
    ours = Tally(tuple(row) for row in reader.execute(select(lines.c.reference, lines.c.amount)))
    for day in days_of(counter.bank):
        for line in counter.settled(day):
            mark = (line.reference, line.amount)
            ours[mark] -= 1
            if ours[mark] < 0:
                yield f"a register's line {mark} is missing"


def _clearing(reader: Connection, rows: Any) -> Iterator[str]:  # noqa: ANN401 - rows of orders
    """What the bank owes us is what it took less what its registers have brought."""
    asked = select(func.coalesce(func.sum(entries.c.amount), 0)).where(
        entries.c.book == "clearing:memory"
    )
    brought = select(func.coalesce(func.sum(lines.c.amount), 0)).where(
        lines.c.order_id.is_not(None)
    )
    held = sum(row.paid - row.refunded for row in rows)
    owed = int(reader.execute(asked).scalar_one())
    left = held - int(reader.execute(brought).scalar_one())
    if owed != left:
        yield f"the bank owes us {owed} by the books, {left} by its registers"


def hanging(reader: Connection, now: datetime) -> Iterator[str]:
    """What should have been gone on with."""
    is_over = exists().where(orders.c.id == runs.c.order_id, orders.c.state.not_in(sorted(OPEN)))
    late = select(runs).where(
        or_(
            runs.c.due_at < now - _SOON,
            runs.c.state.in_(["charging", "noticed"]) & runs.c.due_at.is_(None),
            (runs.c.state == "charging") & is_over,
        )
    )
    for row in reader.execute(late):
        yield f"autopay {row.autopay_id} hangs in {row.period}: {row.state}"
    # Of one whose key the bank has forgotten a person has to find out.
    told = exists().where(alarms.c.subject == literal("refund ") + cast(refunds.c.id, String))
    going = select(refunds.c.id).where(
        refunds.c.state.in_(["submitting", "unknown"]),
        or_(refunds.c.ask_at < now - _SOON, refunds.c.ask_at.is_(None) & ~told),
    )
    for row in reader.execute(going):
        yield f"refund {row.id} hangs"
    for row in reader.execute(select(notices.c.id).where(notices.c.ask_at < now - _SOON)):
        yield f"notice {row.id} is not looked into"
