"""What the clock does: orders that wait are asked about, notifications are looked into."""

import hashlib
import logging
from typing import Any

from tesweb.current import core
from tesweb.payments import effects, engine, oblivion, refunds
from tesweb.payments.protocol import Notification
from tesweb.payments.rules import PATIENCE, Alarm, pause_after
from tesweb.payments.statements import (
    DUE,
    DUE_NOTICES,
    DUE_REFUNDS,
    INSERT_NOTICE,
    ORDER_OF_KEY,
    ORDER_OF_REFERENCE,
    SET_NOTICES,
)

log = logging.getLogger(__name__)
#: As many are taken at a time.
_MOST = 200
#: A notification whose order was looked for so often in vain is somebody's to look at.
_SOON_STRANGE = 4
#: No bank's notification is longer.
LONGEST = 64 * 1024


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
        "body": notification.body,
        "moment": core().clock.now(),
    }
    with core().database.work() as work:
        work.execute(INSERT_NOTICE, values)
    return notice.answer


def sweep() -> int:
    """Look into everything that is due; how many orders were asked about."""
    oblivion.sweep(_MOST)
    return _notices() + _refunds() + _orders()


def _orders() -> int:
    values = {"moment": core().clock.now(), "most": _MOST}
    with core().database.read() as reader:
        due = [row.id for row in reader.execute(DUE, values)]
    for order_id in due:
        engine.advance(order_id)
    return len(due)


def _refunds() -> int:
    """Give refunds to their banks, and ask at once what came of them."""
    values = {"moment": core().clock.now(), "most": _MOST}
    with core().database.read() as reader:
        due = [row.id for row in reader.execute(DUE_REFUNDS, values)]
    for refund_id in due:
        order_id = refunds.carry(refund_id)
        if order_id is not None:
            engine.advance(order_id, hurry=True)
    return len(due)


def _notices() -> int:
    """Ask once about each order, however many notifications it has."""
    values = {"moment": core().clock.now(), "most": _MOST}
    with core().database.read() as reader:
        due = reader.execute(DUE_NOTICES, values).all()
        orders = {row.id: _order_of(reader, row) for row in due}
    for order_id in {order_id for order_id in orders.values() if order_id is not None}:
        engine.advance(order_id, hurry=True)
        _done([notice_id for notice_id, found in orders.items() if found == order_id])
    for row in due:
        if orders[row.id] is None:
            _put_off(row)
    return len(due)


def _order_of(reader: Any, row: Any) -> int | None:  # noqa: ANN401 - a connection and a row
    if row.order_key is not None:
        found = reader.execute(ORDER_OF_KEY, {"key": row.order_key}).first()
    else:
        asked = {"gateway": row.gateway, "reference": row.reference}
        found = reader.execute(ORDER_OF_REFERENCE, asked).first()
    # Another gateway's order is nobody's business.
    return found.id if found is not None and found.gateway == row.gateway else None


def _done(notice_ids: list[int]) -> None:
    with core().database.work() as work:
        work.execute(SET_NOTICES, {"notice_ids": notice_ids, "at": None})


def _put_off(row: Any) -> None:  # noqa: ANN401 - a row of DUE_NOTICES
    """The order is not there: it may have been made and its number not yet been written down."""
    now = core().clock.now()
    at = now + pause_after(row.looks) if row.looks < PATIENCE else None
    with core().database.work() as work:
        work.execute(SET_NOTICES, {"notice_ids": [row.id], "at": at})
        if row.looks + 1 == _SOON_STRANGE:
            effects.sound(work, Alarm.STRANGER, f"notice {row.id}", now)
