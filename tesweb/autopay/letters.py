"""What people are told of an autopay besides the journal's own messages."""

from datetime import date
from typing import Any

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import Connection

from tesweb.accounts.rules import mask_number
from tesweb.messages.services import Message, enqueue
from tesweb.money import Kopecks

_SALT = "tesweb autopay skip"
Row = Any


def contact_of(person: Row) -> str:
    """Where messages and receipts go: the e-mail address, else the number; empty without both."""
    return str(person.email or person.phone or "")


def tell(
    work: Connection, row: Row, period: date, event: str, amount: Kopecks, **facts: str | int | None
) -> None:
    """Send the message about a month, once for each event; `row` is one of WHOLE."""
    address = contact_of(row)
    if not address:
        return
    values = {
        "event": event,
        "name": row.name,
        "account": mask_number(row.number),
        "amount": amount,
        "last4": row.last4 or "",
        "account_id": row.account_id,
        "path": f"/pay/autopay/skip/{sign(row.id, period)}",
        "region": row.region,
        **facts,
    }
    channel = "sms" if address.startswith("+") else "email"
    key = f"autopay {row.id} {period} {event} {facts.get('attempt', '')}"
    enqueue(work, Message(key, channel, address, row.language, "autopay", values))


def sign(autopay_id: int, period: date) -> str:
    """What the link to pass over a month says."""
    return str(_signer().dumps([autopay_id, period.isoformat()]))


def signed(text: str) -> tuple[int, date]:
    """The autopay and the month of a link. Raises LookupError for a forged one."""
    try:
        autopay_id, period = _signer().loads(text)
        return int(autopay_id), date.fromisoformat(period)
    except (BadSignature, ValueError, TypeError) as error:
        raise LookupError(text) from error


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt=_SALT)
