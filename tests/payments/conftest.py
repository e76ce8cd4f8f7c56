"""A bank in memory and a payer at the till."""

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask

from tests.payments.till import Till
from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.payments.gateways import Teller
from tesweb.testing.bank import Bank, BankGateway
from tesweb.testing.factories import Factory


@pytest.fixture
def bank(core: Core, clock: FixedClock) -> Bank:
    """A bank, and a gateway to it that is installed."""
    made = Bank(clock)
    core.gateways["memory"] = Teller(BankGateway(made))
    return made


@pytest.fixture
def till(app: Flask, core: Core, clock: FixedClock, bank: Bank, make: Factory) -> Iterator[Till]:
    """A payer who owes 1,000 ₽ for each of two accounts; every invariant holds at the end."""
    user = make.user()
    accounts = [make.account(user), make.account(user)]
    for account in accounts:
        make.charge(account, date(2026, 10, 1), 1_000_00)
    with app.app_context():
        made = Till(core, clock, bank, user, accounts)
        yield made
        made.check()
