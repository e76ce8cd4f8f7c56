"""The gateways that are installed, each behind a guard against whatever its plugin does."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from tesweb.money import Kopecks
from tesweb.payments.calls import Caller
from tesweb.payments.protocol import (
    Autopay,
    BankState,
    FiscalState,
    Gateway,
    Notice,
    Notification,
    Order,
    Reason,
    Refunds,
    Register,
    Report,
    SavedCard,
    Settled,
    Started,
    Unclear,
)

log = logging.getLogger(__name__)


class CannotDo(LookupError):
    """The gateway has no such capability."""


@dataclass(frozen=True, slots=True)
class Teller:
    """The one way to call a gateway. Each method raises what the protocol says and nothing else."""

    gateway: Gateway
    caller: Caller = field(init=False)

    def __post_init__(self) -> None:
        """Calls of one gateway are counted together."""
        object.__setattr__(self, "caller", Caller(self.gateway.name))

    def start(self, order: Order) -> Started:
        """Give the order to the bank."""
        return self.caller.ask(lambda: self.gateway.start(order), Started)

    def report(self, order: Order) -> Report:
        """Ask the bank about the order. Raises Unclear for a report that makes no sense."""
        report = self.caller.ask(lambda: self.gateway.report(order), Report)
        if not makes_sense(report):
            log.error("%s's report makes no sense", self.gateway.name)
            raise Unclear(f"{self.gateway.name}'s report makes no sense")
        return report

    def read(self, notification: Notification) -> Notice:
        """Make sure who a notification is from; no bank is called."""
        return self.caller.ask(lambda: self.gateway.read(notification), Notice)

    def refund(self, order: Order, key: UUID, amount: Kopecks) -> None:
        """Give money back. Raises CannotDo where the gateway cannot."""
        gateway = self.gateway
        if not isinstance(gateway, Refunds):
            raise CannotDo(gateway.name)
        self.caller.ask(lambda: gateway.refund(order, key, amount), None)

    def charge(self, order: Order, card: SavedCard) -> str:
        """Take money from a saved card. Raises CannotDo where the gateway cannot."""
        gateway = self.gateway
        if not isinstance(gateway, Autopay):
            raise CannotDo(gateway.name)
        return self.caller.ask(lambda: gateway.charge(order, card), str)

    def forget(self, card: SavedCard) -> None:
        """Make the bank forget a card. Raises CannotDo where the gateway cannot."""
        gateway = self.gateway
        if not isinstance(gateway, Autopay):
            raise CannotDo(gateway.name)
        self.caller.ask(lambda: gateway.forget(card), None)

    def settled(self, day: date) -> list[Settled]:
        """The bank's register of a day. Raises CannotDo where the gateway has none."""
        gateway = self.gateway
        if not isinstance(gateway, Register):
            raise CannotDo(gateway.name)
        lines = self.caller.ask(lambda: list(gateway.settled(day)), list)
        if not all(isinstance(line, Settled) for line in lines):
            raise Unclear(f"{gateway.name}'s register has lines of another kind")
        return lines


def makes_sense(report: Report) -> bool:
    """Whether everything in it is what it is said to be, so that it can be written down."""
    sums = (report.paid, report.refunded)
    fiscal = report.fiscal
    return (
        isinstance(report.state, BankState)
        and all(type(amount) is int and amount >= 0 for amount in sums)
        and all(isinstance(text, str) and text for text in (report.reference, report.currency))
        and isinstance(report.reason, Reason | None)
        and isinstance(report.card, SavedCard | None)
        and (fiscal is None or isinstance(fiscal.state, FiscalState))
    )


def tellers(brought: Iterable[tuple[str, Gateway]]) -> tuple[dict[str, Teller], dict[str, str]]:
    """The gateways by name, and for each plugin whose gateway cannot be used the reason."""
    found: dict[str, Teller] = {}
    faults: dict[str, str] = {}
    for plugin, gateway in brought:
        if not isinstance(gateway, Gateway):
            faults[plugin] = f"{type(gateway).__name__} is no gateway"
        elif gateway.name in found:
            faults[plugin] = f"there is a gateway {gateway.name!r} already"
        elif not gateway.ways:
            faults[plugin] = f"the gateway {gateway.name!r} takes nothing"
        else:
            found[gateway.name] = Teller(gateway)
    return found, faults
