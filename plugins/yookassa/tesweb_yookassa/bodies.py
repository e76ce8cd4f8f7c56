"""What YooKassa is told: bodies made of the order alone, so that a repeated request is the same."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from tesweb.api import Kopecks, payments
from tesweb_yookassa.settings import YooKassaSettings

Body = dict[str, Any]
_VAT = {
    payments.Vat.NONE: 1,
    payments.Vat.ZERO: 2,
    payments.Vat.TEN: 3,
    payments.Vat.TWENTY: 4,
    payments.Vat.TEN_110: 5,
    payments.Vat.TWENTY_120: 6,
    payments.Vat.TWENTY_TWO: 11,
    payments.Vat.TWENTY_TWO_122: 12,
}
_METHODS = {payments.Way.CARD: "bank_card", payments.Way.SBP: "sbp"}


def rubles(amount: Kopecks) -> Body:
    """`{"value": "1234.05", "currency": "RUB"}`."""
    whole, rest = divmod(amount, 100)
    return {"value": f"{whole}.{rest:02d}", "currency": "RUB"}


def payment(order: payments.Order, settings: YooKassaSettings) -> Body:
    """A payment that the payer confirms on YooKassa's page.

    SBP goes by that page too, not by a QR code of ours: the page shows the code on a desktop and a
    button with the list of banks on a phone, counts the hour down and leads back to us from either.
    """
    body = _common(order, settings) | {
        "confirmation": {"type": "redirect", "return_url": order.return_url},
        "payment_method_data": {"type": _METHODS[order.way]},
    }
    if order.remember and settings.saves_cards and order.way is payments.Way.CARD:
        body["save_payment_method"] = True
    return body


def charge(order: payments.Order, card: payments.SavedCard, settings: YooKassaSettings) -> Body:
    """A payment by a card that YooKassa remembers, with nobody there."""
    return _common(order, settings) | {"payment_method_id": card.token}


def refund(
    order: payments.Order, reference: str, amount: Kopecks, settings: YooKassaSettings
) -> Body:
    """A refund with its receipt."""
    return {
        "payment_id": reference,
        "amount": rubles(amount),
        "metadata": _metadata(order),
        "receipt": _receipt(order, _returned(order.lines, amount), settings),
    }


def key_of(key: UUID) -> str:
    """A key as YooKassa gets it, in the header and in the metadata."""
    return str(key)


def _common(order: payments.Order, settings: YooKassaSettings) -> Body:
    body: Body = {
        "amount": rubles(order.amount),
        "capture": True,
        "description": order.purpose[:128],
        "metadata": _metadata(order),
        "receipt": _receipt(order, order.lines, settings),
    }
    if order.customer:
        body["merchant_customer_id"] = order.customer[:200]
    if order.utilities is not None:
        body["payment_order"] = _utilities(order.utilities, order.amount)
    return body


def _metadata(order: payments.Order) -> Body:
    return {"key": key_of(order.key), "number": order.number}


def _receipt(
    order: payments.Order, lines: Iterable[payments.Line], settings: YooKassaSettings
) -> Body:
    contact = order.contact
    customer = {"email": contact} if "@" in contact else {"phone": contact.removeprefix("+")}
    receipt: Body = {"customer": customer, "items": [_item(line) for line in lines]}
    if settings.tax_system is not None:
        receipt["tax_system_code"] = settings.tax_system
    return receipt


def _item(line: payments.Line) -> Body:
    """One sum for one account: how many kilowatt hours it pays for is in the bill, not here."""
    return {
        "description": line.title[:128],
        "quantity": "1.00",
        "measure": "piece",
        "amount": rubles(line.amount),
        "vat_code": _VAT[line.vat],
        "payment_subject": "service",
        "payment_mode": "full_payment",
    }


def _returned(lines: tuple[payments.Line, ...], amount: Kopecks) -> list[payments.Line]:
    """What of the receipt goes back: the line of just that sum, else lines until it is made up."""
    for line in lines:
        if line.amount == amount:
            return [line]
    found, left = [], amount
    for line in lines:
        part = Kopecks(min(left, line.amount))
        if part:
            found.append(payments.Line(line.title, part, line.vat))
        left = Kopecks(left - part)
    return found


def _utilities(utilities: payments.Utilities, amount: Kopecks) -> Body:
    payee, period = utilities.payee, utilities.period
    return {
        "type": "utilities",
        "amount": rubles(amount),
        "payment_purpose": utilities.purpose[:210],
        "recipient": {
            "name": payee.name,
            "inn": payee.inn,
            "kpp": payee.kpp,
            "bank": {
                "name": payee.bank[:45],
                "bic": payee.bic,
                "account": payee.account,
                "correspondent_account": payee.correspondent_account,
            },
        },
        "kbk": payee.kbk,
        "oktmo": payee.oktmo,
        "payment_period": {"month": period.month, "year": period.year},
        "account_number": utilities.account_number,
    }
