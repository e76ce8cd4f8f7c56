"""What the clock does: orders that wait are asked about, notifications are looked into."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Select

from tesweb.current import core
from tesweb.payments import effects, engine, refunds
from tesweb.payments.engine import Heard
from tesweb.payments.notice_statements import (
    DUE_NOTICES,
    FORGET_NOTICES,
    INSERT_NOTICE,
    SET_NOTICES,
)
from tesweb.payments.protocol import Notification
from tesweb.payments.rules import PATIENCE, Alarm, pause_after
from tesweb.payments.statements import DUE, DUE_REFUNDS, ORDER_OF_KEY, ORDER_OF_REFERENCE

#: As many are taken at a time.
_MOST = 200
#: A notification whose order was looked for so often in vain is somebody's to look at.
_SOON_STRANGE = 4
#: No bank's notification is longer.
LONGEST = 64 * 1024
#: How long it is known that a notification came.
_KEPT = timedelta(days=90)

Row = Any


class NoSuchGateway(LookupError):
    """Nothing that is installed goes by that name."""


def keep_notice(gateway: str, notification: Notification) -> str:
    """Keep a notification until it is looked into; the answer that its bank wants.

    Raises NoSuchGateway, and Forged or Unclear where the gateway does not believe it.
    """
    teller = core().gateways.get(gateway)
    if teller is None:
        raise NoSuchGateway(gateway)
    notice = teller.read(notification)
    values = {
        "gateway": gateway,
        "digest": hashlib.sha256(notification.body).hexdigest(),
        "order_key": str(notice.key) if notice.key else None,
        "reference": notice.reference,
        "moment": core().clock.now(),
    }
    with core().database.work() as work:
        work.execute(INSERT_NOTICE, values)
    return notice.answer


def sweep() -> int:
    """Look into everything that is due; how many questions were due.

    A bank that does not answer is asked nothing more this time, so that no other waits for it.
    """
    silent: set[str] = set()
    kinds = ((DUE_NOTICES, _notices), (DUE_REFUNDS, _refunds), (DUE, _orders))
    return sum(_sweep(statement, look, silent) for statement, look in kinds)


def forget() -> int:
    """Away with notifications that were looked into long ago; how many."""
    values = {"before": core().clock.now() - _KEPT, "most": _MOST}
    with core().database.work() as work:
        return int(work.execute(FORGET_NOTICES, values).rowcount)


def _sweep(
    statement: Select[Any], look: Callable[[Sequence[Row], set[str]], None], silent: set[str]
) -> int:
    found = 0
    while True:
        known = len(silent)
        asked = {"moment": core().clock.now(), "most": _MOST, "silent": sorted(silent)}
        with core().database.read() as reader:
            due = reader.execute(statement, asked).all()
        look(due, silent)
        found += len(due)
        # What a silent bank has kept from being taken at all is taken now.
        if len(silent) == known or len(due) < _MOST:
            return found


def _ask(row: Row, order_id: int, silent: set[str], *, hurry: bool) -> Heard:
    if row.gateway in silent:
        return Heard.NOTHING
    _, heard = engine.ask(order_id, hurry=hurry)
    if heard is Heard.SILENCE:
        silent.add(row.gateway)
    return heard


def _orders(due: Sequence[Row], silent: set[str]) -> None:
    for row in due:
        _ask(row, row.id, silent, hurry=False)


def _refunds(due: Sequence[Row], silent: set[str]) -> None:
    """Give refunds to their banks, and ask at once what came of them."""
    for row in due:
        order_id = None if row.gateway in silent else refunds.carry(row.id)
        if order_id is not None:
            _ask(row, order_id, silent, hurry=True)


def _notices(due: Sequence[Row], silent: set[str]) -> None:
    """Ask once about each order, however many notifications it has."""
    of_orders: dict[int, list[Row]] = {}
    with core().database.read() as reader:
        for row in due:
            of_orders.setdefault(_order_of(reader, row) or 0, []).append(row)
    for row in of_orders.pop(0, []):
        _put_off(row)
    for order_id, rows in of_orders.items():
        if rows[0].gateway in silent:
            continue
        asked = core().clock.now()
        if _ask(rows[0], order_id, silent, hurry=True) is Heard.ANSWER:
            values = {"notice_ids": [row.id for row in rows], "at": None, "asked": asked}
            with core().database.work() as work:
                work.execute(SET_NOTICES, values)
        else:
            for row in rows:
                _put_off(row, order_id)


def _order_of(reader: Any, row: Row) -> int | None:  # noqa: ANN401 - a connection
    if row.order_key is not None:
        found = reader.execute(ORDER_OF_KEY, {"key": row.order_key}).first()
    else:
        asked = {"gateway": row.gateway, "reference": row.reference}
        found = reader.execute(ORDER_OF_REFERENCE, asked).first()
    # Another gateway's order is nobody's business.
    return found.id if found is not None and found.gateway == row.gateway else None


def _put_off(row: Row, order_id: int | None = None) -> None:
    """Look into it later: its bank said nothing, or its order is still to be written down."""
    now = core().clock.now()
    at = now + pause_after(row.looks) if row.looks < PATIENCE else None
    with core().database.work() as work:
        work.execute(SET_NOTICES, {"notice_ids": [row.id], "at": at, "asked": now})
        if order_id is None and row.looks + 1 == _SOON_STRANGE:
            effects.remark(work, Alarm.STRANGER, f"notice {row.id}", now)
        elif order_id is not None and at is None:
            effects.sound(work, Alarm.UNCLEAR, effects.subject_of(order_id), now)
