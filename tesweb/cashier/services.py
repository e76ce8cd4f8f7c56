"""A bank's register is read in, once for each line, and laid beside the books."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection

from tesweb.cashier.registers import digest
from tesweb.cashier.rules import MOSCOW, Comparison, Ours, Theirs, compare
from tesweb.cashier.statements import (
    BACK_BETWEEN,
    BACK_OF,
    BEHIND,
    GIVE_ORDER,
    HAS_ORDERS,
    HOW_MANY_BEHIND,
    INSERT_LINE,
    INSERT_REGISTER,
    IS_KNOWN,
    LINES_OF_DAY,
    LINES_OF_ORDERS,
    NOTE_READ,
    ORDER_OF_LINE,
    PAID_LINE,
    READ_DAYS,
    REGISTER_OF,
    STRAYS,
    TAKEN_BETWEEN,
    TAKEN_OF,
)
from tesweb.clock import local_day
from tesweb.current import core
from tesweb.ledger.books import ACQUIRING, BANK, SUSPENSE, About, Entry, Kind, clearing, post
from tesweb.money import Kopecks
from tesweb.payments import engine
from tesweb.payments.effects import remark
from tesweb.payments.models import State
from tesweb.payments.protocol import BankState, Register, Report, Settled
from tesweb.payments.refund_statements import SUSPENDED
from tesweb.payments.rules import TAKEN, Alarm

#: Lines of one transaction: nobody waits for a long register.
_CHUNK = 200
#: Stray lines and orders that are looked at again at once; the next ones after them.
_MOST = 500
_DAY = timedelta(days=1)

Row = Any
T = TypeVar("T")


class NotYet(Exception):
    """The day of a register is still to come."""


class NoSuchGateway(LookupError):
    """Nothing that is installed or has ever taken money goes by that name."""


@dataclass(frozen=True, slots=True)
class ReadIn:
    """What reading a register has brought."""

    new: int = 0
    #: Lines that an earlier register had.
    known: int = 0
    #: Lines in other money, which has no place in the books: an alarm is raised for each.
    foreign: int = 0
    #: Orders of this gateway of which its registers still know more than we do.
    behind: int = 0


def yesterday() -> date:
    """The last day that banks have closed."""
    return local_day(core().clock.now(), MOSCOW) - _DAY


def with_register() -> list[str]:
    """The gateways that give their register themselves."""
    found = core().gateways.items()
    return sorted(name for name, teller in found if teller.can(Register))


def fetch_register(gateway: str, day: date) -> ReadIn:
    """Ask a bank for a day's register and read it in.

    Raises NotYet for a day to come, NoSuchGateway, CannotDo where it gives none, Unclear where it
    does not answer.
    """
    if day > local_day(core().clock.now(), MOSCOW):
        raise NotYet(day)
    teller = core().gateways.get(gateway)
    if teller is None:
        raise NoSuchGateway(gateway)
    return read_in(gateway, day, teller.settled(day))


def by_day(settled: Iterable[Settled]) -> dict[date, list[Settled]]:
    """A file's lines by the days of its bank's calendar, which is Moscow's."""
    days: dict[date, list[Settled]] = {}
    for line in settled:
        days.setdefault(local_day(line.at, MOSCOW), []).append(line)
    return dict(sorted(days.items()))


def read_in(gateway: str, day: date, settled: Iterable[Settled]) -> ReadIn:
    """Write a register's lines down, each once, and book them; ask about what we did not know.

    Raises NoSuchGateway.
    """
    if gateway not in core().gateways and not _has_orders(gateway):
        raise NoSuchGateway(gateway)
    given = [replace(line, at=line.at.replace(microsecond=0)) for line in settled if line.amount]
    found = [line for line in given if line.currency == "RUB"]
    foreign = [line for line in given if line.currency != "RUB"]
    mark = digest(gateway, day, found)
    register_id = _register(gateway, day, mark, foreign)
    new = 0
    for chunk in _chunks(found, _CHUNK):
        with core().database.work() as work:
            new += sum(_store(work, register_id, gateway, line) for line in chunk)
    with core().database.work() as work:
        work.execute(NOTE_READ, {"register_id": register_id, "moment": core().clock.now()})
    _find_owners(gateway)
    _catch_up(gateway)
    with core().database.read() as reader:
        behind = reader.execute(HOW_MANY_BEHIND, {"gateway": gateway}).scalar_one()
    return ReadIn(new, len(found) - new, len(foreign), behind)


def _has_orders(gateway: str) -> bool:
    with core().database.read() as reader:
        return bool(reader.execute(HAS_ORDERS, {"gateway": gateway}).scalar())


def _register(gateway: str, day: date, mark: str, foreign: Iterable[Settled]) -> int:
    now = core().clock.now()
    values = {"gateway": gateway, "day": day, "digest": mark}
    with core().database.work() as work:
        work.execute(INSERT_REGISTER, values)
        for line in foreign:
            remark(work, Alarm.AMOUNT, f"{gateway} {line.reference}"[:80], now)
        return int(work.execute(REGISTER_OF, values).scalar_one())


def _store(work: Connection, register_id: int, gateway: str, line: Settled) -> bool:
    """Whether the line is new; it is booked with it."""
    values = {
        "register_id": register_id,
        "gateway": gateway,
        "kind": "payment" if line.amount > 0 else "refund",
        "reference": line.reference[:64],
        "order_key": str(line.key) if line.key else None,
        "amount": line.amount,
        "fee": line.fee,
        "at": line.at,
    }
    if work.execute(IS_KNOWN, values).first() is not None:
        return False
    order_id = order_of(work, gateway, values["reference"], values["order_key"])
    line_id = work.execute(INSERT_LINE, values | {"order_id": order_id}).scalar()
    if line_id is None:
        return False
    other = SUSPENSE if order_id is None else clearing(gateway)
    moves = [
        Entry(BANK, Kopecks(line.amount - line.fee)),
        Entry(ACQUIRING, line.fee),
        Entry(other, Kopecks(-line.amount)),
    ]
    about = About(_subject(line_id), order_id)
    post(work, Kind.SETTLED, about, moves, core().clock.now())
    return True


def _subject(line_id: int) -> str:
    return f"line {line_id}"


def order_of(work: Connection, gateway: str, reference: object, key: object) -> int | None:
    """The order that a line is of, by the bank's number of it or by our key."""
    asked = {"gateway": gateway, "reference": reference, "key": key or ""}
    row = work.execute(ORDER_OF_LINE, asked).first()
    # By its key alone it is known only while the bank's number of it is not.
    if row is None or row.reference not in {None, reference}:
        return None
    return int(row.id)


def _find_owners(gateway: str) -> None:
    """A line came before we knew the bank's number of its order: take it out of suspense."""
    after: int | None = 0
    while after is not None:
        with core().database.work() as work:
            asked = {"gateway": gateway, "after": after, "most": _MOST}
            strays = work.execute(STRAYS, asked).all()
            for line in strays:
                _give_owner(work, line)
        after = strays[-1].id if strays else None


def _give_owner(work: Connection, line: Row) -> None:
    order_id = order_of(work, line.gateway, line.reference, line.order_key)
    if order_id is None:
        return
    amount = Kopecks(line.amount)
    moves = [Entry(SUSPENSE, amount), Entry(clearing(line.gateway), Kopecks(-amount))]
    about = About(_subject(line.id))
    if post(work, Kind.RESOLVED, about, moves, core().clock.now()) is not None:
        work.execute(GIVE_ORDER, {"line_id": line.id, "order": order_id})


def _catch_up(gateway: str) -> None:
    """Registers know of money that we do not: each order once, whatever register told of it."""
    after: int | None = 0
    while after is not None:
        with core().database.read() as reader:
            asked = {"gateway": gateway, "after": after, "most": _MOST}
            behind = reader.execute(BEHIND, asked).scalars().all()
        for order_id in behind:
            _learn(order_id)
        after = behind[-1] if behind else None


def _learn(order_id: int) -> None:
    """Ask the bank, and believe the register else."""
    if engine.advance(order_id, hurry=True) in TAKEN:
        return
    with core().database.read() as reader:
        line = reader.execute(PAID_LINE, {"order_id": order_id}).first()
    if line is not None:
        paid = Kopecks(line.amount)
        engine.learn_of(order_id, Report(state=BankState.PAID, reference=line.reference, paid=paid))


def reconcile(gateway: str, day: date) -> Comparison:
    """Lay a day's register, as far as it was read, beside the books."""
    zone = core().default_region.timezone
    with core().database.read() as reader:
        asked = {"gateway": gateway, "day": day}
        theirs = {row.id: row for row in reader.execute(LINES_OF_DAY, asked)}
        taken, back = _ours_near(reader, gateway, day)
        ids = {row.order_id for row in theirs.values() if row.order_id is not None}
        ids |= {row.id for row in taken} | {row.order_id for row in back}
        ours: list[Ours] = []
        for chunk in _chunks(sorted(ids), _MOST):
            of_these = {"gateway": gateway, "order_ids": chunk}
            ours += _ours(reader, of_these)
            theirs |= {row.id: row for row in reader.execute(LINES_OF_ORDERS, of_these)}
        around = {"gateway": gateway, "since": day - 2 * _DAY, "until": day + 2 * _DAY}
        read = {row.day: row.read_at for row in reader.execute(READ_DAYS, around)}
    return compare(ours, [_theirs(row) for row in theirs.values()], day, read, zone)


def _ours_near(reader: Connection, gateway: str, day: date) -> tuple[Sequence[Row], Sequence[Row]]:
    """What came and went on the day, in any zone."""
    noon = datetime.combine(day, time(12), UTC)
    asked = {"gateway": gateway, "since": noon - 2 * _DAY, "until": noon + 2 * _DAY}
    return reader.execute(TAKEN_BETWEEN, asked).all(), reader.execute(BACK_BETWEEN, asked).all()


def _ours(reader: Connection, asked: dict[str, Any]) -> list[Ours]:
    waiting = {row.order_id for row in reader.execute(SUSPENDED, asked)}
    found = [
        Ours(row.id, Kopecks(_expected(row, is_open=row.id in waiting)), row.paid_at)
        for row in reader.execute(TAKEN_OF, asked)
        if row.paid
    ]
    found += [
        Ours(row.order_id, Kopecks(int(row.amount)), row.happened_at)
        for row in reader.execute(BACK_OF, asked)
    ]
    return found


def _expected(row: Row, *, is_open: bool) -> int:
    """What the order should have brought; once somebody has decided about another sum, that one."""
    is_odd = row.state == State.MISMATCHED.value and is_open
    return int(row.amount + row.fee if is_odd else row.paid)


def _theirs(row: Row) -> Theirs:
    return Theirs(
        row.id,
        row.reference,
        row.order_id,
        Kopecks(row.amount),
        Kopecks(row.fee),
        row.settled_at,
        row.day,
        bool(row.is_resolved),
    )


def _chunks(found: list[T], size: int) -> Iterator[list[T]]:
    return (found[start : start + size] for start in range(0, len(found), size))
