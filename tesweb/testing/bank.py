"""A bank in memory with a gateway to it, honest and obedient; its faults are switched on by tests.

The core's own tests pay here, and `GatewayContract` is tried on it. The bank that a browser can see
is the plugin `sandbox_bank`.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import NoReturn
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
from tesweb.testing.banks import NOT_DONE, UNHEARD, Fault

__all__ = ["Bank", "BankGateway", "Fault", "Sale"]


@dataclass(slots=True)
class Sale:
    """An order as the bank knows it."""

    reference: str
    key: UUID
    amount: Kopecks
    state: BankState = BankState.PENDING
    paid: Kopecks = NOTHING
    refunded: Kopecks = NOTHING
    currency: str = "RUB"
    reason: Reason | None = None
    remember: bool = False
    #: Where the payer is sent back to.
    return_url: str = ""
    card: SavedCard | None = None
    paid_at: datetime | None = None
    refunds: dict[UUID, Kopecks] = field(default_factory=dict)
    refunded_at: dict[UUID, datetime] = field(default_factory=dict)


@dataclass(slots=True)
class Bank:
    """The bank: what it has taken, and what the tests do to it. It is a `Driver` of itself."""

    clock: Clock
    secret: bytes = field(default=b"a secret of the bank", repr=False)
    sales: dict[UUID, Sale] = field(default_factory=dict)
    #: Taken one by one, by the next calls.
    faults: list[Fault] = field(default_factory=list)
    #: While it is down no call reaches it.
    is_down: bool = False
    tokens: dict[str, Reason | None] = field(default_factory=dict, repr=False)
    numbers: Iterator[int] = field(default_factory=lambda: count(1), repr=False)

    def of(self, reference: str) -> Sale:
        """The order of that number. Raises LookupError."""
        found = next((sale for sale in self.sales.values() if sale.reference == reference), None)
        if found is None:
            raise LookupError(reference)
        return found

    def pay(self, reference: str, amount: Kopecks | None = None, currency: str = "RUB") -> None:
        """The payer pays, as much as is asked unless told otherwise."""
        sale = self.of(reference)
        sale.currency = currency
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

    def forgeries(self, reference: str) -> list[Notification]:
        """What somebody else would send: without a signature, with another's, for another body."""
        real = self.notification(reference)
        other = json.dumps({"key": str(self.of(reference).key), "paid": True}).encode()
        return [
            Notification(real.body, {}, real.remote_address),
            Notification(real.body, {"x-signature": "0" * 64}, real.remote_address),
            Notification(other, real.headers, real.remote_address),
        ]

    def revoke(self, card: SavedCard) -> None:
        """The card may be charged no more."""
        self.tokens[card.token] = Reason.PERMISSION_REVOKED

    def spoil(self, fault: Fault) -> None:
        """Let the next call go wrong."""
        self.faults.append(fault)

    def orders(self) -> int:
        """How many orders it has."""
        return len(self.sales)

    def returned(self, reference: str) -> Kopecks:
        """What it has given back."""
        return Kopecks(sum(self.of(reference).refunds.values()))

    def next_fault(self) -> Fault | None:
        """The fault of this call. Raises Unclear for one that the bank does nothing about."""
        if self.is_down:
            raise Unclear("the bank is down")
        fault = self.faults.pop(0) if self.faults else None
        if fault in NOT_DONE:
            raise Unclear(f"the bank is {fault}")
        return fault

    @staticmethod
    def answer(fault: Fault | None) -> None:
        """Raise Unclear where nobody understands what the bank says."""
        if fault in UNHEARD:
            raise Unclear(f"the answer was {fault}")


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
        self.bank.answer(fault)
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
            currency=sale.currency,
            reason=sale.reason,
            card=sale.card,
        )

    def read(self, notification: Notification) -> Notice:
        """The order that a signed body names."""
        signature = hmac.new(self.bank.secret, notification.body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(signature, notification.headers.get("x-signature", "")):
            raise Forged
        return Notice(key=UUID(json.loads(notification.body)["key"]))

    def __reduce__(self) -> NoReturn:
        """It is not written down: the bank's secret would be in the file."""
        raise TypeError("a gateway is not pickled")

    def refund(self, order: Order, key: UUID, amount: Kopecks) -> None:
        """Give back, once for each key, and never more than was taken."""
        fault = self.bank.next_fault()
        sale = self.bank.sales.get(order.key)
        if fault is Fault.REFUSED or sale is None or sale.refunded + amount > sale.paid:
            if sale is None or key not in sale.refunds:
                raise Refused
        elif key not in sale.refunds:
            sale.refunds[key] = amount
            sale.refunded_at[key] = self.bank.clock.now()
            sale.refunded = Kopecks(sale.refunded + amount)
        self.bank.answer(fault)

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
        self.bank.answer(fault)
        return sale.reference

    def forget(self, card: SavedCard) -> None:
        """The card is known no more."""
        if self.bank.is_down:
            raise Unclear("the bank is down")
        self.bank.tokens.pop(card.token, None)

    def settled(self, day: date) -> Iterable[Settled]:
        """What came and went on that day by UTC, for one percent of what came."""
        self.bank.answer(self.bank.next_fault())
        for sale in self.bank.sales.values():
            if sale.paid_at is not None and sale.paid_at.date() == day:
                fee = Kopecks(sale.paid // 100)
                yield Settled(sale.reference, sale.key, sale.paid, fee, sale.paid_at)
            for key, at in sale.refunded_at.items():
                if at.date() == day:
                    back = Kopecks(-sale.refunds[key])
                    yield Settled(sale.reference, sale.key, back, NOTHING, at)

    def _sale(self, order: Order) -> Sale:
        known = self.bank.sales.get(order.key)
        if known is None:
            known = Sale(
                f"sale-{next(self.bank.numbers)}",
                order.key,
                order.amount,
                remember=order.remember,
                return_url=order.return_url,
            )
            # Of two threads with one key the first wins.
            known = self.bank.sales.setdefault(order.key, known)
        return known
