"""Money that goes back, cards that are remembered, the bank's register.

A gateway without the capability passes: what it does not say it can, it need not do.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from tesweb.money import NOTHING, Kopecks
from tesweb.payments import sense
from tesweb.payments.protocol import (
    Autopay,
    BankState,
    Gateway,
    Order,
    Reason,
    Refunds,
    Refused,
    Register,
    SavedCard,
    Settled,
    Unclear,
    Way,
)
from tesweb.testing.banks import NOT_DONE, UNHEARD, Driver, Fault
from tesweb.testing.contract.basis import Basis, another, order_for, paid, reported
from tesweb.testing.contract.trials import fault as fail
from tesweb.testing.contract.trials import gives, kind, raises, same, want, within

_PART = Kopecks(1_01)
#: What people know a card by.
_DIGITS = 4


class MoneyBack(Basis):
    """The promises of `Refunds`."""

    def test_what_went_back_is_told_in_totals(
        self, gateway: Gateway, bank: Driver, order: Order, patience: float
    ) -> None:
        """And what was paid stays paid."""
        if not isinstance(gateway, Refunds):
            return
        asked = paid(gateway, bank, order, patience)
        for count in (1, 2):
            gives(patience, gateway.refund, asked, uuid4(), _PART)
            report = reported(gateway, asked, patience)
            same(report.refunded, count * _PART, "Report.refunded")
            same((report.state, report.paid), (BankState.PAID, asked.amount), "the payment")

    def test_a_refund_twice_is_once(
        self, gateway: Gateway, bank: Driver, order: Order, patience: float
    ) -> None:
        """The same key is the same refund, after each loss of an answer too."""
        if not isinstance(gateway, Refunds):
            return
        asked, key = paid(gateway, bank, order, patience), uuid4()
        for _ in range(2):
            gives(patience, gateway.refund, asked, key, _PART)
        same(bank.returned(str(asked.reference)), _PART, "what went back")
        for fault in (*NOT_DONE, *UNHEARD):
            before, key = bank.returned(str(asked.reference)), uuid4()
            bank.spoil(fault)
            raises(Unclear, patience, gateway.refund, asked, key, _PART)
            gives(patience, gateway.refund, asked, key, _PART)
            same(bank.returned(str(asked.reference)), before + _PART, f"back after {fault}")

    def test_never_more_goes_back_than_came(
        self, gateway: Gateway, bank: Driver, order: Order, patience: float
    ) -> None:
        """At once or little by little."""
        if not isinstance(gateway, Refunds):
            return
        asked = paid(gateway, bank, order, patience)
        more = Kopecks(asked.amount + 1)
        raises(Refused, patience, gateway.refund, asked, uuid4(), more)
        gives(patience, gateway.refund, asked, uuid4(), asked.amount)
        raises(Refused, patience, gateway.refund, asked, uuid4(), Kopecks(1))
        same(bank.returned(str(asked.reference)), asked.amount, "what went back")

    def test_nothing_goes_back_of_what_nobody_paid(
        self, gateway: Gateway, bank: Driver, order: Order, patience: float
    ) -> None:
        """An order that waits, and one that the bank never had."""
        if not isinstance(gateway, Refunds):
            return
        answer = gives(patience, gateway.start, order)
        asked = replace(order, reference=answer.reference)
        raises(Refused, patience, gateway.refund, asked, uuid4(), _PART)
        same(bank.returned(answer.reference), NOTHING, "what went back")


class Cards(Basis):
    """The promises of `Autopay`."""

    def test_a_card_is_remembered_when_it_is_asked_for(
        self, gateway: Gateway, bank: Driver, patience: float
    ) -> None:
        """By a token, and by four digits, never more."""
        if not isinstance(gateway, Autopay):
            return
        card = _saved(gateway, bank, patience)
        kind(card.token, "SavedCard.token", str)
        want(card.last4.isdigit() and len(card.last4) <= _DIGITS, f"last4: {card.last4!r}")
        want(not any(letter.isdigit() for letter in card.brand), f"brand: {card.brand!r}")

    def test_a_card_is_not_remembered_unasked(
        self, gateway: Gateway, bank: Driver, patience: float
    ) -> None:
        """Without «remember» there is no token."""
        if not isinstance(gateway, Autopay):
            return
        asked = paid(gateway, bank, order_for(gateway, way=Way.CARD), patience)
        card = reported(gateway, asked, patience).card
        want(card is None or not card.token, "a card has a token that nobody asked for")

    def test_a_saved_card_pays(self, gateway: Gateway, bank: Driver, patience: float) -> None:
        """With nobody there; what came of it report() tells."""
        if not isinstance(gateway, Autopay):
            return
        card, order = _saved(gateway, bank, patience), order_for(gateway, way=Way.CARD)
        reference = gives(patience, gateway.charge, order, card)
        want(reference and isinstance(reference, str), "what charge() gives is no reference")
        report = reported(gateway, replace(order, reference=reference), patience)
        same((report.state, report.paid), (BankState.PAID, order.amount), "the payment")

    def test_a_charge_twice_is_one_order(
        self, gateway: Gateway, bank: Driver, patience: float
    ) -> None:
        """The same key is the same order, after each loss of an answer too."""
        if not isinstance(gateway, Autopay):
            return
        card = _saved(gateway, bank, patience)
        for fault in (None, *NOT_DONE, *UNHEARD):
            before, order = bank.orders(), order_for(gateway, way=Way.CARD)
            if fault is None:
                gives(patience, gateway.charge, order, card)
            else:
                bank.spoil(fault)
                raises(Unclear, patience, gateway.charge, order, card)
            gives(patience, gateway.charge, order, card)
            same(bank.orders(), before + 1, f"orders at the bank after {fault}")

    def test_a_revoked_card_pays_nothing(
        self, gateway: Gateway, bank: Driver, patience: float
    ) -> None:
        """Refused at once, or reported as failed; with a reason either way."""
        if not isinstance(gateway, Autopay):
            return
        card, order = _saved(gateway, bank, patience), order_for(gateway, way=Way.CARD)
        bank.revoke(card)
        try:
            reference = within(patience, gateway.charge, order, card)
        except Refused as refused:
            reason: Reason | None = refused.reason
        else:
            report = reported(gateway, replace(order, reference=reference), patience)
            want(report.state in {BankState.FAILED, BankState.CANCELED}, f"state: {report.state}")
            same(report.paid, NOTHING, "Report.paid")
            reason = report.reason
        kind(reason, "the reason", Reason)

    def test_a_card_that_nobody_has_is_refused(
        self, gateway: Gateway, bank: Driver, patience: float
    ) -> None:
        """A token of another shop takes no money."""
        if not isinstance(gateway, Autopay):
            return
        before, order = bank.orders(), order_for(gateway, way=Way.CARD)
        raises(Refused, patience, gateway.charge, order, SavedCard("0" * 36))
        same(bank.orders(), before, "orders at the bank")

    def test_a_card_may_be_forgotten_twice(
        self, gateway: Gateway, bank: Driver, patience: float
    ) -> None:
        """Where the bank can forget it, and where it cannot."""
        if not isinstance(gateway, Autopay):
            return
        card = _saved(gateway, bank, patience)
        for _ in range(2):
            gives(patience, gateway.forget, card)


class Registers(Basis):
    """The promises of `Register`."""

    def test_the_register_has_what_came_and_went(
        self, gateway: Gateway, bank: Driver, order: Order, patience: float
    ) -> None:
        """Each payment and each refund of the day, in whole kopecks, and nothing of other days."""
        if not isinstance(gateway, Register):
            return
        waiting = gives(patience, gateway.start, another(order)).reference
        asked = paid(gateway, bank, order, patience)
        if isinstance(gateway, Refunds):
            gives(patience, gateway.refund, asked, uuid4(), _PART)
        lines = _lines(gateway, patience)
        wanted = [asked.amount, -_PART] if isinstance(gateway, Refunds) else [asked.amount]
        ours = [line for line in lines if line.reference == asked.reference]
        same(sorted(line.amount for line in ours), sorted(wanted), "the order's lines")
        want(all(line.key in {None, asked.key} for line in ours), "a line has another order's key")
        for line in lines:
            want(sense.is_line(line), f"a line that has no place in the books: {line!r}")
        want(waiting not in {line.reference for line in lines}, "an unpaid order is listed")
        long_ago = (datetime.now(UTC) - timedelta(days=400)).date()
        same(gives(patience, _settled, gateway, long_ago), [], "another day")

    def test_a_register_without_an_answer_is_unclear(
        self, gateway: Gateway, bank: Driver, patience: float
    ) -> None:
        """An empty list would mean that nobody has paid."""
        if not isinstance(gateway, Register):
            return
        for fault in (Fault.DOWN, Fault.GARBAGE):
            bank.spoil(fault)
            raises(Unclear, patience, _settled, gateway, datetime.now(UTC).date())


def _settled(gateway: Register, day: date) -> list[Settled]:
    return list(gateway.settled(day))


def _lines(gateway: Register, patience: float) -> list[Settled]:
    """The register of today, wherever the bank's midnight is."""
    now = datetime.now(UTC)
    days = {(now + timedelta(hours=hours)).date() for hours in (-12, 0, 14)}
    return [line for day in sorted(days) for line in gives(patience, _settled, gateway, day)]


def _saved(gateway: Gateway, bank: Driver, patience: float) -> SavedCard:
    """A card that the payer has let the bank remember."""
    order = replace(order_for(gateway, way=Way.CARD), remember=True)
    card = reported(gateway, paid(gateway, bank, order, patience), patience).card
    if card is None or not card.token:
        fail("the card that was to be remembered has no token")
    return card
