"""Gateways that are wrong in one way each; all else they do as the honest one."""

import json
import logging
import pickle
import threading
import time
from dataclasses import dataclass, replace
from typing import Any, ClassVar, cast
from uuid import UUID, uuid4

from tesweb.money import Kopecks
from tesweb.payments.protocol import (
    BankState,
    Code,
    Fiscal,
    FiscalState,
    Notice,
    Notification,
    Order,
    Redirect,
    Refused,
    Report,
    SavedCard,
    Started,
    Unclear,
    Unknown,
)
from tesweb.testing.bank import BankGateway

log = logging.getLogger(__name__)


class ForgetsTheKey(BankGateway):
    """Makes up a key of its own."""

    def start(self, order: Order) -> Started:
        return BankGateway.start(self, replace(order, key=uuid4()))


class RepeatsByItself(BankGateway):
    """Tries again, with a new key, when the answer was lost."""

    def start(self, order: Order) -> Started:
        try:
            return BankGateway.start(self, order)
        except Unclear:
            return BankGateway.start(self, replace(order, key=uuid4()))


class RefusesWhatMayHaveHappened(BankGateway):
    """Takes a lost answer for a no."""

    def start(self, order: Order) -> Started:
        try:
            return BankGateway.start(self, order)
        except Unclear as error:
            raise Refused from error


class ChargesTwice(BankGateway):
    """Charges anew at each call."""

    def charge(self, order: Order, card: SavedCard) -> str:
        return BankGateway.charge(self, replace(order, key=uuid4()), card)


class TrustsAForgedNotice(BankGateway):
    """Looks at no signature."""

    def read(self, notification: Notification) -> Notice:
        return Notice(key=UUID(json.loads(notification.body)["key"]))


class CrashesOnJunk(BankGateway):
    """Looks into a notification before it looks at who sent it."""

    def read(self, notification: Notification) -> Notice:
        json.loads(notification.body)["key"]
        return BankGateway.read(self, notification)


class NamesAnotherOrder(BankGateway):
    """Says that every notification is about the same order."""

    def read(self, notification: Notification) -> Notice:
        BankGateway.read(self, notification)
        return Notice(key=UUID(int=7))


class CallsTheBankToRead(BankGateway):
    """Asks the bank whether it has sent this."""

    def read(self, notification: Notification) -> Notice:
        self.bank.next_fault()
        return BankGateway.read(self, notification)


class CutsKopecks(BankGateway):
    """Sends rubles as a float."""

    def start(self, order: Order) -> Started:
        return BankGateway.start(
            self, replace(order, amount=Kopecks(int(order.amount / 100 * 100)))
        )


class ReadsKopecksAsFloat(BankGateway):
    """Reads the bank's rubles as a float."""

    def report(self, order: Order) -> Report:
        found = BankGateway.report(self, order)
        return replace(found, paid=Kopecks(int(float(f"{found.paid / 100:.2f}") * 100)))


class ReportsWhatWasAsked(BankGateway):
    """Says that the order's own sum was paid, whatever came."""

    def report(self, order: Order) -> Report:
        found = BankGateway.report(self, order)
        return replace(found, paid=order.amount) if found.paid else found


class PaidWithoutMoney(BankGateway):
    """Takes every order that the bank has for a paid one."""

    def report(self, order: Order) -> Report:
        return replace(BankGateway.report(self, order), state=BankState.PAID, paid=order.amount)


class ReportsAnotherOrder(BankGateway):
    """Reports the order that was paid last."""

    def report(self, order: Order) -> Report:
        known = BankGateway.report(self, order)
        paid = [sale for sale in self.bank.sales.values() if sale.paid]
        other = paid[-1] if paid else None
        return known if other is None else replace(known, state=other.state, paid=other.paid)


class IgnoresTheCurrency(BankGateway):
    """Has never seen another currency."""

    def report(self, order: Order) -> Report:
        return replace(BankGateway.report(self, order), currency="RUB")


class DeclinesWithoutAReason(BankGateway):
    """Leaves the payer alone."""

    def report(self, order: Order) -> Report:
        return replace(BankGateway.report(self, order), reason=None)


class UnknownWhenNotAsked(BankGateway):
    """Takes no answer for «no such order»."""

    def report(self, order: Order) -> Report:
        try:
            return BankGateway.report(self, order)
        except Unclear as error:
            raise Unknown from error


class NeverUnknown(BankGateway):
    """Cannot say that there is no such order."""

    def report(self, order: Order) -> Report:
        try:
            return BankGateway.report(self, order)
        except Unknown as error:
            raise Unclear from error


class NeedsTheReference(BankGateway):
    """Finds no order by its key."""

    def report(self, order: Order) -> Report:
        if order.reference is None:
            raise Unclear("no reference")
        return BankGateway.report(self, order)


class RaisesSomethingElse(BankGateway):
    """Lets a KeyError out when it does not understand the bank."""

    def report(self, order: Order) -> Report:
        try:
            return BankGateway.report(self, order)
        except Unclear as error:
            raise KeyError("status") from error


class ReturnsJunk(BankGateway):
    """Gives what the bank gave."""

    def start(self, order: Order) -> Started:
        return cast("Started", {"id": BankGateway.start(self, order).reference})


class SendsThePayerElsewhere(BankGateway):
    """Has a page that it does not say it has."""

    def start(self, order: Order) -> Started:
        return replace(BankGateway.start(self, order), step=Redirect("https://evil.example/pay"))


class LeadsToAScript(BankGateway):
    """Lets the browser run what it is given as an address."""

    def start(self, order: Order) -> Started:
        return replace(BankGateway.start(self, order), step=Code("javascript:alert(1)"))


class HasAPageOfItsOwn(BankGateway):
    """Gives a step that nobody knows."""

    def start(self, order: Order) -> Started:
        step = cast("Redirect", {"url": "https://bank.example/pay"})
        return replace(BankGateway.start(self, order), step=step)


class StartsWithALongNumber(BankGateway):
    """Gives a number that has no room in the books."""

    def start(self, order: Order) -> Started:
        found = BankGateway.start(self, order)
        return replace(found, reference=found.reference * 65)


class ReportsALongReceipt(BankGateway):
    """Gives a sign of the receipt that has no room in the books."""

    def report(self, order: Order) -> Report:
        fiscal = Fiscal(FiscalState.SUCCEEDED, "1", "2", sign="3" * 17)
        return replace(BankGateway.report(self, order), fiscal=fiscal)


@dataclass(frozen=True)
class HasNoPlace(BankGateway):
    """Has a page that anybody on the way can read."""

    origins: tuple[str, ...] = ("http://bank.example",)


class Hangs(BankGateway):
    """Waits for the bank for ever."""

    def start(self, order: Order) -> Started:
        try:
            return BankGateway.start(self, order)
        except Unclear:
            time.sleep(600)
            raise


class ShowsItsSecret(BankGateway):
    """Is a plain object with a plain secret."""

    def __repr__(self) -> str:
        return f"Gateway(secret={self.bank.secret!r})"


class LogsItsSecret(BankGateway):
    """Logs its requests."""

    def start(self, order: Order) -> Started:
        log.debug("POST /payments, Authorization: %s", self.bank.secret.decode())
        return BankGateway.start(self, order)


class LogsThePayer(BankGateway):
    """Logs who pays."""

    def start(self, order: Order) -> Started:
        log.info("payment of %s", order.contact)
        return BankGateway.start(self, order)


class RaisesItsSecret(BankGateway):
    """Tells in its error what it has sent."""

    def report(self, order: Order) -> Report:
        try:
            return BankGateway.report(self, order)
        except Unclear as error:
            raise Unclear(f"{error}; sent {self.bank.secret.decode()}") from None


class PicklesItsSecret(BankGateway):
    """Can be written down whole."""

    def __reduce__(self) -> Any:  # noqa: ANN401 - pickle's own
        return pickle.loads, (pickle.dumps(self.bank.secret),)


class MixesThreads(BankGateway):
    """Keeps the order that it is at in a place that all threads share."""

    at: ClassVar[list[Order]] = []

    def start(self, order: Order) -> Started:
        self.at[:] = [order]
        time.sleep(0.02)
        return BankGateway.start(self, self.at[0])


class StartsTwiceAtOnce(BankGateway):
    """Remembers the keys it has used, but two threads look before either has written."""

    used: ClassVar[set[UUID]] = set()
    lock: ClassVar[threading.Lock] = threading.Lock()

    def start(self, order: Order) -> Started:
        is_known = order.key in self.used
        time.sleep(0.02)
        self.used.add(order.key)
        return BankGateway.start(self, order if is_known else replace(order, key=uuid4()))
