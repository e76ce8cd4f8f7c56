"""Invariants of what is owed."""

from datetime import date

from tesweb.current import Core
from tesweb.ledger.checks import CHECKS
from tesweb.testing.factories import Factory


def findings(core: Core) -> list[str]:
    with core.database.read() as reader:
        return [finding.code for proof in CHECKS for finding in proof(reader)]


def test_a_balance_that_adds_up_passes(core: Core, make: Factory) -> None:
    account = make.account()
    make.charge(account, date(2026, 10, 1), 123_456)
    make.charge(account, date(2026, 11, 1), -456)
    make.payment(account, date(2026, 11, 10), 100_000)
    assert findings(core) == []


def test_one_that_does_not_is_found(core: Core, make: Factory) -> None:
    make.account(balance=1)
    assert findings(core) == ["balance"]
