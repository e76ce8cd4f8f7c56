"""What T-Bank says: its objects in the protocol's words; whatever makes no sense is Unclear."""

import re
from dataclasses import dataclass
from typing import Any

from tesweb.api import Kopecks, payments

Body = dict[str, Any]
_PENDING, _HELD = payments.BankState.PENDING, payments.BankState.HELD
_STATES = {
    "NEW": _PENDING,
    "FORM_SHOWED": _PENDING,
    "PREAUTHORIZING": _PENDING,
    "AUTHORIZING": _PENDING,
    "3DS_CHECKING": _PENDING,
    "3DS_CHECKED": _PENDING,
    "AUTHORIZED": _HELD,
    "CONFIRMING": _HELD,
    "REVERSING": _HELD,
    "PARTIAL_REVERSED": _HELD,
    "CONFIRMED": payments.BankState.PAID,
    "PARTIAL_REFUNDED": payments.BankState.PAID,
    "REFUNDED": payments.BankState.PAID,
    "REJECTED": payments.BankState.FAILED,
    "AUTH_FAIL": payments.BankState.FAILED,
    "CANCELED": payments.BankState.CANCELED,
    "REVERSED": payments.BankState.CANCELED,
    "DEADLINE_EXPIRED": payments.BankState.EXPIRED,
}
#: Money is on its way back and nobody can say how much has gone: ask again.
_BETWEEN = frozenset({"REFUNDING", "ASYNC_REFUNDING"})
_RANK = {
    payments.BankState.EXPIRED: 0,
    payments.BankState.CANCELED: 1,
    payments.BankState.FAILED: 2,
    payments.BankState.PENDING: 3,
    payments.BankState.HELD: 4,
    payments.BankState.PAID: 5,
}
#: T-Bank's codes that tell the payer something; every other one is a decline without a reason.
_REASONS = {
    payments.Reason.NOT_ENOUGH_MONEY: "103 116 1051 5060",
    payments.Reason.WRONG_NUMBER: "508 642 1014 1015",
    payments.Reason.WRONG_CODE: "1082",
    payments.Reason.CARD_EXPIRED: "252 1033 1054 1080",
    payments.Reason.NOT_CONFIRMED: "101 106 108 109 110 111 511 1235",
    payments.Reason.CALL_BANK: "1001 5067",
    payments.Reason.LIMIT_REACHED: "119 403 404 405 406 603 632 1013 1061 1065 1075 1202 1203 "
    "1204 5061 5062",
    payments.Reason.CARD_RESTRICTED: "506 600 601 1041 1043 1057 1058 1062 5064 5065 5066",
    payments.Reason.COUNTRY_FORBIDDEN: "76 77 1205",
    payments.Reason.FRAUD_SUSPECTED: "1004 1059 1063 5063",
    payments.Reason.BANK_UNAVAILABLE: "120 123 125 1018 1030 1034 1089 1091 1096 9001",
    payments.Reason.TIME_OVER: "12 1071",
    payments.Reason.PERMISSION_REVOKED: "104 107",
}
_BY_CODE = {code: reason for reason, codes in _REASONS.items() for code in codes.split()}
_KNOWN_BRANDS = (
    (re.compile(r"220[0-4]"), "mir"),
    (re.compile(r"4"), "visa"),
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), "mastercard"),
)


@dataclass(frozen=True, slots=True)
class Token:
    """All that T-Bank wants to know to charge a card, or to forget it."""

    rebill: str
    customer: str
    card: str

    def __str__(self) -> str:
        """One line of it, which the core seals."""
        return f"{self.rebill}/{self.customer}/{self.card}"

    @classmethod
    def of(cls, card: payments.SavedCard) -> "Token":
        """The token of a card. Raises Refused for one that is not T-Bank's."""
        parts = card.token.split("/")
        if len(parts) != 3 or not parts[0].isdigit():  # noqa: PLR2004 - its three parts
            raise payments.Refused(payments.Reason.PERMISSION_REVOKED, "no card of T-Bank's")
        return cls(*parts)


def reason_of(code: object) -> payments.Reason:
    """What the payer can be told about a code."""
    return _BY_CODE.get(str(code), payments.Reason.DECLINED)


def number(body: Body, name: str = "PaymentId") -> str:
    """A number of T-Bank's, which comes as a text or as a number. Raises Unclear."""
    found = body.get(name)
    if isinstance(found, bool) or not isinstance(found, str | int) or not str(found).isdigit():
        raise payments.Unclear(f"T-Bank's answer has no {name}")
    return str(found)


def kopecks(body: Body) -> Kopecks:
    """The sum of an answer. Raises Unclear."""
    found = body.get("Amount")
    if isinstance(found, bool) or not isinstance(found, int) or found < 0:
        raise payments.Unclear("T-Bank's answer has a sum that is none")
    return Kopecks(found)


def state_of(payment: Body) -> payments.BankState:
    """How far a payment has come. Raises Unclear."""
    told = payment.get("Status")
    if told in _BETWEEN:
        raise payments.Unclear("T-Bank is giving money back just now")
    state = _STATES.get(told) if isinstance(told, str) else None
    if state is None:
        raise payments.Unclear("T-Bank's payment is in a state that nobody knows")
    return state


def furthest(order: Body) -> str:
    """The number of an order's payment; of several, the one that has come furthest."""
    found = order.get("Payments")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise payments.Unclear("T-Bank's order has no list of payments")
    if not found:
        raise payments.Unknown("T-Bank's order has no payment")
    if len(found) == 1:
        return number(found[0])
    ranked = sorted(found, key=lambda one: _RANK[state_of(one)])
    if state_of(ranked[-2]) in {_HELD, payments.BankState.PAID}:
        raise payments.Unclear("T-Bank has taken money twice for one order")
    return number(ranked[-1])


def report(
    payment: Body, order: payments.Order, card: payments.SavedCard | None
) -> payments.Report:
    """A payment as the core asks for it. Raises Unclear."""
    state = state_of(payment)
    paid, refunded, reason = Kopecks(0), Kopecks(0), None
    if state is payments.BankState.PAID:
        paid, refunded = _sums(payment, order.amount)
    elif state is payments.BankState.FAILED:
        reason = reason_of(payment.get("ErrorCode"))
    elif state is payments.BankState.EXPIRED:
        reason = payments.Reason.TIME_OVER
    return payments.Report(
        state=state,
        reference=number(payment),
        paid=paid,
        refunded=refunded,
        reason=reason,
        card=card,
    )


def _sums(payment: Body, asked: Kopecks) -> tuple[Kopecks, Kopecks]:
    """What came and what went back: once some of it went, T-Bank tells what is left."""
    told = payment["Status"]
    if told == "CONFIRMED":
        return kopecks(payment), Kopecks(0)
    if told == "REFUNDED":
        return asked, asked
    left = kopecks(payment)
    if not 0 < left < asked:
        raise payments.Unclear("T-Bank has given a part back and does not say how much")
    return asked, Kopecks(asked - left)


def card_of(cards: list[Body], customer: str) -> payments.SavedCard | None:
    """The card that a customer has let T-Bank remember; None while it has none."""
    for card in cards:
        rebill, known = str(card.get("RebillId") or ""), str(card.get("CardId") or "")
        if card.get("Status") != "A" or not rebill.isdigit() or not known.isdigit():
            continue
        pan = str(card.get("Pan"))
        last4 = pan[-4:] if re.fullmatch(r"\d{4}", pan[-4:], re.ASCII) else ""
        return payments.SavedCard(str(Token(rebill, customer, known)), _brand(pan), last4)
    return None


def _brand(pan: str) -> str:
    return next((name for begin, name in _KNOWN_BRANDS if begin.match(pan)), "")
