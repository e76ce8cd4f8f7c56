"""The ways to pay a sum, of all gateways that are installed."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tesweb.current import core
from tesweb.money import Kopecks
from tesweb.payments.gateways import Teller
from tesweb.payments.protocol import Autopay, Unclear, Way


@dataclass(frozen=True, slots=True)
class Choice:
    """A way to pay through a gateway, with what it costs."""

    gateway: str
    title: str
    way: Way
    fee: Kopecks
    total: Kopecks
    most: Kopecks
    #: Whether it takes this sum.
    is_open: bool
    #: Whether it can remember a card.
    remembers: bool
    origins: tuple[str, ...]

    @property
    def value(self) -> str:
        """What the form says."""
        return f"{self.gateway}:{self.way.value}"


def choices(amount: Kopecks) -> list[Choice]:
    """Every way; those that do not take the sum are not open.

    A gateway that cannot say what it asks for the sum is left out: the others can be paid by.
    """
    found = []
    for name, teller in sorted(core().gateways.items()):
        for way in teller.ways:
            with suppress(Unclear):
                found.append(_choice(name, teller, way, amount))
    return sorted(found, key=lambda choice: list(Way).index(choice.way))


def _choice(name: str, teller: Teller, way: Way, amount: Kopecks) -> Choice:
    terms = teller.terms(amount, way)
    total = Kopecks(amount + terms.fee)
    return Choice(
        gateway=name,
        title=teller.title,
        way=way,
        fee=terms.fee,
        total=total,
        most=terms.most,
        is_open=terms.least <= total <= terms.most,
        remembers=way is Way.CARD and teller.can(Autopay),
        origins=teller.origins,
    )


@dataclass(frozen=True, slots=True)
class Saved:
    """A card that can be charged with this sum, and what that costs."""

    id: int
    brand: str
    last4: str
    choice: Choice

    @property
    def value(self) -> str:
        """What the form says."""
        return f"saved:{self.id}"


def saved(found: list[Choice], cards: Iterable[Any]) -> list[Saved]:
    """The payer's cards, rows of `payment_cards`, of gateways that take the sum."""
    ways = {choice.gateway: choice for choice in found if choice.remembers and choice.is_open}
    return [
        Saved(card.id, card.brand, card.last4, ways[card.gateway])
        for card in cards
        if card.gateway in ways
    ]


def of_choice(found: list[Choice], value: str) -> Choice | None:
    """The one that a form names."""
    return next((choice for choice in found if choice.value == value), None)
