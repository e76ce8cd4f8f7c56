"""What operators decide about money, each act in the journal under the operator's own name."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from tesweb.accounts.rules import mask_number
from tesweb.cashier.services import ReadIn, fetch_register, order_of
from tesweb.cashier.statements import (
    CLOSE_ALARM,
    GIVE_ORDER,
    HOW_MANY_SUSPENDED,
    ORDER_OF_TRANSACTION,
    REFUND_FULLY,
    SUSPENSE_OF_LINE,
    SUSPENSE_OF_LINES,
    SUSPENSE_OF_ORDER,
    SUSPENSE_OF_ORDERS,
)
from tesweb.clock import local_day
from tesweb.current import core
from tesweb.journal import services as journal
from tesweb.journal.rules import What
from tesweb.ledger.books import CUSTOMER, SUSPENSE, About, Entry, Kind, clearing, post
from tesweb.ledger.lines import Line, put, reference_of
from tesweb.money import Kopecks, format_rubles
from tesweb.payments import refunds, stuck
from tesweb.payments.effects import channel_of
from tesweb.payments.letters import tell_assigned
from tesweb.payments.line_statements import HOLD_LINE, PUT_BY_HAND
from tesweb.payments.refunds import Decided
from tesweb.payments.statements import (
    ACCOUNT_IDS,
    HOLD_ACCOUNTS,
    HOLD_ORDER,
    ORDER,
    REFUND_UNDER_WAY,
)


class OwnRequest(Exception):
    """Nobody decides about a refund of their own."""


class Owned(Exception):
    """The line is of an order, as is known meanwhile: its money is credited by that."""

    def __init__(self, order_id: int) -> None:
        """Carry the order."""
        super().__init__(f"order {order_id}")
        self.order_id = order_id


@dataclass(frozen=True, slots=True)
class Suspended:
    """Money that belongs to nobody yet."""

    #: The transaction by which it came there, or changed there last.
    id: int
    amount: Kopecks
    since: datetime
    #: The order whose sum it is not, or the line of a register that belongs to none.
    order_id: int | None = None
    line_id: int | None = None
    gateway: str = ""
    reference: str = ""

    @property
    def subject(self) -> str:
        """What the books call a decision about it."""
        return f"line {self.line_id}" if self.line_id else f"suspense {self.id}"


def suspended(reader: Connection, after: int = 0, most: int = 200) -> list[Suspended]:
    """What waits in suspense, the oldest first: so many of those after one."""
    asked = {"after": after, "most": most}
    found = [_of_order(row) for row in reader.execute(SUSPENSE_OF_ORDERS, asked)]
    found += [_of_line(row) for row in reader.execute(SUSPENSE_OF_LINES, asked)]
    return sorted(found, key=lambda item: item.id)[:most]


def how_many(reader: Connection) -> int:
    """How many sums wait in suspense."""
    return int(reader.execute(HOW_MANY_SUSPENDED).scalar_one())


def item_of(reader: Connection, item_id: int) -> Suspended:
    """One of them. Raises LookupError where somebody has decided, or it never was."""
    order_id = reader.execute(ORDER_OF_TRANSACTION, {"item_id": item_id}).scalar()
    if order_id is not None:
        rows = reader.execute(SUSPENSE_OF_ORDER, {"order_id": order_id})
        found = [_of_order(row) for row in rows if row.id == item_id]
    else:
        rows = reader.execute(SUSPENSE_OF_LINE, {"item_id": item_id})
        found = [_of_line(row) for row in rows]
    if not found:
        raise LookupError(item_id)
    return found[0]


def _of_order(row: Any) -> Suspended:  # noqa: ANN401 - a row of SUSPENSE_OF_ORDERS
    return Suspended(row.id, Kopecks(int(row.amount)), row.since, order_id=row.order_id)


def _of_line(row: Any) -> Suspended:  # noqa: ANN401 - a row of SUSPENSE_OF_LINES
    return Suspended(
        row.id,
        Kopecks(row.amount),
        row.since,
        line_id=row.line_id,
        gateway=row.gateway,
        reference=row.reference,
    )


def line_by_hand(reader: Connection, item: Suspended) -> Any | None:  # noqa: ANN401 - a row of PUT_BY_HAND
    """The register's line with the order's own money, which an operator has put to an account."""
    if item.order_id is None or item.amount <= 0:
        return None
    order = reader.execute(ORDER, {"order_id": item.order_id}).one()
    asked = {"gateway": order.gateway, "reference": order.reference}
    return reader.execute(PUT_BY_HAND, asked).first()


def same_money(operator_id: int, item_id: int, ground: str) -> None:
    """Say that an order's money is what its line has brought to an account: nothing is credited.

    Raises LookupError, Decided.
    """
    with core().database.work() as work:
        order = work.execute(HOLD_ORDER, {"order_id": item_of(work, item_id).order_id or 0}).first()
        item = item_of(work, item_id)
        line = line_by_hand(work, item)
        if order is None or line is None:
            raise Decided
        amount = Kopecks(line.amount)
        moves = [Entry(SUSPENSE, amount), Entry(clearing(order.gateway), Kopecks(-amount))]
        about = About(item.subject, order.id)
        if post(work, Kind.RESOLVED, about, moves, core().clock.now()) is None:
            raise Decided
        work.execute(GIVE_ORDER, {"line_id": line.id, "order": order.id})
        facts = _facts(item, ground) | {"line": line.id}
        journal.record(work, operator_id, What.SUSPENSE_DECIDED, **facts)


def _hold_line(work: Connection, line_id: int | None) -> None:
    """Keep a line from the order that may be its own. Raises Owned where that is known."""
    line = work.execute(HOLD_LINE, {"line_id": line_id}).first() if line_id else None
    if line is None:
        return
    order_id = order_of(work, line.gateway, line.reference, line.order_key)
    if order_id is not None:
        raise Owned(order_id)


def assign(operator_id: int, item_id: int, account_id: int, ground: str) -> None:
    """Put money from suspense to an account's credit; below zero it is taken from the account.

    Raises LookupError, Decided, Owned.
    """
    now = core().clock.now()
    with core().database.work() as work:
        first = item_of(work, item_id)
        order_id = first.order_id
        asked = {"order_id": order_id or 0}
        ids = {row.account_id for row in work.execute(ACCOUNT_IDS, asked)} | {account_id}
        held = work.execute(HOLD_ACCOUNTS, {"account_ids": sorted(ids)}).all()
        account = next((row for row in held if row.id == account_id), None)
        if account is None:
            raise LookupError(account_id)
        order = work.execute(HOLD_ORDER, asked).first()
        # Whoever came first may have decided while we waited for the account.
        _hold_line(work, first.line_id)
        item = item_of(work, item_id)
        if order and work.execute(REFUND_UNDER_WAY, asked).first():
            raise Decided
        if line_by_hand(work, item) is not None:
            raise Decided
        moves = [Entry(SUSPENSE, item.amount), Entry(CUSTOMER, Kopecks(-item.amount), account_id)]
        if post(work, Kind.RESOLVED, About(item.subject, order_id), moves, now) is None:
            raise Decided
        gateway = order.gateway if order else item.gateway
        _credit(work, account, item, gateway, now)
        if order and item.amount > 0:
            tell_assigned(work, order, item.amount, mask_number(account.number))
        facts = _facts(item, ground) | {"account": mask_number(account.number)}
        journal.record(work, operator_id, What.SUSPENSE_DECIDED, **facts)


def _credit(work: Connection, account: Any, item: Suspended, gateway: str, now: datetime) -> None:  # noqa: ANN401 - a row of HOLD_ACCOUNTS
    day = local_day(now, core().region(account.region).timezone)
    channel = channel_of(gateway)
    put(work, Line(account.id, day, reference_of(item.subject), channel, item.amount))


def send_back(operator_id: int, item_id: int, ground: str) -> int:
    """Give money of another sum than its order's back to the payer; the id of the refund.

    Raises LookupError, Decided, NoSource where the bank cannot.
    """
    with core().database.work() as work:
        item = item_of(work, item_id)
        if item.order_id is None or line_by_hand(work, item) is not None:
            raise Decided
        refund_id = refunds.give_back(work, item.order_id, operator_id)
        journal.record(work, operator_id, What.SUSPENSE_DECIDED, **_facts(item, ground))
    return refund_id


def _facts(item: Suspended, ground: str) -> dict[str, Any]:
    what = f"order {item.order_id}" if item.order_id else f"line {item.line_id}"
    return {"about": f"{what}, {format_rubles(item.amount)}", "ground": ground}


def close_alarm(operator_id: int, alarm_id: int, answer: str) -> bool:
    """Note how an alarm was dealt with; whether it was open."""
    values = {"alarm_id": alarm_id, "operator": operator_id, "text": answer}
    with core().database.work() as work:
        done = work.execute(CLOSE_ALARM, values | {"moment": core().clock.now()})
        if not done.rowcount:
            return False
        journal.record(
            work, operator_id, What.ALARM_CLOSED, about=f"alarm {alarm_id}", ground=answer
        )
    return True


def read_register(operator_id: int, gateway: str, day: date) -> ReadIn:
    """Ask a bank for a day's register, by hand. Raises as `services.fetch_register`."""
    found = fetch_register(gateway, day)
    with core().database.work() as work:
        journal.record(work, operator_id, What.REGISTER_READ, about=f"{gateway}, {day}")
    return found


def approve(operator_id: int, refund_id: int) -> None:
    """Let a refund go. Raises OwnRequest, and as `refunds.approve`."""
    _not_own(operator_id, refund_id)
    refunds.approve(refund_id, operator_id)


def decline(operator_id: int, refund_id: int, answer: str) -> None:
    """Say no, with the reason that the resident reads. Raises OwnRequest, Decided."""
    _not_own(operator_id, refund_id)
    refunds.decline(refund_id, operator_id, answer)


def ask_bank_again(operator_id: int, refund_id: int) -> None:
    """Let the bank be asked again about a refund that was given up. Raises OwnRequest, Decided."""
    _not_own(operator_id, refund_id)
    stuck.ask_again(refund_id, operator_id)


def let_go(operator_id: int, refund_id: int, ground: str) -> None:
    """Say that the bank has not given it back. Raises OwnRequest, and as `stuck.let_go`."""
    _not_own(operator_id, refund_id)
    stuck.let_go(refund_id, operator_id, ground)


def _not_own(operator_id: int, refund_id: int) -> None:
    with core().database.read() as reader:
        row = reader.execute(REFUND_FULLY, {"refund_id": refund_id}).first()
    if row is None:
        raise Decided
    if row.user_id == operator_id:
        raise OwnRequest
