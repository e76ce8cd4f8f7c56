"""Faults planted in what the product does: a world that does not see them would prove nothing."""

from pathlib import Path

import pytest
from sqlalchemy import text

from tests.simulation.stage import Counter, Stage
from tests.simulation.story import play
from tests.simulation.world import World
from tesweb.payments.protocol import Order, SavedCard, Started
from tesweb.testing.bank import BankGateway
from tesweb.testing.stores import SqliteStore

#: What the store does beside what it is told; each as if a statement of the product were wrong.
_STATEMENTS = {
    "credits twice": """
        CREATE TRIGGER planted AFTER INSERT ON payments WHEN NEW.reference LIKE 'tesweb-%' BEGIN
        UPDATE accounts SET balance = balance - NEW.amount WHERE id = NEW.account_id; END""",
    "tells nobody": """
        CREATE TRIGGER planted AFTER INSERT ON outbox WHEN NEW.template = 'paid' BEGIN
        DELETE FROM outbox WHERE id = NEW.id; END""",
    "books no line of a register": """
        CREATE TRIGGER planted BEFORE INSERT ON ledger_transactions WHEN NEW.kind = 'settled' BEGIN
        SELECT RAISE(IGNORE); END""",
    "never asks again": """
        CREATE TRIGGER planted AFTER UPDATE ON payment_orders
        WHEN NEW.state = 'unknown' AND NEW.ask_at IS NOT NULL BEGIN
        UPDATE payment_orders SET ask_at = NULL WHERE id = NEW.id; END""",
    "calls a month paid that is not": """
        CREATE TRIGGER planted AFTER UPDATE ON autopay_runs WHEN NEW.state = 'failed' BEGIN
        UPDATE autopay_runs SET state = 'paid'
        WHERE autopay_id = NEW.autopay_id AND period = NEW.period; END""",
    "leaves a month lying": """
        CREATE TRIGGER planted AFTER UPDATE ON autopay_runs
        WHEN NEW.state = 'charging' AND NEW.due_at IS NOT NULL BEGIN
        UPDATE autopay_runs SET due_at = NULL
        WHERE autopay_id = NEW.autopay_id AND period = NEW.period; END""",
}


class TwiceCharging(Counter):
    """Gives each charge of a saved card to the bank under a second key too."""

    def charge(self, order: Order, card: SavedCard) -> str:
        """Take money, and again."""
        reference = Counter.charge(self, order, card)
        self.again(order)
        return reference

    def again(self, order: Order) -> None:
        """The order once more, as if the key had been lost."""
        sale = self._sale(order)
        twin = type(order.key)(int=order.key.int ^ 1)
        self.bank.sales[twin] = type(sale)(f"{sale.reference}-2", twin, sale.amount)
        self.bank.pay(f"{sale.reference}-2")


class TwiceStarting(TwiceCharging):
    """Gives each order to the bank under a second key too."""

    charge = Counter.charge

    def start(self, order: Order) -> Started:
        """Take the order, and again."""
        started = Counter.start(self, order)
        self.again(order)
        return started


class Forgetful(Counter):
    """Says of what it has taken that nobody has paid."""

    def report(self, order: Order) -> object:  # type: ignore[override]  # what a bank may do
        """A wrong word."""
        report = BankGateway.report(self, order)
        object.__setattr__(report, "refunded", 0)
        return report


@pytest.fixture
def stage(sqlite_store: SqliteStore, shared_folder: Path) -> object:
    with sqlite_store.fresh() as address:
        made = Stage.at(address, shared_folder)
        made.renew()
        yield made
        made.close()


def _is_seen(stage: Stage, counter: type[Counter] = Counter) -> bool:
    """Whether one of some worlds fails."""
    for seed in range(1, 9):
        world = World.of_seed(seed, stage, is_thorough=False)
        world.counter = counter(world.bank, chance=world.chance)
        stage.install(world.counter)
        try:
            play(world, 250)
        except AssertionError:
            return True
        stage.renew()
    return False


@pytest.mark.parametrize("fault", _STATEMENTS)
def test_a_wrong_statement_is_seen(stage: Stage, fault: str) -> None:
    with stage.core.database.work() as work:
        work.execute(text(_STATEMENTS[fault]))
    # It is planted in every world that follows.
    stage.empty = None
    stage.renew()
    assert _is_seen(stage)


@pytest.mark.parametrize("counter", [TwiceCharging, TwiceStarting, Forgetful])
def test_a_wrong_gateway_is_seen(stage: Stage, counter: type[Counter]) -> None:
    assert _is_seen(stage, counter)


def test_a_seed_is_always_the_same_story(stage: Stage) -> None:
    told = []
    for _ in range(2):
        world = World.of_seed(7, stage, is_thorough=False)
        play(world, 100)
        sales = [(sale.reference, sale.paid, sale.refunded) for sale in world.bank.sales.values()]
        told.append((world.story, sales, world.clock.moment))
        stage.renew()
    assert told[0] == told[1]
