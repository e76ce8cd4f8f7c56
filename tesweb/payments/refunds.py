"""Money that goes back: asked for, decided upon, given to the bank, booked when it says so."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from tesweb.current import core
from tesweb.journal import services as journal
from tesweb.journal.rules import What
from tesweb.money import Kopecks, format_rubles
from tesweb.payments import effects
from tesweb.payments.gateways import CannotDo
from tesweb.payments.letters import tell_refund
from tesweb.payments.models import State
from tesweb.payments.orders import as_order
from tesweb.payments.protocol import GatewayError, Order, Refunds, Refused
from tesweb.payments.refund_statements import REFUND_OF_KEY, SUSPENDED
from tesweb.payments.rules import PATIENCE, Alarm, Source, pause_after, split
from tesweb.payments.statements import (
    ACCOUNT_IDS,
    ASKED_OR_BUSY,
    CLAIM_REFUND,
    DECLINE_REFUND,
    HOLD_ACCOUNTS,
    HOLD_ORDER,
    INSERT_REFUND,
    ORDER,
    REFUND,
    REFUND_UNDER_WAY,
    REFUNDABLE,
    SET_REFUND,
    TAKE_REFUND,
)

log = logging.getLogger(__name__)
#: How long nobody else gives a refund to the bank that somebody is giving to it.
_LEASE = timedelta(seconds=60)

Row = Any


class NotRefunded(Exception):
    """No money goes back."""


class NotOverpaid(NotRefunded):
    """More is asked back than is overpaid; `most` could be."""

    def __init__(self, most: Kopecks) -> None:
        """Carry what could be given back."""
        super().__init__("not so much is overpaid")
        self.most = most


class NoSource(NotRefunded):
    """Not so much came through banks that can give it back; `most` did."""

    def __init__(self, most: Kopecks) -> None:
        """Carry what could go back the way it came."""
        super().__init__("not so much came this way")
        self.most = most


class Decided(NotRefunded):
    """Somebody has decided already."""


class Busy(NotRefunded):
    """Another refund of the same payment is on its way: one at a time, so that it can be told."""


@dataclass(frozen=True, slots=True)
class Room:
    """How much of an account's money can go back."""

    #: What is overpaid and not asked back yet.
    overpaid: Kopecks
    #: What came through banks that give it back.
    returnable: Kopecks

    @property
    def most(self) -> Kopecks:
        """As much can be asked for."""
        return min(self.overpaid, self.returnable)


def room(reader: Connection, account_id: int, balance: int, but: int = 0) -> Room:
    """How much can go back, one request aside."""
    asked = {"account_id": account_id, "but": but}
    busy = int(reader.execute(ASKED_OR_BUSY, asked).scalar_one())
    returnable = sum(source.most for source, _ in _sources(reader, account_id))
    return Room(Kopecks(max(0, -balance - busy)), Kopecks(returnable))


def request_of(reader: Connection, key: UUID) -> int | None:
    """The request that a form has made already."""
    found = reader.execute(REFUND_OF_KEY, {"key": str(key)}).scalar()
    return None if found is None else int(found)


def ask(
    user_id: int, account_id: int, amount: Kopecks, ground: str, key: UUID | None = None
) -> int:
    """A resident asks an overpayment back; the id of the request. The same key is one request.

    Raises NotOverpaid.
    """
    now = core().clock.now()
    key = key or uuid4()
    with core().database.work() as work:
        _hold(work, account_id)
        known = request_of(work, key)
        if known is not None:
            return known
        _check_overpaid(work, account_id, amount)
        values = _row(account_id, None, amount, "asked", now) | {"key": str(key)}
        row = values | {"user_id": user_id, "ground": ground}
        return int(work.execute(INSERT_REFUND, row).scalar_one())


def approve(refund_id: int, operator_id: int | None) -> list[int]:
    """Give back what was asked, to the cards it came from; the ids of the refunds under way.

    Raises Decided, NotOverpaid where the balance has changed since, NoSource where less came
    through banks that give back, Busy where the payment has another refund under way.
    """
    try:
        return _approve(refund_id, operator_id)
    except IntegrityError as error:
        # Another operator has begun one at the same moment.
        raise Busy from error


def _approve(refund_id: int, operator_id: int | None) -> list[int]:
    now = core().clock.now()
    with core().database.work() as work:
        asked = work.execute(REFUND, {"refund_id": refund_id}).first()
        if asked is None or asked.state != "asked":
            raise Decided
        amount = Kopecks(asked.amount)
        _check_overpaid(work, asked.account_id, amount, but=refund_id)
        parts = _parts(work, asked.account_id, amount)
        tell_refund(work, asked, amount, "approved")
        _note(work, operator_id, f"refund {refund_id}, {format_rubles(amount)}: approved")
        taken = {"refund_id": refund_id, "operator": operator_id, "moment": now}
        order_id, first = parts[0]
        if not work.execute(TAKE_REFUND, taken | {"order": order_id, "sum": first}).rowcount:
            raise Decided
        ids = [refund_id]
        for order_id, part in parts[1:]:
            values = _row(asked.account_id, order_id, part, "submitting", now)
            row = values | {"user_id": asked.user_id, "operator_id": operator_id}
            ids.append(int(work.execute(INSERT_REFUND, row).scalar_one()))
    return ids


def decline(refund_id: int, operator_id: int | None, answer: str) -> None:
    """Say no, with the reason for the resident. Raises Decided."""
    values = {"refund_id": refund_id, "operator": operator_id, "text": answer}
    with core().database.work() as work:
        done = work.execute(DECLINE_REFUND, values | {"moment": core().clock.now()})
        if not done.rowcount:
            raise Decided
        asked = work.execute(REFUND, {"refund_id": refund_id}).one()
        tell_refund(work, asked, Kopecks(asked.amount), "declined")
        _note(work, operator_id, f"refund {refund_id}: declined")


def _parts(work: Connection, account_id: int, amount: Kopecks) -> list[tuple[int, Kopecks]]:
    """How much goes back from which order. Raises Busy, NoSource."""
    sources = _sources(work, account_id)
    parts = split(amount, [source for source, is_busy in sources if not is_busy])
    if sum(part for _, part in parts) == amount:
        return parts
    most = Kopecks(sum(source.most for source, _ in sources))
    if most >= amount:
        raise Busy
    raise NoSource(most)


def _note(work: Connection, operator_id: int | None, about: str) -> None:
    if operator_id is not None:
        journal.record(work, operator_id, What.REFUND_DECIDED, about=about)


def give_back(work: Connection, order_id: int, operator_id: int) -> int:
    """Send what a bank took instead of an order's sum back to its payer, out of suspense.

    The id of the refund under way. Raises Decided where nothing waits, NoSource where the gateway
    cannot.
    """
    ids = [row.account_id for row in work.execute(ACCOUNT_IDS, {"order_id": order_id})]
    work.execute(HOLD_ACCOUNTS, {"account_ids": ids}).all()
    order = work.execute(HOLD_ORDER, {"order_id": order_id}).one()
    waits = work.execute(SUSPENDED, {"order_ids": [order_id]}).first()
    is_busy = work.execute(REFUND_UNDER_WAY, {"order_id": order_id}).first() is not None
    if order.state != State.MISMATCHED.value or waits is None or waits.amount <= 0 or is_busy:
        raise Decided
    teller = core().gateways.get(order.gateway)
    if teller is None or not teller.can(Refunds):
        raise NoSource(Kopecks(0))
    values = _row(ids[0], order_id, Kopecks(int(waits.amount)), "submitting", core().clock.now())
    row = values | {"user_id": order.user_id, "operator_id": operator_id}
    return int(work.execute(INSERT_REFUND, row).scalar_one())


def carry(refund_id: int) -> int | None:
    """Give a refund to its bank; the order to ask about, None where nothing is to be done.

    Within the time that the bank knows its key it is given again, later the bank is only asked.
    """
    now = core().clock.now()
    values = {"refund_id": refund_id, "moment": now, "until": now + _LEASE}
    with core().database.work() as work:
        refund = work.execute(CLAIM_REFUND, values).first()
        if refund is None:
            return None
        row = work.execute(ORDER, {"order_id": refund.order_id}).one()
        order = as_order(work, row)
    teller = core().gateways.get(row.gateway)
    if teller is None:
        _put_off(refund, f"there is no gateway {row.gateway}")
        return None
    trouble = ""
    if now < refund.submitted_at + teller.key_lives:
        try:
            teller.refund(order, UUID(refund.key), Kopecks(refund.amount))
        except (Refused, CannotDo) as refused:
            return _doubt(refund, row, order, str(refused))
        except GatewayError as error:
            trouble = str(error)
    _put_off(refund, trouble)
    return int(row.id)


def _doubt(refund: Row, row: Row, order: Order, why: str) -> int | None:
    """The bank says no; it may say so because it has given the money back before.

    It is believed once it says, too, that no more has gone back than we know.
    """
    try:
        report = core().gateways[row.gateway].report(order)
    except GatewayError as error:
        _put_off(refund, str(error))
        return None
    if report.refunded > row.refunded:
        _put_off(refund, why)
        return int(row.id)
    _refuse(refund, why)
    return None


def _hold(work: Connection, account_id: int) -> Row:
    return work.execute(HOLD_ACCOUNTS, {"account_ids": [account_id]}).one()


def _check_overpaid(
    work: Connection, account_id: int, amount: Kopecks, but: int | None = None
) -> None:
    most = room(work, account_id, _hold(work, account_id).balance, but or 0).overpaid
    if not 0 < amount <= most:
        raise NotOverpaid(most)


def _sources(work: Connection, account_id: int) -> list[tuple[Source, bool]]:
    """Orders whose money can go back, the newest first; and whether one has a refund under way."""
    return [
        (Source(row.id, Kopecks(row.share - row.returned)), bool(row.is_busy))
        for row in work.execute(REFUNDABLE, {"account_id": account_id})
        if row.gateway in core().gateways and core().gateways[row.gateway].can(Refunds)
    ]


def _row(
    account_id: int, order_id: int | None, amount: Kopecks, state: str, now: datetime
) -> dict[str, object]:
    is_busy = state == "submitting"
    return {
        "key": str(uuid4()),
        "account_id": account_id,
        "order_id": order_id,
        "busy_order_id": order_id if is_busy else None,
        "amount": amount,
        "state": state,
        "created_at": now,
        "submitted_at": now if is_busy else None,
        "ask_at": now if is_busy else None,
    }


def _refuse(refund: Row, why: str) -> None:
    """The bank will not give it back: somebody has to find another way."""
    log.warning("refund %d is refused: %s", refund.id, why)
    now = core().clock.now()
    with core().database.work() as work:
        values = {"refund_id": refund.id, "state": "refused", "done": now, "at": None, "busy": None}
        if work.execute(SET_REFUND, values | {"seen": refund.looks}).rowcount:
            effects.sound(work, Alarm.REFUND_REFUSED, f"refund {refund.id}", now)


def _put_off(refund: Row, why: str) -> None:
    """Ask again later; what the bank has done is told by its report on the order."""
    if why:
        log.warning("refund %d: %s", refund.id, why)
    now, looks = core().clock.now(), refund.looks + 1
    with core().database.work() as work:
        current = work.execute(REFUND, {"refund_id": refund.id}).one()
        if current.busy_order_id is None:
            return
        at = now + pause_after(refund.looks) if looks < PATIENCE else None
        values = {"refund_id": refund.id, "state": "unknown" if why else current.state}
        values |= {"done": None, "at": at, "busy": current.busy_order_id, "seen": looks}
        if work.execute(SET_REFUND, values).rowcount and at is None:
            effects.sound(work, Alarm.UNCLEAR, f"refund {refund.id}", now)
