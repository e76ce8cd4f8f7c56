"""Money that has gone back, as a bank says: booked where it had been credited."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from tesweb.clock import local_day
from tesweb.current import core
from tesweb.ledger.books import CUSTOMER, FEES, SUSPENSE, About, Entry, Kind, clearing, post
from tesweb.ledger.lines import Line, put, reference_of
from tesweb.money import NOTHING, Kopecks
from tesweb.payments import effects
from tesweb.payments.letters import tell_refund
from tesweb.payments.refund_statements import STILL_CREDITED
from tesweb.payments.rules import Alarm, shares_back
from tesweb.payments.statements import REFUND_UNDER_WAY, SET_REFUND, SHARES

Row = Any


def went_back(
    work: Connection, order: Row, amount: Kopecks, moment: datetime, *, is_credited: bool
) -> None:
    """Book what the bank says has gone back: our refund under way first, the rest is a stranger's.

    The bank tells totals; one refund at a time is under way for an order, so that it can be told.
    """
    ours = work.execute(REFUND_UNDER_WAY, {"order_id": order.id}).first()
    if ours is not None and amount >= ours.amount:
        share = Kopecks(ours.amount)
        # Money of another sum than the order's was never credited: it goes out of suspense.
        entry = Entry(CUSTOMER, share, ours.account_id) if is_credited else Entry(SUSPENSE, share)
        _book(work, order, [entry], f"refund {ours.id}", moment)
        tell_refund(work, ours, share, "done")
        values = {"refund_id": ours.id, "state": "done", "done": moment, "at": None, "busy": None}
        work.execute(SET_REFUND, values | {"seen": ours.looks})
        amount = Kopecks(amount - ours.amount)
    if amount:
        subject = f"order {order.id} refunded {order.refunded + amount}"
        effects.sound(work, Alarm.FOREIGN_REFUND, effects.subject_of(order.id), moment)
        entries = _owners(work, order.id, amount) if is_credited else [Entry(SUSPENSE, amount)]
        _book(work, order, entries, subject, moment)


def _owners(work: Connection, order_id: int, amount: Kopecks) -> list[Entry]:
    """Whose money a stranger's refund has taken; suspense's, where a person has to find out."""
    rows = work.execute(STILL_CREDITED, {"order_id": order_id}).all()
    credited = {row.account_id: Kopecks(int(row.amount)) for row in rows if row.book == CUSTOMER}
    fee = next((Kopecks(int(row.amount)) for row in rows if row.book == FEES), NOTHING)
    back = shares_back(amount, credited, fee)
    entries = [Entry(CUSTOMER, part, account_id) for account_id, part in back.accounts.items()]
    entries += [Entry(FEES, back.fee), Entry(SUSPENSE, back.unknown)]
    return [entry for entry in entries if entry.amount]


def _book(
    work: Connection, order: Row, entries: list[Entry], subject: str, moment: datetime
) -> None:
    """Money leaves the gateway: what it was credited to is credited that much less."""
    amount = Kopecks(sum(entry.amount for entry in entries))
    moves = [Entry(clearing(order.gateway), Kopecks(-amount)), *entries]
    if post(work, Kind.REFUND, About(subject, order.id), moves, moment) is None:
        return
    shares = work.execute(SHARES, {"order_id": order.id}).all()
    regions = {share.account_id: share.region for share in shares}
    for entry in entries:
        if entry.book != CUSTOMER:
            continue
        day = local_day(moment, core().region(regions[entry.account_id]).timezone)
        channel, less = effects.channel_of(order.gateway), Kopecks(-entry.amount)
        put(work, Line(entry.account_id, day, reference_of(subject), channel, less))
