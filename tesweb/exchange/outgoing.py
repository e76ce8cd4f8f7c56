"""Our payments for billing: each in one file, the files numbered, each account's in their order.

A file is a stretch of the books, which are never changed, so that it is the same whenever it is
written. The stretch is noted first and the file written then: whatever is killed in between, the
next call writes the file.
"""

import csv
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, text, update

from tesweb.accounts.models import Account
from tesweb.current import core
from tesweb.database.naming import table_of
from tesweb.exchange.files import Encoding
from tesweb.exchange.models import BillingExport
from tesweb.ledger.books import CUSTOMER, Kind
from tesweb.ledger.lines import REFERENCE
from tesweb.ledger.models import LedgerEntry, LedgerTransaction, Payment
from tesweb.money import Kopecks
from tesweb.payments.models import PaymentOrder
from tesweb.payments.orders import reference_of

COLUMNS = (
    "region",
    "account",
    "paid_on",
    "reference",
    "channel",
    "amount",
    "booked_at",
    "refund_of",
    "bank_reference",
)
#: Transactions that are in memory at a time.
_BATCH = 2_000

accounts = table_of(Account)
entries = table_of(LedgerEntry)
exports = table_of(BillingExport)
orders = table_of(PaymentOrder)
payments = table_of(Payment)
transactions = table_of(LedgerTransaction)

#: Ids are given before their transactions commit. Whoever holds this has seen the others out, so
#: that nothing comes later below the last id.
_SEE_THE_OTHERS_OUT = text("LOCK TABLE ledger_transactions IN SHARE MODE")
_NEWEST_ID = select(func.coalesce(func.max(transactions.c.id), 0))
_LAST_EXPORT = select(exports).order_by(exports.c.id.desc()).limit(1)
_EXPORT = select(exports).where(exports.c.id == bindparam("number"))
_NOT_WRITTEN = select(exports).where(exports.c.written_at.is_(None)).order_by(exports.c.id)
_INSERT = insert(exports)
_WRITTEN = (
    update(exports)
    .where(exports.c.id == bindparam("number"), exports.c.written_at.is_(None))
    .values(written_at=bindparam("moment", type_=exports.c.written_at.type))
)
_IN_STRETCH = (
    transactions.c.id > bindparam("after"),
    transactions.c.id <= bindparam("upto"),
    entries.c.book == CUSTOMER,
)
_HAS_LINES = select(
    select(entries.c.line)
    .join(transactions, transactions.c.id == entries.c.transaction_id)
    .where(*_IN_STRETCH)
    .exists()
)
_LINES = (
    select(
        accounts.c.region,
        accounts.c.number,
        payments.c.paid_on,
        payments.c.reference,
        payments.c.channel,
        payments.c.amount,
        transactions.c.happened_at,
        transactions.c.kind,
        transactions.c.order_id,
        orders.c.reference.label("bank_reference"),
    )
    .select_from(
        transactions.join(entries, entries.c.transaction_id == transactions.c.id)
        .join(accounts, accounts.c.id == entries.c.account_id)
        .join(
            payments,
            (payments.c.account_id == entries.c.account_id) & (payments.c.reference == REFERENCE),
        )
        .outerjoin(orders, orders.c.id == transactions.c.order_id)
    )
    .where(*_IN_STRETCH)
    .order_by(transactions.c.id, entries.c.account_id)
)


class NoSuchExport(LookupError):
    """No file of that number was ever made."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file that lies where billing takes it from."""

    number: int
    file: str
    lines: int
    #: Payments less refunds, kopecks.
    total: int


def export(folder: Path, encoding: Encoding) -> list[Written]:
    """Write what billing has not got yet; files that could not be written before come first.

    Raises OSError; what was not written stays to be written.
    """
    _note_stretch()
    with core().database.read() as reader:
        waiting = reader.execute(_NOT_WRITTEN).all()
    return [_write(row, folder, encoding) for row in waiting]


def export_again(number: int, folder: Path, encoding: Encoding) -> Written:
    """Write a file once more, the same as before. Raises NoSuchExport, OSError."""
    with core().database.read() as reader:
        row = reader.execute(_EXPORT, {"number": number}).first()
    if row is None:
        raise NoSuchExport(number)
    return _write(row, folder, encoding)


def _note_stretch() -> None:
    """Note what has come to the books since the last file as the next one, where it is anything."""
    now = core().clock.now()
    with core().database.work() as work:
        if not core().database.is_sqlite:
            work.execute(_SEE_THE_OTHERS_OUT)
        last = work.execute(_LAST_EXPORT).first()
        number, after = (last.id, last.upto_id) if last else (0, 0)
        upto = work.execute(_NEWEST_ID).scalar_one()
        if not work.execute(_HAS_LINES, {"after": after, "upto": upto}).scalar():
            return
        stretch = {"id": number + 1, "after_id": after, "upto_id": upto, "made_at": now}
        work.execute(_INSERT, stretch)


def _write(row: Any, folder: Path, encoding: Encoding) -> Written:  # noqa: ANN401 - a row of exports
    """Write the file beside its place and put it there whole."""
    path = folder / f"tesweb-payments-{row.id:06d}.csv"
    beside = folder / f".{path.name}.{os.getpid()}"
    try:
        lines, total = _fill(row, beside, encoding)
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    with core().database.work() as work:
        work.execute(_WRITTEN, {"number": row.id, "moment": core().clock.now()})
    return Written(row.id, str(path), lines, total)


def _fill(row: Any, path: Path, encoding: Encoding) -> tuple[int, int]:  # noqa: ANN401 - a row of exports
    """Write its lines; how many they are, and their sum."""
    lines = total = 0
    # A bank's name may have a letter that cp1251 lacks.
    with path.open("w", encoding=encoding.value, errors="replace", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(COLUMNS)
        with core().database.read() as reader:
            for line in _lines(reader, row):
                writer.writerow(_cells(line))
                lines, total = lines + 1, total + line.amount
        file.flush()
        os.fsync(file.fileno())
    return lines, total


def _lines(reader: Connection, row: Any) -> Iterator[Any]:  # noqa: ANN401 - rows
    for after in range(row.after_id, row.upto_id, _BATCH):
        stretch = {"after": after, "upto": min(after + _BATCH, row.upto_id)}
        yield from reader.execute(_LINES, stretch)


def _cells(line: Any) -> Iterable[object]:  # noqa: ANN401 - a row of _LINES
    is_refund = line.kind == Kind.REFUND.value
    return (
        line.region,
        line.number,
        line.paid_on.isoformat(),
        line.reference,
        line.channel,
        _rubles(line.amount),
        _moment(line.happened_at, line.region),
        reference_of(line.order_id) if is_refund else "",
        line.bank_reference or "",
    )


def _rubles(amount: Kopecks) -> str:
    rubles, kopecks = divmod(abs(amount), 100)
    return f"{'-' if amount < 0 else ''}{rubles},{kopecks:02d}"


def _moment(moment: datetime, region: str) -> str:
    local = moment.astimezone(core().region(region).timezone)
    return local.isoformat(timespec="seconds")
