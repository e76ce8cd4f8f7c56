"""The gateway: each method is a question or some to T-Bank."""

import json
import logging
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from ipaddress import IPv6Address, ip_address
from typing import Any, NoReturn
from urllib.parse import urlsplit
from uuid import UUID

from tesweb.api import Kopecks, payments
from tesweb_tbank import answers, bodies
from tesweb_tbank.settings import TBankSettings
from tesweb_tbank.signing import is_genuine
from tesweb_tbank.wire import Call, Rejected, Wire

log = logging.getLogger(__name__)

Body = dict[str, Any]
_LEAST = {payments.Way.CARD: Kopecks(1_00), payments.Way.SBP: Kopecks(10_00)}
#: T-Bank is sure that it has no such payment (255) or order (335).
_ABSENT = frozenset({"255", "335"})
#: What a repetition, another day or another set-up may change: T-Bank's own troubles, its limits
#: for us, our terminal and password, our account without money for a refund.
_CODES = (
    "3 5 10 21 96 97 98 99 100 102 120 123 125 191 202 204 205 311 312 313 314 315 401 402 501 648 "
    "999 1018 1030 1034 1089 1091 1096 3001 3002 3019 3029 3030 3041 3042 9001 9999"
)
_PASSING = frozenset(_CODES.split())
#: The payment is no longer in the state for it: somebody has done it before.
_DONE_BEFORE = frozenset({"4", "8"})


def of(settings: TBankSettings) -> "TBank":
    """The gateway that the settings ask for."""
    return (TBankWithCards if settings.saves_cards else TBank)(settings, Wire(settings))


@dataclass(frozen=True)
class TBank:
    """Takes cards and SBP and gives money back. It keeps nothing, so any thread may call it."""

    settings: TBankSettings
    wire: Wire
    name = "tbank"
    title = "T-Bank"
    #: T-Bank takes an order's number once, for ever; after an hour nobody can pay it any more.
    key_lives = bodies.LIFE - timedelta(minutes=10)

    def __reduce__(self) -> NoReturn:
        """Refuse: pickle would write the password in clear."""
        raise TypeError("a gateway knows a secret: it is not pickled")

    @property
    def ways(self) -> tuple[payments.Way, ...]:
        """What the terminal may take."""
        return self.settings.ways

    @property
    def origins(self) -> tuple[str, ...]:
        """Where its pages lie."""
        return self.settings.origins

    def limits(self, way: payments.Way) -> tuple[Kopecks, Kopecks]:
        """T-Bank's least, and the most of the settings."""
        return _LEAST[way], Kopecks(self.settings.most * 100)

    def fee(self, amount: Kopecks, way: payments.Way) -> Kopecks:
        """The percentage of the settings, rounded half up."""
        del way
        share = Decimal(max(amount, 0)) * self.settings.fee / 100
        return Kopecks(int(share.quantize(Decimal(1), rounding=ROUND_HALF_UP)))

    def start(self, order: payments.Order) -> payments.Started:
        """Make the payment; the payer goes on to T-Bank's page, for SBP to the bank's application.

        Of a payment that was made before T-Bank does not tell the page again.
        """
        with self.wire.call() as call:
            made = _made(call, order, bodies.payment(order, self.settings))
            reference, url = answers.number(made), made.get("PaymentURL")
            step: payments.Redirect | payments.Code | None = None
            if made.get("Status") == "NEW" and order.way is payments.Way.SBP:
                step = _code(call, reference)
            elif isinstance(url, str):
                step = payments.Redirect(url)
        return payments.Started(reference, step, order.placed_at + bodies.LIFE)

    def report(self, order: payments.Order) -> payments.Report:
        """Ask for the payment; one whose number was lost is looked for by the order's."""
        with self.wire.call() as call:
            found = _state(call, order.reference or _looked_up(call, order), order)
            is_paid = answers.state_of(found) is payments.BankState.PAID
            keeps = order.remember and self.settings.saves_cards and is_paid
            card = self._card(call, order) if keeps else None
            return answers.report(found, order, card)

    def read(self, notification: payments.Notification) -> payments.Notice:
        """Look at the sender's address and at the signature; then at what it is about."""
        if not self._is_theirs(notification.remote_address):
            raise payments.Forged("the address is not one of T-Bank's")
        try:
            # A number is signed as it is written, so a fraction must not become a float.
            body = json.loads(notification.body, parse_float=str)
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict) or body.get("TerminalKey") != self.settings.terminal_key:
            raise payments.Forged("the notification is not for this terminal")
        if not is_genuine(body, self.settings.password):
            raise payments.Forged("the notification's signature is wrong")
        try:
            return payments.Notice(key=UUID(str(body.get("OrderId"))))
        except ValueError:
            return payments.Notice(reference=_named(body))

    def refund(self, order: payments.Order, key: UUID, amount: Kopecks) -> None:
        """Give money back; that it has arrived, the report tells."""
        with self.wire.call() as call:
            reference = order.reference or _looked_up(call, order)
            state = _state(call, reference, order).get("Status")
            # Cancel would end a payment that waits, or let go of money that is held.
            if answers.state_of({"Status": state}) is not payments.BankState.PAID:
                raise payments.Refused(text=f"nothing to give back of a payment that is {state}")
            try:
                call.ask("Cancel", bodies.refund(order, reference, key, amount, self.settings))
            except Rejected as no:
                raise _refusal(no) from None

    def _card(self, call: Call, order: payments.Order) -> payments.SavedCard | None:
        """The card that the payer wanted to be remembered, once T-Bank remembers it."""
        customer = bodies.order_id(order.key)
        try:
            cards = call.listed("GetCardList", {"CustomerKey": customer})
        except Rejected as no:
            log.warning("order %s: %s", order.number, no)
            return None
        return answers.card_of(cards, customer)

    def _is_theirs(self, address: str) -> bool:
        if not self.settings.networks:
            return True
        try:
            sender = ip_address(address)
        except ValueError:
            return False
        if isinstance(sender, IPv6Address) and sender.ipv4_mapped is not None:
            sender = sender.ipv4_mapped
        return any(sender in network for network in self.settings.networks)


@dataclass(frozen=True)
class TBankWithCards(TBank):
    """Takes money from cards that T-Bank remembers, too."""

    def charge(self, order: payments.Order, card: payments.SavedCard) -> str:
        """Make the payment, and charge it to the card unless that has happened."""
        rebill = answers.Token.of(card).rebill
        with self.wire.call() as call:
            made = _made(call, order, bodies.charge(order, self.settings))
            reference = answers.number(made)
            if made.get("Status") == "NEW":
                _charge(call, reference, rebill)
        return reference

    def forget(self, card: payments.SavedCard) -> None:
        """Make T-Bank forget the card; one that it does not know is forgotten."""
        token = answers.Token.of(card)
        with self.wire.call() as call:
            try:
                call.ask("RemoveCard", {"CardId": token.card, "CustomerKey": token.customer})
            except Rejected as no:
                if no.code in _PASSING:
                    raise payments.Unclear(str(no)) from None


def _made(call: Call, order: payments.Order, body: Body) -> Body:
    """The payment of that order, new or known.

    A number that was used is refused. Whether it was that, or T-Bank will never take the order, is
    not told by a code but by asking for the order.
    """
    try:
        made = call.ask("Init", body)
    except Rejected as no:
        try:
            return _state(call, _looked_up(call, order), order)
        except payments.Unknown:
            log.warning("order %s: %s", order.number, no)
            raise _refusal(no) from None
    _check(made, order)
    return made


def _looked_up(call: Call, order: payments.Order) -> str:
    """The number of an order's payment. Raises Unknown where T-Bank has no such order."""
    try:
        found = call.ask("CheckOrder", {"OrderId": bodies.order_id(order.key)})
    except Rejected as no:
        raise (payments.Unknown if no.code in _ABSENT else payments.Unclear)(str(no)) from None
    return answers.furthest(found)


def _state(call: Call, reference: str, order: payments.Order) -> Body:
    try:
        found = call.ask("GetState", {"PaymentId": reference})
    except Rejected as no:
        raise (payments.Unknown if no.code in _ABSENT else payments.Unclear)(str(no)) from None
    _check(found, order)
    if answers.number(found) != reference:
        raise payments.Unclear("T-Bank's payment is another one")
    return found


def _check(payment: Body, order: payments.Order) -> None:
    if payment.get("OrderId") != bodies.order_id(order.key):
        raise payments.Unclear("T-Bank's payment belongs to another order")


def _charge(call: Call, reference: str, rebill: str) -> None:
    try:
        call.ask("Charge", {"PaymentId": reference, "RebillId": rebill})
    except Rejected as no:
        if no.code not in _DONE_BEFORE:
            raise _refusal(no) from None


def _code(call: Call, reference: str) -> payments.Code:
    try:
        found = call.ask("GetQr", {"PaymentId": reference, "DataType": "PAYLOAD"})
    except Rejected as no:
        raise payments.Unclear(str(no)) from None
    link = found.get("Data")
    if not isinstance(link, str) or urlsplit(link).scheme != "https":
        raise payments.Unclear("T-Bank's answer has no link for SBP")
    return payments.Code(link)


def _refusal(no: Rejected) -> payments.GatewayError:
    """What a code means to the core: a no, or that it is to ask again."""
    if not no.code or no.code in _PASSING:
        return payments.Unclear(str(no))
    return payments.Refused(answers.reason_of(no.code), str(no))


def _named(body: Body) -> str:
    """The payment of a notification that names no order of ours."""
    try:
        return answers.number(body)
    except payments.Unclear:
        raise payments.Forged("the notification names no payment") from None
