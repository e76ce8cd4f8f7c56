"""What YooKassa says: its objects in the protocol's words; whatever makes no sense is Unclear."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from tesweb.api import Kopecks, payments

Body = dict[str, Any]
_AMOUNT = re.compile(r"(\d{1,12})(?:\.(\d{1,2}))?", re.ASCII)
_STATES = {
    "pending": payments.BankState.PENDING,
    "waiting_for_capture": payments.BankState.HELD,
    "succeeded": payments.BankState.PAID,
    "canceled": payments.BankState.FAILED,
}
#: Where a canceled payment did not fail: nobody paid, or we took it back.
_ENDS = {
    "expired_on_confirmation": payments.BankState.EXPIRED,
    "expired_on_capture": payments.BankState.EXPIRED,
    "canceled_by_merchant": payments.BankState.CANCELED,
}
_REASONS = {
    "3d_secure_failed": payments.Reason.NOT_CONFIRMED,
    "call_issuer": payments.Reason.CALL_BANK,
    "card_expired": payments.Reason.CARD_EXPIRED,
    "country_forbidden": payments.Reason.COUNTRY_FORBIDDEN,
    "expired_on_capture": payments.Reason.TIME_OVER,
    "expired_on_confirmation": payments.Reason.TIME_OVER,
    "fraud_suspected": payments.Reason.FRAUD_SUSPECTED,
    "identification_required": payments.Reason.LIMIT_REACHED,
    "insufficient_funds": payments.Reason.NOT_ENOUGH_MONEY,
    "internal_timeout": payments.Reason.BANK_UNAVAILABLE,
    "invalid_card_number": payments.Reason.WRONG_NUMBER,
    "invalid_csc": payments.Reason.WRONG_CODE,
    "issuer_unavailable": payments.Reason.BANK_UNAVAILABLE,
    "payment_method_limit_exceeded": payments.Reason.LIMIT_REACHED,
    "payment_method_restricted": payments.Reason.CARD_RESTRICTED,
    "permission_revoked": payments.Reason.PERMISSION_REVOKED,
    "rejected_by_timeout": payments.Reason.TIME_OVER,
}


def text(body: Body, name: str) -> str:
    """What stands under that name. Raises Unclear for nothing, and for what is no text."""
    found = body.get(name)
    if not isinstance(found, str) or not found:
        raise payments.Unclear(f"YooKassa's answer has no {name}")
    return found


def part(body: Body, name: str) -> Body:
    """The object under that name, an empty one where there is none."""
    found = body.get(name)
    return found if isinstance(found, dict) else {}


def items(body: Body) -> list[Body]:
    """The objects of a list."""
    found = body.get("items")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise payments.Unclear("YooKassa's list is none")
    return found


def kopecks(amount: Body) -> Kopecks:
    """`{"value": "1234.05", …}` exactly; a number of JSON's would have been a float somewhere."""
    found = _AMOUNT.fullmatch(text(amount, "value"))
    if found is None:
        raise payments.Unclear("YooKassa's answer has a sum that is none")
    whole, rest = found.groups(default="")
    return Kopecks(int(whole) * 100 + int(rest.ljust(2, "0")))


def moment(found: object) -> datetime | None:
    """`2026-11-23T10:00:00.000Z`; None for anything else."""
    try:
        read = datetime.fromisoformat(found) if isinstance(found, str) else None
    except ValueError:
        return None
    return read if read is not None and read.tzinfo is not None else None


def key_of(payment: Body) -> UUID | None:
    """The key of ours that a payment carries; None where it carries none."""
    found = part(payment, "metadata").get("key")
    try:
        return UUID(found) if isinstance(found, str) else None
    except ValueError:
        return None


def check(payment: Body, key: UUID) -> Body:
    """The payment, if it is one, and of that key. Raises Unclear."""
    text(payment, "id")
    state_of(payment)
    if key_of(payment) not in {None, key}:
        raise payments.Unclear("YooKassa's payment belongs to another order")
    return payment


def state_of(payment: Body) -> payments.BankState:
    """How far the payment has come. Raises Unclear."""
    state = _STATES.get(text(payment, "status"))
    if state is None:
        raise payments.Unclear("YooKassa's payment is in a state that nobody knows")
    return state


def report(payment: Body, fiscal: payments.Fiscal | None = None) -> payments.Report:
    """A payment as the core asks for it. Raises Unclear."""
    state = state_of(payment)
    amount, reason = part(payment, "amount"), None
    paid = refunded = Kopecks(0)
    if state is payments.BankState.FAILED:
        told = str(part(payment, "cancellation_details").get("reason"))
        state = _ENDS.get(told, state)
        reason = _REASONS.get(told, payments.Reason.DECLINED)
    elif state is payments.BankState.PAID:
        if payment.get("paid") is False:
            raise payments.Unclear("YooKassa's payment has succeeded and is not paid")
        paid = kopecks(amount)
        back = part(payment, "refunded_amount")
        refunded = kopecks(back) if back else refunded
    return payments.Report(
        state=state,
        reference=text(payment, "id"),
        paid=paid,
        refunded=refunded,
        currency=text(amount, "currency"),
        reason=reason,
        card=_card(part(payment, "payment_method")),
        fiscal=fiscal,
    )


def registration(payment: Body) -> payments.FiscalState | None:
    """How far the fiscal receipt has come; None where there is none."""
    try:
        return payments.FiscalState(str(payment.get("receipt_registration")))
    except ValueError:
        return None


def fiscal(receipt: Body) -> payments.Fiscal:
    """A registered receipt with its numbers."""
    return payments.Fiscal(
        payments.FiscalState.SUCCEEDED,
        text(receipt, "fiscal_document_number"),
        text(receipt, "fiscal_storage_number"),
        text(receipt, "fiscal_attribute"),
        moment(receipt.get("registered_at")),
    )


def settled(payment: Body) -> payments.Settled:
    """A payment as the register has it."""
    _check_success(payment)
    amount, income = part(payment, "amount"), part(payment, "income_amount")
    paid = kopecks(amount)
    return payments.Settled(
        reference=text(payment, "id"),
        key=key_of(payment),
        amount=paid,
        fee=Kopecks(paid - kopecks(income)) if income else Kopecks(0),
        at=_certain(payment, "captured_at"),
        currency=text(amount, "currency"),
    )


def returned(refund: Body) -> payments.Settled:
    """A refund as the register has it."""
    _check_success(refund)
    amount = part(refund, "amount")
    return payments.Settled(
        reference=text(refund, "payment_id"),
        key=key_of(refund),
        amount=Kopecks(-kopecks(amount)),
        fee=Kopecks(0),
        at=_certain(refund, "created_at"),
        currency=text(amount, "currency"),
    )


def _check_success(body: Body) -> None:
    if text(body, "status") != "succeeded":
        raise payments.Unclear("YooKassa's list has what nobody asked for")


def _certain(body: Body, name: str) -> datetime:
    found = moment(body.get(name))
    if found is None:
        raise payments.Unclear(f"YooKassa's answer has no {name}")
    return found


def _card(method: Body) -> payments.SavedCard | None:
    if method.get("type") != "bank_card":
        return None
    card = part(method, "card")
    brand, last4 = str(card.get("card_type", "")).lower(), str(card.get("last4", ""))
    token = text(method, "id") if method.get("saved") is True else ""
    return payments.SavedCard(
        token,
        brand[:16] if brand.isalnum() else "",
        last4 if re.fullmatch(r"\d{4}", last4, re.ASCII) else "",
    )
