"""The ways to pay a sum, of all gateways that are installed."""

from dataclasses import dataclass

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


def of_choice(found: list[Choice], value: str) -> Choice | None:
    """The one that a form names."""
    return next((choice for choice in found if choice.value == value), None)
