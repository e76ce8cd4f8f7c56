"""A small world in which everything goes wrong, replayed from its seed.

Payers, a bank that lies low, loses answers and repeats itself, a clock that jumps, a process that
is killed between any two statements. After each step the invariants hold; at the end, when all is
calm again, the books say what the bank says.
"""

import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Executable, select

from tests.simulation import ends, looks
from tests.simulation.stage import Counter, Killed, Stage, days_of
from tesweb.autopay import runs
from tesweb.autopay.services import NotSwitchedOn
from tesweb.cashier.services import read_in
from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.payments import engine, janitor
from tesweb.payments.models import PaymentOrder
from tesweb.payments.protocol import BankState, GatewayError
from tesweb.payments.refunds import NotRefunded
from tesweb.payments.rules import BadAmount
from tesweb.payments.services import NotPlaced
from tesweb.testing.bank import Bank, Sale
from tesweb.testing.factories import Factory, MadeAccount, MadeUser

orders = table_of(PaymentOrder)
#: What the application may say no with.
_NO = (NotPlaced, NotRefunded, NotSwitchedOn, BadAmount, GatewayError)
#: The whole check comes after so many steps, where it does not come after each.
_WHOLE = 25


@dataclass(slots=True)
class World:
    """One application, one bank, some payers; `step()` does one thing."""

    seed: int
    stage: Stage
    counter: Counter
    payers: list[MadeUser]
    accounts: list[MadeAccount]
    chance: random.Random
    #: Whether everything is looked at after each step.
    is_thorough: bool
    #: The newest bill of each account.
    billed: dict[int, date] = field(default_factory=dict)
    #: What registers said wrongly of the bank's orders, by the bank's number.
    forged: dict[str, set[int]] = field(default_factory=dict)
    #: What was done, for whoever looks into a failure.
    story: list[str] = field(default_factory=list)

    @classmethod
    def of_seed(cls, seed: int, stage: Stage, *, is_thorough: bool = True) -> "World":
        """A world on a stage that is empty."""
        chance = random.Random(seed)  # noqa: S311 - a world that can be replayed
        make = Factory(stage.core)
        # A household of two, and somebody who has no access to their accounts.
        payers = [make.user() for _ in range(3)]
        accounts = [make.account(payers[0], payers[1]) for _ in range(3)]
        for account in accounts:
            for month in (7, 8, 9, 10):
                make.charge(account, date(2026, month, 1), 900_00)
                if month < 10:
                    make.payment(account, date(2026, month + 1, 9), 900_00)
        billed = {account.id: date(2026, 10, 1) for account in accounts}
        counter = stage.counter(chance)
        for payer in payers[:2]:
            counter.remember(stage, payer.id)
        return cls(seed, stage, counter, payers, accounts, chance, is_thorough, billed)

    @property
    def core(self) -> Core:
        """The application's parts."""
        return self.stage.core

    @property
    def clock(self) -> FixedClock:
        """The one clock."""
        return self.stage.clock

    @property
    def bank(self) -> Bank:
        """The one bank."""
        return self.counter.bank

    def step(self, acts: Sequence[Callable[["World"], None]]) -> None:
        """Do one thing, perhaps die of it, and look at the books."""
        act = self.chance.choice(acts)
        self.story.append(act.__name__)
        axe = self.stage.axe
        if self.chance.random() < 0.2:
            axe.left = self.chance.randrange(self.chance.choice([16, 64]))
            self.story[-1] += f" †{axe.left}"
        with self.stage.app.app_context():
            with suppress(Killed, *_NO):
                act(self)
            axe.left = None
            self.counter.busy.clear()
            self.check()

    def check(self) -> None:
        """Every invariant holds. Raises AssertionError with the story."""
        if self.is_thorough or len(self.story) % _WHOLE == 0:
            found = looks.whole(self.core)
        elif self.stage.axe.wrote:
            found = looks.quick(self.core)
        else:
            found = []
        self.stage.axe.wrote = False
        assert not found, f"{self.told}\n{found}"

    @property
    def told(self) -> str:
        """The story."""
        return f"seed {self.seed}: {self.story}"

    def calm(self) -> None:
        """All is well again: the clock does what is left, and the books agree with the bank."""
        self.bank.faults, self.bank.is_down = [], False
        with self.stage.app.app_context():
            for minutes in (0, 1, 1, 2, 6, *([9 * 60] * 24)):
                self.clock.moment += timedelta(minutes=minutes)
                self.work()
            for order_id in self.ids():
                # What changed at the bank after the end nobody is told of but whoever asks.
                engine.advance(order_id, hurry=True)
            self.clock.moment += timedelta(seconds=61)
            self.work()
            for day in days_of(self.bank):
                read_in("memory", day, self.counter.settled(day))
            self.work()
            found = looks.whole(self.core, is_calm=True)
            assert not found, f"{self.told}\n{found}"
            with self.core.database.read() as reader:
                found = list(ends.compare(reader, self.counter, self.forged))
                found += ends.hanging(reader, self.clock.moment)
        assert not found, f"{self.told}\n{found}"

    def work(self) -> None:
        """What the worker does in a moment of its own."""
        janitor.sweep()
        runs.sweep()
        runs.remind()

    def ids(self) -> list[int]:
        """Every order."""
        return [row.id for row in self.ask(select(orders.c.id))]

    def ask(self, query: Executable, **values: object) -> list[Any]:
        """Rows of the database."""
        with self.core.database.read() as reader:
            return list(reader.execute(query, values))

    def sale(self, *states: BankState) -> Sale | None:
        """One of the bank's orders in such a state, if there is one."""
        found = [sale for sale in self.bank.sales.values() if sale.state in states]
        return self.chance.choice(found) if found else None
