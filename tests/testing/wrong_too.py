"""Gateways that are wrong about money that goes back, cards, registers, limits and fees."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import cast
from uuid import UUID, uuid4

from tesweb.money import Kopecks
from tesweb.payments.protocol import (
    BankState,
    Order,
    Report,
    SavedCard,
    Settled,
    Started,
    Unclear,
    Way,
)
from tesweb.testing.bank import BankGateway


class RefundsTwice(BankGateway):
    """Refunds anew at each call."""

    def refund(self, order: Order, key: UUID, amount: Kopecks) -> None:
        del key
        BankGateway.refund(self, order, uuid4(), amount)


class RefundsTooMuch(BankGateway):
    """Gives back whatever is asked for."""

    def refund(self, order: Order, key: UUID, amount: Kopecks) -> None:
        sale = self.bank.sales[order.key]
        sale.refunds[key] = amount
        sale.refunded = Kopecks(sale.refunded + amount)


class ForgetsWhatWentBack(BankGateway):
    """Tells the last refund alone."""

    def report(self, order: Order) -> Report:
        found = BankGateway.report(self, order)
        return replace(found, refunded=Kopecks(min(found.refunded, 1_01)))


class RefundsOutOfThePayment(BankGateway):
    """Takes what went back from what was paid."""

    def report(self, order: Order) -> Report:
        found = BankGateway.report(self, order)
        return replace(found, paid=Kopecks(found.paid - found.refunded))


class LosesTheToken(BankGateway):
    """Forgets the card that it was to remember."""

    def report(self, order: Order) -> Report:
        return replace(BankGateway.report(self, order), card=None)


class RemembersUnasked(BankGateway):
    """Remembers every card."""

    def start(self, order: Order) -> Started:
        return BankGateway.start(self, replace(order, remember=True))


class ShowsTheWholeNumber(BankGateway):
    """Tells more of a card than four digits."""

    def report(self, order: Order) -> Report:
        found = BankGateway.report(self, order)
        card = found.card and SavedCard(found.card.token, "mir", "2200000000000004")
        return replace(found, card=card)


class SaysARevokedCardPaid(BankGateway):
    """Takes a charge that was given to the bank for one that has come."""

    def report(self, order: Order) -> Report:
        found = BankGateway.report(self, order)
        return replace(found, state=BankState.PAID, paid=order.amount)


class CrashesOnForgetting(BankGateway):
    """Forgets a card once."""

    def forget(self, card: SavedCard) -> None:
        del self.bank.tokens[card.token]


class ListsNoRefunds(BankGateway):
    """Has half a register."""

    def settled(self, day: date) -> Iterable[Settled]:
        return [line for line in BankGateway.settled(self, day) if line.amount > 0]


class ListsNothingWhenDown(BankGateway):
    """Takes no answer for an empty register."""

    def settled(self, day: date) -> Iterable[Settled]:
        try:
            return list(BankGateway.settled(self, day))
        except Unclear:
            return []


class ListsHalfKopecks(BankGateway):
    """Reckons the register in floats."""

    def settled(self, day: date) -> Iterable[Settled]:
        lines = BankGateway.settled(self, day)
        return [replace(line, amount=cast("Kopecks", line.amount * 1.0)) for line in lines]


class ListsByItsOwnClock(BankGateway):
    """Says no time zone."""

    def settled(self, day: date) -> Iterable[Settled]:
        lines = BankGateway.settled(self, day)
        return [replace(line, at=line.at.replace(tzinfo=None)) for line in lines]


class HasNoLimits(BankGateway):
    """Names a least that is above its most."""

    def limits(self, way: Way) -> tuple[Kopecks, Kopecks]:
        least, most = BankGateway.limits(self, way)
        return most, least


class TakesAFeeInRubles(BankGateway):
    """Reckons in floats."""

    def fee(self, amount: Kopecks, way: Way) -> Kopecks:
        del way
        return cast("Kopecks", amount * 0.012)
