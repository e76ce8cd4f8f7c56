"""The ways to pay a sum, of all gateways that are installed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tesweb.current import core
from tesweb.money import Kopecks
from tesweb.payments.protocol import Autopay, Way


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
    """Every way; those that do not take the sum are not open."""
    found = []
    for name, teller in sorted(core().gateways.items()):
        gateway = teller.gateway
        for way in gateway.ways:
            least, most = gateway.limits(way)
            fee = gateway.fee(amount, way)
            total = Kopecks(amount + fee)
            remembers = way is Way.CARD and isinstance(gateway, Autopay)
            is_open = least <= total <= most
            found.append(
                Choice(
                    name, gateway.title, way, fee, total, most, is_open, remembers, gateway.origins
                )
            )
    return sorted(found, key=lambda choice: list(Way).index(choice.way))


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
