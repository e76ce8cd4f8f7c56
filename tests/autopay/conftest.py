"""Somebody with a saved card, a bank in memory, and a clock to move."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from tesweb.autopay import runs
from tesweb.clock import FixedClock, add_months
from tesweb.commands.check import INVARIANTS
from tesweb.current import Core
from tesweb.messages.texts import compose
from tesweb.money import Kopecks
from tesweb.payments import engine, janitor, oblivion
from tesweb.payments.gateways import Teller
from tesweb.payments.models import State
from tesweb.payments.protocol import Reason, Way
from tesweb.payments.services import Wish, place
from tesweb.testing.bank import Bank, BankGateway
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeAccount, MadeUser

SignIn = Callable[..., Client]
#: Ten in the morning in Tyumen.
START = datetime(2026, 11, 3, 5, 0, tzinfo=UTC)


@dataclass(slots=True)
class Home:
    """A flat whose owner pays by autopay."""

    app: Flask
    core: Core
    clock: FixedClock
    bank: Bank
    make: Factory
    user: MadeUser
    account: MadeAccount
    browser: Client
    sign_in: SignIn

    def sign_in_again(self) -> None:
        """A browser with a proof of this minute."""
        self.browser = self.sign_in(self.user, "password")

    def remember_card(self, user: MadeUser | None = None) -> int:
        """Pay 100 ₽ by hand with the box ticked; the id of the card."""
        wish = Wish(
            user_id=(user or self.user).id,
            shares={self.account.id: Kopecks(100_00)},
            gateway="memory",
            way=Way.CARD,
            contact="payer@example.ru",
            form_key=str(uuid4()),
            remember=True,
        )
        with self.app.app_context():
            order_id = place(wish).order_id
            engine.advance(order_id)
            self.bank.pay(next(reversed(self.bank.sales.values())).reference)
            self.clock.moment += timedelta(seconds=3)
            assert engine.advance(order_id, hurry=True) is State.SUCCEEDED
        return int(self.ask("SELECT max(id) AS id FROM payment_cards")[0].id)

    def switch_on(self, **values: str) -> None:
        """Switch it on through the pages."""
        given = {"kind": "bill", "amount": "5000", "when": "day", "day": "15"} | values
        path = f"/pay/autopay/{self.account.id}"
        check = self.browser.submit(path, f"{path}/check", given)
        assert check.status_code == 200, check.text
        address = check.request.full_path
        sent = self.browser.submit(address, path, {})
        assert sent.status_code == 303
        assert "Автоплатёж включён" in self.browser.page(sent.headers["Location"]).text

    def until(self, year: int, month: int, day: int, hour: int = 6) -> None:
        """Let time go by up to a moment, UTC, the worker at its work four times a day."""
        end = datetime(year, month, day, hour, tzinfo=UTC)
        while self.clock.moment < end:
            self.clock.moment = min(end, self.clock.moment + timedelta(hours=6))
            self.work()
        for _ in range(3):
            self.clock.moment += timedelta(seconds=61)
            self.work()

    def work(self) -> None:
        """What the worker does in a moment of its own."""
        with self.app.app_context():
            janitor.sweep()
            oblivion.sweep()
            runs.sweep()
            runs.remind()

    def charge_bill(self, month: date, amount: int) -> None:
        """Billing sends a bill."""
        self.make.charge(self.account, month, amount)

    def ask(self, query: str, **values: object) -> list[Any]:
        """Rows of the database."""
        with self.core.database.read() as reader:
            return list(reader.execute(text(query), values))

    def months(self) -> list[tuple[str, str, int, str]]:
        """Each month with its state, sum in kopecks and reason; what was there at first is none."""
        rows = self.ask(
            "SELECT period, state, amount, reason FROM autopay_runs WHERE reason <> 'known' "
            "ORDER BY autopay_id, period"
        )
        return [(str(row.period)[:7], row.state, row.amount, row.reason) for row in rows]

    def taken(self) -> list[int]:
        """What the bank has taken without anybody there, in kopecks."""
        return [sale.paid for sale in self.bank.sales.values() if sale.paid and not sale.remember]

    def decline(self, reason: Reason | None) -> None:
        """From now on the bank answers this to each card; None lets payments through."""
        for token in self.bank.tokens:
            self.bank.tokens[token] = reason

    def told(self, event: str) -> list[str]:
        """The messages about an event of the autopay, as they are read."""
        rows = self.ask("SELECT channel, language, payload FROM outbox WHERE template = 'autopay'")
        found = [(row, json.loads(row.payload)) for row in rows]
        with self.app.app_context():
            texts = [
                compose("autopay", row.channel, row.language, values)
                for row, values in found
                if values["event"] == event
            ]
        return [f"{text.subject}\n{text.body}".replace("\u00a0", " ") for text in texts]

    def journal(self) -> list[str]:
        """What the journal says about automatic payments."""
        rows = self.ask("SELECT what FROM security_events WHERE what LIKE 'autopay%' ORDER BY id")
        return [row.what for row in rows]


@pytest.fixture
def bank(core: Core, clock: FixedClock) -> Bank:
    """A bank, and a gateway to it that is installed."""
    clock.moment = START
    made = Bank(clock)
    core.gateways["memory"] = Teller(BankGateway(made))
    return made


@pytest.fixture
def home(app: Flask, core: Core, bank: Bank, make: Factory, sign_in: SignIn) -> Iterator[Home]:
    """An owner with a saved card who has had bills of 1,000 ₽; every invariant holds at the end."""
    user = make.user(email="payer@example.ru")
    account = make.account(user)
    for back in range(12, 0, -1):
        month = add_months(date(2026, 11, 1), -back)
        make.charge(account, month, 1_000_00)
        make.payment(account, add_months(month, 1), 1_000_00)
    clock = bank.clock
    assert isinstance(clock, FixedClock)
    browser = sign_in(user, "password")
    made = Home(app, core, clock, bank, make, user, account, browser, sign_in)
    made.remember_card()
    make.charge(account, date(2026, 10, 1), 100_00, line="again")
    yield made
    with app.app_context(), core.database.read() as reader:
        found = [finding for invariant in INVARIANTS for finding in invariant(reader)]
    assert found == []


def skip_link(letter: str) -> str:
    """The link «Пропустить» of a message, without its host."""
    (found,) = re.findall(r"/pay/autopay/skip/\S+", letter)
    return str(found)
