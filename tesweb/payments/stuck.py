"""Refunds about which a bank has said nothing for a week: what an operator can do about them.

The clock has stopped asking. Until somebody acts the money counts as on its way, and no other
refund of the payment begins, so that nothing goes back twice.
"""

from typing import Any

from sqlalchemy import Connection

from tesweb.current import core
from tesweb.journal import services as journal
from tesweb.journal.rules import What
from tesweb.money import Kopecks, format_rubles
from tesweb.payments.orders import as_order
from tesweb.payments.protocol import GatewayError
from tesweb.payments.refund_statements import ASK_AGAIN, LET_GO
from tesweb.payments.refunds import Decided, NotRefunded
from tesweb.payments.statements import ORDER, REFUND

Row = Any


class Silent(NotRefunded):
    """The bank does not say what has gone back, so that nothing can be decided."""


class GoneBack(NotRefunded):
    """The bank says that more has gone back than is booked: it is being booked."""


def is_stuck(refund: Row) -> bool:
    """Whether the clock has given a refund up."""
    return refund.busy_order_id is not None and refund.ask_at is None


def ask_again(refund_id: int, operator_id: int) -> None:
    """Let the clock ask the bank once more, as for a new refund. Raises Decided."""
    with core().database.work() as work:
        refund = _hold(work, refund_id)
        _resume(work, refund_id)
        about = _about(refund, "asked about again")
        journal.record(work, operator_id, What.REFUND_DECIDED, about=about)


def let_go(refund_id: int, operator_id: int, ground: str) -> None:
    """Write down that the bank has not done it: the money is free to go another way.

    The bank is asked first, and must say that no more has gone back than we know. What it does all
    the same is booked when it says so, and told by an alarm.

    Raises Decided, Silent, GoneBack.
    """
    with core().database.read() as reader:
        refund = reader.execute(REFUND, {"refund_id": refund_id}).first()
        if refund is None or not is_stuck(refund):
            raise Decided
        row = reader.execute(ORDER, {"order_id": refund.order_id}).one()
        order = as_order(reader, row)
    teller = core().gateways.get(row.gateway)
    if teller is not None:
        try:
            report = teller.report(order)
        except GatewayError as error:
            raise Silent from error
        if report.refunded > row.refunded:
            with core().database.work() as work:
                _resume(work, refund_id)
            raise GoneBack
    with core().database.work() as work:
        held = _hold(work, refund_id)
        work.execute(LET_GO, {"refund_id": refund_id, "moment": core().clock.now()})
        about = _about(held, "the bank has not done it")
        journal.record(work, operator_id, What.REFUND_DECIDED, about=about, ground=ground)


def _hold(work: Connection, refund_id: int) -> Row:
    """The refund, while it is still given up. Raises Decided."""
    refund = work.execute(REFUND.with_for_update(), {"refund_id": refund_id}).first()
    if refund is None or not is_stuck(refund):
        raise Decided
    return refund


def _resume(work: Connection, refund_id: int) -> None:
    work.execute(ASK_AGAIN, {"refund_id": refund_id, "moment": core().clock.now()})


def _about(refund: Row, what: str) -> str:
    return f"refund {refund.id}, {format_rubles(Kopecks(refund.amount))}: {what}"
