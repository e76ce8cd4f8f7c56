"""What a report changes: the order, the books, the accounts, the messages; in one transaction."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from tesweb.clock import local_day
from tesweb.current import core
from tesweb.ledger.books import CUSTOMER, FEES, SUSPENSE, About, Entry, Kind, clearing, post
from tesweb.ledger.lines import Line, put
from tesweb.messages.services import Message, enqueue
from tesweb.money import Kopecks
from tesweb.payments.line_statements import HOLD_LINES, PUT_BY_HAND
from tesweb.payments.orders import number_of, reference_of, sign
from tesweb.payments.protocol import Fiscal
from tesweb.payments.rules import Alarm, Learned, not_again
from tesweb.payments.statements import (
    CLOSE_SHARES,
    OF_AUTOPAY,
    PAY_MONTH,
    RAISE_AGAIN,
    RAISE_ALARM,
    SET_FISCAL,
    SHARES,
)

Row = Any


def without_twice(work: Connection, row: Row, learned: Learned) -> Learned:
    """What was learnt, less a credit that an operator has given for the register's line of it."""
    if not learned.credit:
        return learned
    asked = {"gateway": row.gateway, "reference": learned.known.reference}
    work.execute(HOLD_LINES, asked).all()
    return learned if work.execute(PUT_BY_HAND, asked).first() is None else not_again(learned)


def credit(work: Connection, row: Row, moment: datetime) -> None:
    """Put the money to the accounts' credit and tell the payer."""
    shares = work.execute(SHARES, {"order_id": row.id}).all()
    entries = [Entry(CUSTOMER, Kopecks(-share.amount), share.account_id) for share in shares]
    total = Kopecks(row.amount + row.fee)
    entries += [Entry(clearing(row.gateway), total), Entry(FEES, Kopecks(-row.fee))]
    if post(work, Kind.PAYMENT, About(subject_of(row.id), row.id), entries, moment) is None:
        return
    for share in shares:
        _put(work, share, row, moment)
    _pay_month(work, row)
    _send_receipt(work, row, shares)


def suspend(work: Connection, row: Row, amount: Kopecks, moment: datetime) -> None:
    """Keep money that is not this order's sum, until somebody decides whose it is."""
    entries = [Entry(clearing(row.gateway), amount), Entry(SUSPENSE, Kopecks(-amount))]
    post(work, Kind.SUSPENSE, About(subject_of(row.id), row.id), entries, moment)


def close(work: Connection, order_id: int, account_ids: list[int]) -> None:
    """The order keeps nobody from paying any more."""
    work.execute(CLOSE_SHARES, {"of_order": order_id, "account_ids": account_ids})


def raise_alarms(work: Connection, subject: str, learned: Learned, moment: datetime) -> None:
    """Put what a person has to look at on the operator's page; once for each order and kind."""
    for alarm in sorted(learned.alarms):
        remark(work, alarm, subject, moment)


def remark(work: Connection, alarm: Alarm, subject: str, moment: datetime) -> None:
    """Raise an alarm about what lasts: once a person has dealt with it, it stays so."""
    work.execute(RAISE_ALARM, {"kind": alarm.value, "subject": subject, "moment": moment})


def sound(work: Connection, alarm: Alarm, subject: str, moment: datetime) -> None:
    """Raise an alarm about what has just happened, again where it was dealt with before."""
    work.execute(RAISE_AGAIN, {"kind": alarm.value, "subject": subject, "moment": moment})


def note_fiscal(work: Connection, order_id: int, fiscal: Fiscal) -> None:
    """Write down how far the fiscal receipt has come."""
    values = {
        "order_id": order_id,
        "state": fiscal.state.value,
        "number": fiscal.number,
        "storage": fiscal.storage,
        "sign": fiscal.sign,
        "registered_at": fiscal.registered_at,
    }
    work.execute(SET_FISCAL, values)


def subject_of(order_id: int) -> str:
    """How the books and the alarms call an order."""
    return f"order {order_id}"


def channel_of(gateway: str) -> str:
    """What an account's list of payments calls a gateway."""
    teller = core().gateways.get(gateway)
    return teller.title if teller else gateway


def _put(work: Connection, share: Row, row: Row, moment: datetime) -> None:
    """A line among the account's payments, and the balance that goes with it."""
    day = local_day(moment, core().region(share.region).timezone)
    channel, amount = channel_of(row.gateway), Kopecks(share.amount)
    put(work, Line(share.account_id, day, reference_of(row.id), channel, amount))


def _pay_month(work: Connection, row: Row) -> None:
    """A month of autopay that was given up is paid after all, where the order was an attempt."""
    if row.form_key.startswith(OF_AUTOPAY):
        _, autopay_id, month, _ = row.form_key.split("-")
        period = date(int(month[:4]), int(month[4:]), 1)
        values = {"which": int(autopay_id), "month": period, "order": row.id, "sum": row.amount}
        work.execute(PAY_MONTH, values)


def _send_receipt(work: Connection, row: Row, shares: Sequence[Row]) -> None:
    if not row.contact:
        return
    values = {
        "number": number_of(row.id),
        "amount": row.amount,
        "fee": row.fee,
        "accounts": [{"number": share.number, "amount": share.amount} for share in shares],
        "path": f"/pay/back/{sign(row.id)}",
        "region": shares[0].region,
    }
    channel = "sms" if row.contact.startswith("+") else "email"
    key = f"order {row.id} paid"
    enqueue(work, Message(key, channel, row.contact, row.language, "paid", values))
