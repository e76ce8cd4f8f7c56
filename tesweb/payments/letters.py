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
