"""A payer at the till: what tests do to orders and what they look at afterwards."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select

from tesweb.accounts.models import Account
from tesweb.clock import FixedClock
from tesweb.commands.check import INVARIANTS
from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.ledger.models import LedgerEntry, Payment
from tesweb.messages.models import OutboxMessage
from tesweb.money import Kopecks
from tesweb.payments import engine, janitor
from tesweb.payments.models import PaymentAlarm, PaymentOrder, State
from tesweb.payments.protocol import Way
from tesweb.payments.services import Placed, Wish, place
from tesweb.testing.bank import Bank
from tesweb.testing.factories import MadeAccount, MadeUser

accounts = table_of(Account)
alarms = table_of(PaymentAlarm)
entries = table_of(LedgerEntry)
orders = table_of(PaymentOrder)
outbox = table_of(OutboxMessage)
payments = table_of(Payment)


@dataclass(slots=True)
class Till:
    """A payer with accounts, and a bank."""

    core: Core
    clock: FixedClock
    bank: Bank
    user: MadeUser
    accounts: list[MadeAccount]
    form_key: str = field(default_factory=lambda: str(uuid4()))

    def wish(self, *sums: int, **values: object) -> Wish:
        """What the payer wants: a sum for each account, 500 ₽ for the first unless told."""
        amounts = sums or (500_00,)
        pairs = zip(self.accounts, amounts, strict=False)
        wanted: dict[str, object] = {
            "user_id": self.user.id,
            "shares": {account.id: Kopecks(amount) for account, amount in pairs},
            "gateway": "memory",
            "way": Way.CARD,
            "contact": "payer@example.ru",
            "form_key": str(uuid4()),
        }
        return Wish(**wanted | values)  # type: ignore[arg-type]  # checked by the callers' tests

    def place(self, *sums: int, **values: object) -> Placed:
        """An order that no bank has heard of."""
        return place(self.wish(*sums, **values))

    def start(self, *sums: int, **values: object) -> int:
        """An order that its bank was asked to take."""
        order_id = self.place(*sums, **values).order_id
        engine.advance(order_id)
        return order_id

    def paid(self, *sums: int, **values: object) -> int:
        """An order that was paid and of which the core has learnt it."""
        order_id = self.start(*sums, **values)
        self.bank.pay(self.reference(order_id))
        assert self.look(order_id) is State.SUCCEEDED
        return order_id

    def look(self, order_id: int) -> State:
        """Ask the bank again, a little later."""
        self.later(seconds=3)
        return engine.advance(order_id, hurry=True)

    def later(self, **span: float) -> None:
        """Let time go by."""
        self.clock.moment += timedelta(**span)

    def sweep(self, times: int = 1) -> None:
        """Let the clock do its work, each time when the next order is due."""
        for _ in range(times):
            with self.core.database.read() as reader:
                due = reader.execute(select(orders.c.ask_at).where(orders.c.ask_at.is_not(None)))
                moments = [row.ask_at for row in due]
            self.clock.moment = max(self.clock.moment, min(moments, default=self.clock.moment))
            self.later(seconds=61)
            janitor.sweep()

    def reference(self, order_id: int) -> str:
        """The bank's number of the order, as the bank has it."""
        with self.core.database.read() as reader:
            key = reader.execute(select(orders.c.key).where(orders.c.id == order_id)).scalar_one()
        return next(sale.reference for sale in self.bank.sales.values() if str(sale.key) == key)

    def state(self, order_id: int) -> State:
        """How far the order has come."""
        return engine.state_of(order_id)

    def balance(self, account: int = 0) -> int:
        """What the account owes."""
        chosen = accounts.c.id == self.accounts[account].id
        with self.core.database.read() as reader:
            return int(reader.execute(select(accounts.c.balance).where(chosen)).scalar_one())

    def credited(self) -> list[int]:
        """What was put to the accounts' credit, line by line."""
        ours = select(payments.c.amount).where(payments.c.reference.like("tesweb-%"))
        with self.core.database.read() as reader:
            return [row.amount for row in reader.execute(ours.order_by(payments.c.account_id))]

    def alarms(self) -> set[str]:
        """What a person has to look at."""
        with self.core.database.read() as reader:
            return {row.kind for row in reader.execute(select(alarms.c.kind))}

    def told(self) -> int:
        """How many messages the payers get."""
        paid = select(outbox.c.id).where(outbox.c.template == "paid")
        with self.core.database.read() as reader:
            return len(reader.execute(paid).all())

    def book(self, name: str) -> int:
        """What is in a book."""
        found = select(entries.c.amount).where(entries.c.book == name)
        with self.core.database.read() as reader:
            return sum(row.amount for row in reader.execute(found))

    def check(self) -> None:
        """Every invariant holds."""
        with self.core.database.read() as reader:
            found = [finding for invariant in INVARIANTS for finding in invariant(reader)]
        assert found == []
