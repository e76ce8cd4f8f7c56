"""Where worlds are played: one application and one bank's counter, made new for each world."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TypeVar
from uuid import UUID

from flask import Flask
from pydantic import SecretStr
from sqlalchemy import event

from tesweb.app import create_app
from tesweb.autopay import runs
from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.payments import janitor, wallet
from tesweb.payments.calls import PATIENCE, Caller
from tesweb.payments.gateways import Teller
from tesweb.payments.protocol import GatewayError, Order, SavedCard, Started, Unclear
from tesweb.testing.bank import Bank, BankGateway
from tesweb.testing.fixtures import TestSettings

T = TypeVar("T")
START = datetime(2026, 11, 1, tzinfo=UTC)
_READS = ("SELECT", "BEGIN", "PRAGMA")


class Killed(BaseException):
    """The process ends here; nothing catches it but the world."""


@dataclass(slots=True)
class Axe:
    """Kills at the n-th statement from now on, and sees whether anything was written."""

    left: int | None = None
    #: Whether something was written since somebody looked.
    wrote: bool = True

    def fall(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        """Called before each statement."""
        self.wrote = self.wrote or not statement.lstrip().startswith(_READS)
        if self.left is None:
            return
        self.left -= 1
        if self.left < 0:
            self.left = None
            raise Killed


@dataclass(frozen=True, slots=True)
class Direct(Caller):
    """Calls the bank at once: a thread for each call would take half of a step's time."""

    def ask(self, what: Callable[[], T], kind: type[T] | None, patience: float = PATIENCE) -> T:
        """What the gateway answers."""
        del kind, patience
        try:
            return what()
        except GatewayError:
            raise
        except Exception as error:
            raise Unclear(f"{self.name} raised {type(error).__name__}") from error


@dataclass(frozen=True, slots=True)
class Counter(BankGateway):
    """The bank's counter: while one is served, another process may do the clock's work."""

    chance: random.Random = field(default_factory=random.Random)
    #: Orders that a saved card was charged for: no payer stands there.
    charged: set[UUID] = field(default_factory=set)
    #: How many are being served.
    busy: list[None] = field(default_factory=list)

    def start(self, order: Order) -> Started:
        """Take the order."""
        started = BankGateway.start(self, order)
        self._meanwhile()
        return started

    def charge(self, order: Order, card: SavedCard) -> str:
        """Take money from a card."""
        self._meanwhile()
        self.charged.add(order.key)
        reference = BankGateway.charge(self, order, card)
        self._meanwhile()
        return reference

    def remember(self, stage: "Stage", user_id: int) -> None:
        """Somebody has a card here already."""
        card = SavedCard(f"card-{len(self.bank.tokens) + 1}", "mir", "0004")
        self.bank.tokens[card.token] = None
        order = SimpleNamespace(user_id=user_id, gateway=self.name)
        with stage.app.app_context(), stage.core.database.work() as work:
            wallet.keep(work, order, card, stage.clock.now())

    def _meanwhile(self) -> None:
        """Another worker is at it too: before the bank has it, or before its answer is written."""
        if self.busy or self.chance.random() > 0.1:
            return
        self.busy.append(None)
        try:
            with suppress(Killed):
                runs.sweep()
                runs.remind()
                janitor.sweep()
        finally:
            self.busy.pop()


@dataclass(slots=True)
class Stage:
    """An application on a migrated database without rows; worlds are played on it in turn."""

    app: Flask
    core: Core
    clock: FixedClock
    axe: Axe
    #: The empty database, to begin again from; None where nobody will.
    empty: sqlite3.Connection | None = None

    @classmethod
    def at(cls, address: str, folder: Path) -> "Stage":
        """A stage on a fresh database, which the first world may use as it is."""
        clock = FixedClock(START)
        settings = TestSettings(folder=folder, database=address, secret_key=SecretStr("s" * 64))
        app = create_app(settings, clock=clock)
        core: Core = app.extensions["tesweb"]
        axe = Axe()
        event.listen(core.database.writer, "before_cursor_execute", axe.fall)
        return cls(app, core, clock, axe)

    def renew(self) -> None:
        """Clear the stage for another world; SQLite's way of copying what others have open."""
        path = self.core.database.url.database or ""
        if self.empty is None:
            self.empty = sqlite3.connect(":memory:")
            with closing(sqlite3.connect(path)) as source:
                source.backup(self.empty)
        else:
            with closing(sqlite3.connect(path)) as target:
                self.empty.backup(target)
        self.clock.moment = START
        self.axe.left, self.axe.wrote = None, True

    def counter(self, chance: random.Random) -> Counter:
        """A bank that nobody knows yet, and its counter."""
        counter = Counter(Bank(self.clock), chance=chance)
        self.install(counter)
        return counter

    def install(self, gateway: BankGateway) -> None:
        """Let the application pay by a gateway."""
        teller = Teller(gateway)
        object.__setattr__(teller, "caller", Direct(gateway.name))
        self.core.gateways[gateway.name] = teller

    def close(self) -> None:
        """Let go of the database."""
        self.core.database.close()
        if self.empty is not None:
            self.empty.close()


def days_of(bank: Bank) -> Iterator[date]:
    """The days on which money came or went, by the bank's calendar."""
    moments = [sale.paid_at for sale in bank.sales.values() if sale.paid_at is not None]
    moments += [at for sale in bank.sales.values() for at in sale.refunded_at.values()]
    yield from sorted({moment.date() for moment in moments})
