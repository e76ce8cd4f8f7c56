"""What residents are told about money on its way back."""

from typing import Any

from sqlalchemy import Connection

from tesweb.messages.services import Message, enqueue
from tesweb.money import Kopecks
from tesweb.payments.statements import CONTACTS


def tell_refund(work: Connection, refund: Any, amount: Kopecks, event: str) -> None:  # noqa: ANN401 - a row of `refunds`
    """Tell whoever asked for it: `approved`, `declined` or `done`."""
    found = None
    if refund.user_id is not None:
        found = work.execute(CONTACTS, {"user_id": refund.user_id}).first()
    address = (found.email or found.phone) if found is not None else None
    if found is None or not address:
        return
    values = {
        "event": event,
        "number": refund.id,
        "amount": amount,
        "answer": refund.answer,
        "path": f"/pay/refunds/{refund.id}",
    }
    channel = "sms" if address.startswith("+") else "email"
    key = f"refund {refund.id} {event}"
    enqueue(work, Message(key, channel, address, found.language, "refund", values))


def tell_assigned(work: Connection, order: Any, amount: Kopecks, account: str) -> None:  # noqa: ANN401 - a row of `payment_orders`
    """Tell the payer that money of another sum than the order's has found its account."""
    if not order.contact:
        return
    values = {
        "number": order.id,
        "amount": amount,
        "account": account,
        "path": f"/pay/orders/{order.id}",
    }
    channel = "sms" if order.contact.startswith("+") else "email"
    key = f"order {order.id} assigned {amount}"
    enqueue(work, Message(key, channel, order.contact, order.language, "assigned", values))


def tell_corrected(work: Connection, order: Any, amount: Kopecks, account: str, mark: str) -> None:  # noqa: ANN401 - a row of `payment_orders`
    """Tell the payer that a credit was wrong: it is on `account` now, on none if that is empty.

    `mark` names what was corrected: of each one message.
    """
    if not order.contact:
        return
    values = {
        "number": order.id,
        "amount": amount,
        "account": account,
        "path": f"/pay/orders/{order.id}",
    }
    channel = "sms" if order.contact.startswith("+") else "email"
    key = f"order {order.id} {mark} {account or 'none'}"
    enqueue(work, Message(key, channel, order.contact, order.language, "corrected", values))
