"""What T-Bank is told: bodies made of the order alone, so that a repeated request is the same."""

from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tesweb.api import Kopecks, payments
from tesweb_tbank.settings import TBankSettings

Body = dict[str, Any]
#: So long can the payer pay; then T-Bank ends the payment by itself.
LIFE = timedelta(hours=1)
_MOSCOW = ZoneInfo("Europe/Moscow")
#: The unit of a piece, in Russian: receipts are in no other language.
_PIECE = b"\xd1\x88\xd1\x82".decode()
_TAX = {
    payments.Vat.NONE: "none",
    payments.Vat.ZERO: "vat0",
    payments.Vat.TEN: "vat10",
    payments.Vat.TWENTY: "vat20",
    payments.Vat.TWENTY_TWO: "vat22",
    payments.Vat.TEN_110: "vat110",
    payments.Vat.TWENTY_120: "vat120",
    payments.Vat.TWENTY_TWO_122: "vat122",
}


def order_id(key: UUID) -> str:
    """An order's number at T-Bank, which takes each number once: that is its idempotence."""
    return str(key)


def payment(order: payments.Order, settings: TBankSettings) -> Body:
    """A payment in one stage that the payer confirms at the bank."""
    body = _common(order, settings) | {
        "SuccessURL": order.return_url,
        "FailURL": order.return_url,
    }
    if order.remember and settings.saves_cards and order.way is payments.Way.CARD:
        # The card is the only one of a customer of its own, so that it is found again: what
        # T-Bank says of a payment does not name its card.
        body |= {"Recurrent": "Y", "CustomerKey": order_id(order.key)}
        body["DATA"] = {"OperationInitiatorType": "1"}
    return body


def charge(order: payments.Order, settings: TBankSettings) -> Body:
    """A payment that a saved card is charged for, with nobody there."""
    return _common(order, settings) | {"DATA": {"OperationInitiatorType": "R"}}


def refund(
    order: payments.Order, reference: str, key: UUID, amount: Kopecks, settings: TBankSettings
) -> Body:
    """A refund; of a part T-Bank wants to know which lines go back."""
    body = {"PaymentId": reference, "Amount": int(amount), "ExternalRequestId": str(key)}
    if amount < order.amount:
        body |= _receipt(order, _returned(order.lines, amount), settings)
    return body


def _common(order: payments.Order, settings: TBankSettings) -> Body:
    until = (order.placed_at + LIFE).astimezone(_MOSCOW)
    return {
        "Amount": int(order.amount),
        "OrderId": order_id(order.key),
        "Description": order.purpose[:140],
        "PayType": "O",
        "NotificationURL": order.notify_url,
        "RedirectDueDate": until.isoformat(timespec="seconds"),
    } | _receipt(order, list(order.lines), settings)


def _receipt(order: payments.Order, lines: list[payments.Line], settings: TBankSettings) -> Body:
    if not settings.receipts:
        return {}
    receipt: Body = {
        "FfdVersion": settings.receipts,
        "Taxation": settings.taxation,
        "Items": [_item(line, settings) for line in lines],
        "Email" if "@" in order.contact else "Phone": order.contact,
    }
    return {"Receipt": receipt}


def _item(line: payments.Line, settings: TBankSettings) -> Body:
    """One sum for one account: how many kilowatt hours it pays for is in the bill, not here."""
    item: Body = {
        "Name": line.title[:128],
        "Price": int(line.amount),
        "Quantity": 1,
        "Amount": int(line.amount),
        "Tax": _TAX[line.vat],
        "PaymentMethod": "full_payment",
        "PaymentObject": "service",
    }
    if settings.receipts == "1.2":
        item["MeasurementUnit"] = _PIECE
    return item


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
