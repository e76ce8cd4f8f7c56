"""Payments, refunds and receipts as the API shows them."""

from tesweb_sandbox_bank import sbp
from tesweb_sandbox_bank.models import Body, Payment, Receipt, Refund
from tesweb_sandbox_bank.money import fee, rubles
from tesweb_sandbox_bank.options import Options
from tesweb_sandbox_bank.orders import CARD, SBP

_DOCUMENT = 3000
_STORAGE = "9288000100115785"


def payment(options: Options, made: Payment) -> Body:
    """A payment."""
    told: Body = {
        "id": made.id,
        "status": made.status,
        "amount": rubles(made.amount),
        "income_amount": rubles(made.amount - fee(made.amount)) if made.captured_at else None,
        "description": made.description,
        "recipient": {"account_id": options.shop_id, "gateway_id": "1"},
        "payment_method": _method(made),
        "captured_at": made.captured_at,
        "created_at": made.created_at,
        "expires_at": made.expires_at if made.status == "waiting_for_capture" else "",
        "confirmation": _confirmation(options, made),
        "refunded_amount": rubles(made.refunded) if made.captured_at else None,
        "receipt_registration": made.receipt_registration,
        "metadata": made.metadata,
        "cancellation_details": _cancellation(made),
        "authorization_details": _authorization(made),
        "merchant_customer_id": made.customer,
    }
    told = {name: value for name, value in told.items() if value not in (None, "")}
    refundable = made.status == "succeeded" and made.refunded < made.amount
    return told | {"test": True, "paid": made.is_paid, "refundable": refundable}


def refund(made: Refund) -> Body:
    """A refund."""
    told = {
        "id": made.id,
        "payment_id": made.payment_id,
        "status": made.status,
        "created_at": made.created_at,
        "amount": rubles(made.amount),
        "description": made.description,
        "metadata": made.metadata,
        "receipt_registration": made.receipt_registration,
        "cancellation_details": _cancellation(made),
    }
    return {name: value for name, value in told.items() if value not in (None, "", {})}


def receipt(made: Receipt) -> Body:
    """A receipt, with the till's numbers once it has them."""
    told: Body = {
        "id": made.id,
        "type": made.type,
        "payment_id": made.payment_id,
        "refund_id": made.refund_id,
        "status": made.status,
        "items": made.asked["items"],
        "settlements": made.asked.get("settlements"),
        "tax_system_code": made.asked.get("tax_system_code"),
        "internet": True,
    }
    if made.registered_at:
        told |= {
            "fiscal_document_number": str(_DOCUMENT + made.number),
            "fiscal_storage_number": _STORAGE,
            "fiscal_attribute": str(2_617_000_000 + made.number * 7919),
            "fiscal_provider_id": made.id.removeprefix("rt-"),
            "registered_at": made.registered_at,
        }
    return {name: value for name, value in told.items() if value not in (None, "")}


def me(options: Options) -> Body:
    """The shop."""
    return {
        "account_id": options.shop_id,
        "status": "enabled",
        "test": True,
        "fiscalization": {"enabled": True, "provider": "yoo_receipt"},
        "fiscalization_enabled": True,
        "payment_methods": [CARD, SBP],
        "itn": "7203000001",
    }


def _method(made: Payment) -> Body | None:
    if not made.method_id:
        return None
    told: Body = {"type": made.method, "id": made.method_id, "saved": made.is_saved}
    told["status"] = "active" if made.is_saved else "inactive"
    if made.card is None:
        return told
    card = made.card
    return told | {
        "title": f"Bank card *{card['last4']}",
        "card": card | {"issuer_country": "RU", "issuer_name": "Sandbox Bank"},
    }


def _confirmation(options: Options, made: Payment) -> Body | None:
    if made.status != "pending" or not made.confirmation:
        return None
    if made.confirmation == "qr":
        return {"type": "qr", "confirmation_data": sbp.link(options.origin, made.qr, made.amount)}
    url = f"{options.origin}/pay/{made.id}"
    return {"type": "redirect", "confirmation_url": url, "return_url": made.return_url}


def _cancellation(made: Payment | Refund) -> Body | None:
    return {"party": made.party, "reason": made.reason} if made.reason else None


def _authorization(made: Payment) -> Body | None:
    if not made.is_paid or made.method != CARD:
        return None
    return {"rrn": made.id.replace("-", "")[:12], "auth_code": made.id[:6]}
