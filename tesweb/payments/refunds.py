"""Money that goes back: asked for, decided upon, given to the bank, booked when it says so."""

import logging
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from tesweb.clock import local_day
from tesweb.current import core
from tesweb.ledger.books import CUSTOMER, SUSPENSE, About, Entry, Kind, clearing, post
from tesweb.ledger.statements import INSERT_PAYMENT, MOVE_BALANCE
from tesweb.money import Kopecks
from tesweb.payments import effects
from tesweb.payments.rules import Alarm
from tesweb.payments.statements import REFUND_UNDER_WAY, SET_REFUND, SHARES

log = logging.getLogger(__name__)

Row = Any


def went_back(work: Connection, order: Row, amount: Kopecks, moment: datetime) -> None:
    """Book what the bank says has gone back: our refund under way first, the rest is a stranger's.

    The bank tells totals; one refund at a time is under way for an order, so that it can be told.
    """
    ours = work.execute(REFUND_UNDER_WAY, {"order_id": order.id}).first()
    if ours is not None and amount >= ours.amount:
        _book(work, order, ours.account_id, Kopecks(ours.amount), f"refund {ours.id}", moment)
        work.execute(
            SET_REFUND,
            {"refund_id": ours.id, "state": "done", "done": moment, "at": None, "busy": None},
        )
        amount = Kopecks(amount - ours.amount)
    if amount:
        _book_foreign(work, order, amount, moment)


def _book_foreign(work: Connection, order: Row, amount: Kopecks, moment: datetime) -> None:
    """Money that went back and that nobody here has asked for; a person has to look."""
    total = order.refunded + amount
    subject = f"order {order.id} refunded {total}"
    effects.sound(work, Alarm.FOREIGN_REFUND, effects.subject_of(order.id), moment)
    shares = work.execute(SHARES, {"order_id": order.id}).all()
    if len(shares) == 1:
        _book(work, order, shares[0].account_id, amount, subject, moment)
        return
    entries = [Entry(SUSPENSE, amount), Entry(clearing(order.gateway), Kopecks(-amount))]
    post(work, Kind.REFUND, About(subject, order.id), entries, moment)


def _book(  # noqa: PLR0913, PLR0917 - each is a fact of its own
    work: Connection,
    order: Row,
    account_id: int,
    amount: Kopecks,
    subject: str,
    moment: datetime,
) -> None:
    entries = [
        Entry(CUSTOMER, amount, account_id),
        Entry(clearing(order.gateway), Kopecks(-amount)),
    ]
    if post(work, Kind.REFUND, About(subject, order.id), entries, moment) is None:
        return
    shares = work.execute(SHARES, {"order_id": order.id}).all()
    region = next(share.region for share in shares if share.account_id == account_id)
    line = {
        "account_id": account_id,
        "paid_on": local_day(moment, core().region(region).timezone),
        "reference": f"tesweb-{subject.replace(' ', '-')}",
        "channel": order.gateway,
        "amount": -amount,
    }
    work.execute(INSERT_PAYMENT, line)
    work.execute(MOVE_BALANCE, {"of_account": account_id, "added": amount})
