"""A small world in which everything goes wrong, replayed from its seed.

Payers, a bank that lies low, loses answers and repeats itself, a clock that jumps, a process that
is killed between any two statements. After each step every invariant holds; at the end, when all is
calm again, the books say what the bank says.
"""

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from flask import Flask
from pydantic import SecretStr
from sqlalchemy import event, select

from tesweb.app import create_app
from tesweb.clock import FixedClock
from tesweb.commands.check import INVARIANTS
from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.money import Kopecks
from tesweb.payments import engine, janitor, refunds
from tesweb.payments.gateways import Teller
from tesweb.payments.models import PaymentOrder, Refund, State
from tesweb.payments.protocol import BankState, Reason, Way
from tesweb.payments.rules import OPEN, TAKEN
from tesweb.payments.services import NotPlaced, Wish, place
from tesweb.testing.bank import Bank, BankGateway, Fault, Sale
from tesweb.testing.factories import Factory, MadeAccount, MadeUser
from tesweb.testing.fixtures import TestSettings

orders = table_of(PaymentOrder)
refund_rows = table_of(Refund)
_START = datetime(2026, 11, 1, tzinfo=UTC)


class Killed(BaseException):
    """The process ends here; nothing catches it but the world."""


@dataclass(slots=True)
class Axe:
    """Kills at the n-th statement from now on."""

    left: int | None = None

    def fall(self, *_: object) -> None:
        """Called before each statement."""
        if self.left is None:
            return
        self.left -= 1
        if self.left < 0:
            self.left = None
            raise Killed


@dataclass(slots=True)
class World:
    """One application, one bank, some payers; `step()` does one thing."""

    seed: int
    app: Flask
    core: Core
    clock: FixedClock
    bank: Bank
    payers: list[MadeUser]
    accounts: list[MadeAccount]
    axe: Axe
    chance: random.Random
    #: What was done, for whoever looks into a failure.
    story: list[str] = field(default_factory=list)

    @classmethod
    def of_seed(cls, seed: int, address: str, folder: Path) -> "World":
        """A world on a fresh database."""
        clock = FixedClock(_START)
        settings = TestSettings(folder=folder, database=address, secret_key=SecretStr("s" * 64))
        app = create_app(settings, clock=clock)
        core: Core = app.extensions["tesweb"]
        bank, axe = Bank(clock), Axe()
        core.gateways["memory"] = Teller(BankGateway(bank))
        event.listen(core.database.writer, "before_cursor_execute", axe.fall)
        make = Factory(core)
        payers = [make.user() for _ in range(2)]
        accounts = [make.account(payers[0]) for _ in range(3)]
        for account in accounts:
            make.charge(account, date(2026, 10, 1), 1_000_00)
        chance = random.Random(seed)  # noqa: S311 - a world that can be replayed
        return cls(seed, app, core, clock, bank, payers, accounts, axe, chance)

    def close(self) -> None:
        """Let go of the database."""
        self.core.database.close()

    def step(self) -> None:
        """Do one thing, perhaps die of it, and look at the books."""
        act = self.chance.choice(_ACTS)
        self.story.append(act.__name__)
        if self.chance.random() < 0.2:
            self.axe.left = self.chance.randrange(12)
            self.story[-1] += f" †{self.axe.left}"
        with self.app.app_context():
            with suppress(Killed, NotPlaced):
                act(self)
            self.axe.left = None
            self.check()

    def check(self) -> None:
        """Every invariant holds. Raises AssertionError with the story."""
        with self.core.database.read() as reader:
            found = [each.text for invariant in INVARIANTS for each in invariant(reader)]
        assert not found, f"seed {self.seed}: {found}\n{self.story}"

    def calm(self) -> None:
        """All is well again: the clock does what is left, and the books agree with the bank."""
        self.bank.faults, self.bank.is_down = [], False
        with self.app.app_context():
            for _ in range(12):
                self.clock.moment += timedelta(hours=9)
                janitor.sweep()
                for order_id in self._orders():
                    engine.advance(order_id, hurry=True)
            self.check()
            self._compare()

    def _compare(self) -> None:
        with self.core.database.read() as reader:
            rows = reader.execute(select(orders)).all()
        told = f"seed {self.seed}: {self.story}"
        by_key = {str(sale.key): sale for sale in self.bank.sales.values()}
        assert by_key.keys() <= {row.key for row in rows}, told
        for row in rows:
            sale = by_key.get(row.key)
            paid = 0 if sale is None else sale.paid
            assert row.paid == paid, told
            assert row.refunded == (0 if sale is None else sale.refunded), told
            assert (State(row.state) in TAKEN) == (paid > 0), told
            is_open = sale is not None and sale.state is BankState.PENDING
            assert State(row.state) not in OPEN or is_open, told

    def _orders(self) -> list[int]:
        with self.core.database.read() as reader:
            return [row.id for row in reader.execute(select(orders.c.id))]

    def _sale(self, *states: BankState) -> Sale | None:
        found = [sale for sale in self.bank.sales.values() if sale.state in states]
        return self.chance.choice(found) if found else None


def begin(world: World) -> None:
    """Somebody places an order, and its request goes on to the bank."""
    count = world.chance.randint(1, 3)
    chosen = world.chance.sample(world.accounts, count)
    wish = Wish(
        user_id=world.chance.choice(world.payers).id,
        shares={each.id: Kopecks(world.chance.randint(50_00, 900_00)) for each in chosen},
        gateway="memory",
        way=world.chance.choice(list(Way)),
        contact="payer@example.ru",
        form_key=str(uuid4()),
        remember=world.chance.random() < 0.3,
        again=world.chance.random() < 0.7,
    )
    placed = place(wish)
    engine.advance(placed.order_id)


def pay(world: World) -> None:
    """A payer pays at the bank; rarely another sum arrives."""
    sale = world._sale(BankState.PENDING, BankState.FAILED)
    if sale is not None:
        odd = world.chance.random() < 0.05
        world.bank.pay(sale.reference, Kopecks(sale.amount - 1) if odd else None)


def decline(world: World) -> None:
    """The bank declines."""
    sale = world._sale(BankState.PENDING)
    if sale is not None:
        world.bank.decline(sale.reference, world.chance.choice(list(Reason)))


def notify(world: World) -> None:
    """The bank sends notifications about some orders, some twice, in any order."""
    references = [sale.reference for sale in world.bank.sales.values()]
    for reference in world.chance.choices(references, k=3) if references else ():
        janitor.keep_notice("memory", world.bank.notification(reference))


def come_back(world: World) -> None:
    """A payer opens the page of an order."""
    found = world._orders()
    if found:
        engine.advance(world.chance.choice(found), hurry=True)


def work(world: World) -> None:
    """The clock does its duties."""
    del world
    janitor.sweep()


def wait(world: World) -> None:
    """Time goes by, a second or a day."""
    seconds = world.chance.choice([1, 3, 10, 70, 600, 4000, 90_000])
    world.clock.moment += timedelta(seconds=seconds)


def trouble(world: World) -> None:
    """The next calls go wrong, or the bank goes down or comes back."""
    world.bank.faults = world.chance.choices(list(Fault), k=world.chance.randint(0, 3))
    world.bank.is_down = world.chance.random() < 0.2


def ask_back(world: World) -> None:
    """A resident asks an overpayment back, and the supplier agrees or not."""
    account = world.chance.choice(world.accounts)
    with suppress(refunds.NotRefunded):
        amount = Kopecks(world.chance.randint(1, 500_00))
        refund_id = refunds.ask(world.payers[0].id, account.id, amount, "")
        if world.chance.random() < 0.8:
            refunds.approve(refund_id, None)
        else:
            refunds.decline(refund_id, None, "")


def give_back(world: World) -> None:
    """Somebody gives money back at the bank, past us."""
    sale = world._sale(BankState.PAID)
    if sale is not None and sale.refunded < sale.paid and world.chance.random() < 0.2:
        sale.refunded = Kopecks(world.chance.randint(sale.refunded + 1, sale.paid))


_ACTS: tuple[Callable[[World], None], ...] = (
    begin,
    begin,
    pay,
    pay,
    decline,
    notify,
    come_back,
    come_back,
    work,
    work,
    wait,
    wait,
    trouble,
    ask_back,
    give_back,
)
