"""A bank in memory with a gateway to it, honest and obedient; its faults are switched on by tests.

The core's own tests pay here, and `GatewayContract` is tried on it. The bank that a browser can see
is the plugin `sandbox_bank`.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from tesweb.clock import Clock
from tesweb.money import NOTHING, Kopecks
from tesweb.payments.protocol import (
    BankState,
    Code,
    Forged,
    Notice,
    Notification,
    Order,
    Reason,
    Redirect,
    Refused,
    Report,
    SavedCard,
    Settled,
    Started,
    Unclear,
    Unknown,
    Way,
)


class Fault(StrEnum):
    """What goes wrong with the next call."""

    #: The bank never hears of it.
    LOST = "lost"
    #: The bank does it, and its answer is lost.
    DEAF = "deaf"
    #: The bank says no.
    REFUSED = "refused"


@dataclass(slots=True)
class Sale:
    """An order as the bank knows it."""

    reference: str
    key: UUID
    amount: Kopecks
    state: BankState = BankState.PENDING
    paid: Kopecks = NOTHING
    refunded: Kopecks = NOTHING
    reason: Reason | None = None
    remember: bool = False
    #: Where the payer is sent back to.
    return_url: str = ""
    card: SavedCard | None = None
    paid_at: datetime | None = None
    refunds: dict[UUID, Kopecks] = field(default_factory=dict)


@dataclass(slots=True)
class Bank:
    """The bank: what it has taken, and what the tests do to it."""

    clock: Clock
    secret: bytes = b"a secret of the bank"
    sales: dict[UUID, Sale] = field(default_factory=dict)
    #: Taken one by one, by the next calls.
    faults: list[Fault] = field(default_factory=list)
    #: While it is down no call reaches it.
    is_down: bool = False
    tokens: dict[str, Reason | None] = field(default_factory=dict)

    def of(self, reference: str) -> Sale:
        """The order of that number. Raises LookupError."""
        found = next((sale for sale in self.sales.values() if sale.reference == reference), None)
        if found is None:
            raise LookupError(reference)
        return found

    def pay(self, reference: str, amount: Kopecks | None = None) -> None:
        """The payer pays, as much as is asked unless told otherwise."""
        sale = self.of(reference)
        sale.state, sale.paid = BankState.PAID, sale.amount if amount is None else amount
        sale.paid_at = self.clock.now()
        if sale.remember:
            token = f"card-{len(self.tokens) + 1}"
            self.tokens[token] = None
            sale.card = SavedCard(token, "mir", "0004")

    def decline(self, reference: str, reason: Reason = Reason.NOT_ENOUGH_MONEY) -> None:
        """The payer's card is declined."""
        sale = self.of(reference)
        sale.state, sale.reason = BankState.FAILED, reason

    def notification(self, reference: str) -> Notification:
        """What the bank sends when something has happened to an order."""
        body = json.dumps({"key": str(self.of(reference).key)}).encode()
        headers = {"x-signature": hmac.new(self.secret, body, hashlib.sha256).hexdigest()}
        return Notification(body, headers, "203.0.113.7")

    def next_fault(self) -> Fault | None:
        """The fault of this call. Raises Unclear while the bank is down."""
        if self.is_down:
            raise Unclear("the bank is down")
        fault = self.faults.pop(0) if self.faults else None
        if fault is Fault.LOST:
            raise Unclear("the call was lost")
        return fault


@dataclass(frozen=True, slots=True)
class BankGateway:
    """The gateway to a `Bank`; it can do everything that a gateway can."""

    bank: Bank
    name: str = "memory"
    title: str = "Банк в памяти"
    ways: tuple[Way, ...] = (Way.CARD, Way.SBP)
    origins: tuple[str, ...] = ("https://bank.example",)
    key_lives: timedelta = timedelta(hours=24)

    def limits(self, way: Way) -> tuple[Kopecks, Kopecks]:
        """From a ruble to 350,000."""
        del way
        return Kopecks(1_00), Kopecks(350_000_00)

    def fee(self, amount: Kopecks, way: Way) -> Kopecks:
        """Nothing: the supplier pays it."""
        del amount, way
        return NOTHING

    def start(self, order: Order) -> Started:
        """Take the order, once for each key."""
        fault = self.bank.next_fault()
        if fault is Fault.REFUSED:
            raise Refused
        sale = self._sale(order)
        if fault is Fault.DEAF:
            raise Unclear("the answer was lost")
        step = (
            Code(f"https://bank.example/sbp/{sale.reference}")
            if order.way is Way.SBP
            else Redirect(f"https://bank.example/pay/{sale.reference}")
        )
        return Started(sale.reference, step, order.placed_at + timedelta(hours=1))

    def report(self, order: Order) -> Report:
        """What is known, in totals."""
        if self.bank.next_fault() is not None:
            raise Unclear("the answer was lost")
        sale = self.bank.sales.get(order.key)
        if sale is None:
            raise Unknown(str(order.key))
        return Report(
            state=sale.state,
            reference=sale.reference,
            paid=sale.paid,
            refunded=sale.refunded,
            reason=sale.reason,
            card=sale.card,
        )

    def read(self, notification: Notification) -> Notice:
        """The order that a signed body names."""
        signature = hmac.new(self.bank.secret, notification.body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(signature, notification.headers.get("x-signature", "")):
            raise Forged
        return Notice(key=UUID(json.loads(notification.body)["key"]))

    def refund(self, order: Order, key: UUID, amount: Kopecks) -> None:
        """Give back, once for each key, and never more than was taken."""
        fault = self.bank.next_fault()
        sale = self.bank.sales.get(order.key)
        if fault is Fault.REFUSED or sale is None or sale.refunded + amount > sale.paid:
            if sale is None or key not in sale.refunds:
                raise Refused
        elif key not in sale.refunds:
            sale.refunds[key] = amount
            sale.refunded = Kopecks(sale.refunded + amount)
        if fault is Fault.DEAF:
            raise Unclear("the answer was lost")

    def charge(self, order: Order, card: SavedCard) -> str:
        """Take money from a card that the bank remembers."""
        fault = self.bank.next_fault()
        if fault is Fault.REFUSED or card.token not in self.bank.tokens:
            raise Refused(Reason.PERMISSION_REVOKED)
        is_new = order.key not in self.bank.sales
        sale = self._sale(replace(order, remember=False))
        if is_new:
            reason = self.bank.tokens[card.token]
            if reason is None:
                self.bank.pay(sale.reference)
            else:
                self.bank.decline(sale.reference, reason)
        if fault is Fault.DEAF:
            raise Unclear("the answer was lost")
        return sale.reference

    def forget(self, card: SavedCard) -> None:
        """The card is known no more."""
        self.bank.tokens.pop(card.token, None)

    def settled(self, day: date) -> Iterable[Settled]:
        """What was taken on that day by UTC, for one percent."""
        for sale in self.bank.sales.values():
            if sale.paid_at is not None and sale.paid_at.date() == day:
                fee = Kopecks(sale.paid // 100)
                yield Settled(sale.reference, sale.key, sale.paid, fee, sale.paid_at)

    def _sale(self, order: Order) -> Sale:
        known = self.bank.sales.get(order.key)
        if known is None:
            reference = f"sale-{len(self.bank.sales) + 1}"
            known = Sale(
                reference,
                order.key,
                order.amount,
                remember=order.remember,
                return_url=order.return_url,
            )
            self.bank.sales[order.key] = known
        return known
