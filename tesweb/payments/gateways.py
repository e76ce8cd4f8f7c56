"""The gateways that are installed, each behind a guard against whatever its plugin does."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from tesweb.money import Kopecks
from tesweb.payments import sense
from tesweb.payments.calls import Caller
from tesweb.payments.protocol import (
    Autopay,
    Gateway,
    Notice,
    Notification,
    Order,
    Refunds,
    Register,
    Report,
    SavedCard,
    Settled,
    Started,
    Unclear,
    Way,
)
from tesweb.payments.sense import Terms

log = logging.getLogger(__name__)


class CannotDo(LookupError):
    """The gateway has no such capability."""


@dataclass(frozen=True, slots=True)
class Teller:
    """The one way to call a gateway. Each method raises what the protocol says and nothing else."""

    gateway: Gateway
    #: What the gateway says of itself, read once.
    title: str = field(init=False)
    ways: tuple[Way, ...] = field(init=False)
    origins: tuple[str, ...] = field(init=False)
    key_lives: timedelta = field(init=False)
    caller: Caller = field(init=False)

    def __post_init__(self) -> None:
        """Calls of one gateway are counted together."""
        for name in ("title", "ways", "origins", "key_lives"):
            object.__setattr__(self, name, getattr(self.gateway, name))
        object.__setattr__(self, "caller", Caller(self.gateway.name))

    def can(self, capability: type) -> bool:
        """Whether the gateway has a capability: `Refunds`, `Autopay` or `Register`."""
        return isinstance(self.gateway, capability)

    def terms(self, amount: Kopecks, way: Way) -> Terms:
        """What is asked for a sum; the bank is not called. Raises Unclear for nonsense."""
        try:
            terms = Terms(self.gateway.fee(amount, way), *self.gateway.limits(way))
        except Exception as error:
            raise self._nonsense(f"terms: {type(error).__name__}") from None
        if not sense.is_terms(terms):
            raise self._nonsense("terms")
        return terms

    def start(self, order: Order) -> Started:
        """Give the order to the bank. Raises Unclear for a page that is none of its origins."""
        started = self.caller.ask(lambda: self.gateway.start(order), Started)
        if not sense.is_started(started):
            raise self._nonsense("answer to start()")
        # Where there is nothing left to do at the bank, the payer's next page is ours.
        ours = sense.origin(order.return_url)
        astray = sense.leads_astray(started.step, (*self.origins, ours))
        if astray:
            raise self._nonsense(f"page at {astray}, which is none of `origins`,")
        return started

    def report(self, order: Order) -> Report:
        """Ask the bank about the order. Raises Unclear for a report that makes no sense."""
        report = self.caller.ask(lambda: self.gateway.report(order), Report)
        if not sense.is_report(report):
            raise self._nonsense("report")
        return report

    def read(self, notification: Notification) -> Notice:
        """Make sure who a notification is from; no bank is called."""
        notice = self.caller.ask(lambda: self.gateway.read(notification), Notice)
        if not sense.is_notice(notice):
            raise self._nonsense("notice")
        return notice

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
        reference = self.caller.ask(lambda: gateway.charge(order, card), str)
        if not sense.is_reference(reference):
            raise self._nonsense("answer to charge()")
        return reference

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
        for number, line in enumerate(lines, 1):
            if not sense.is_line(line):
                raise self._nonsense(f"line {number} of the register")
        return lines

    def _nonsense(self, what: str) -> Unclear:
        """The error for an answer that cannot be believed. Its text says nothing of the answer."""
        text = f"{self.gateway.name}: its {what} makes no sense"
        log.error(text)
        return Unclear(text)


def tellers(brought: Iterable[tuple[str, Gateway]]) -> tuple[dict[str, Teller], dict[str, str]]:
    """The gateways by name, and for each plugin whose gateway cannot be used the reason."""
    found: dict[str, Teller] = {}
    faults: dict[str, str] = {}
    for plugin, gateway in brought:
        fault = sense.fault_of(gateway)
        if fault:
            faults[plugin] = fault
        elif gateway.name in found:
            faults[plugin] = f"there is a gateway {gateway.name!r} already"
        else:
            found[gateway.name] = Teller(gateway)
    return found, faults
