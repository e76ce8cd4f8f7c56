"""Calling gateways: whatever a plugin does, the core hears what the protocol says."""

from dataclasses import replace
from typing import Any, cast

import pytest

from tests.payments.till import Till
from tesweb.money import Kopecks
from tesweb.payments.gateways import Teller, tellers
from tesweb.payments.models import State
from tesweb.payments.protocol import Fiscal, Gateway, Order, Report
from tesweb.testing.bank import Bank, BankGateway


class Says(BankGateway):
    """Changes its report before it tells it."""

    changes: dict[str, Any]

    def report(self, order: Order) -> Report:
        return replace(BankGateway.report(self, order), **self.changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "paid"},
        {"paid": 500.0},
        {"paid": "500.00"},
        {"paid": True},
        {"paid": Kopecks(-1)},
        {"refunded": None},
        {"reference": ""},
        {"reference": 17},
        {"currency": None},
        {"reason": "declined"},
        {"card": "2200000000000004"},
        {"fiscal": Fiscal(cast("Any", "printed"))},
    ],
)
def test_a_report_that_makes_no_sense_is_asked_for_again(
    till: Till, bank: Bank, changes: dict[str, Any]
) -> None:
    order_id = till.start()
    bank.pay(till.reference(order_id))
    made = type("Junk", (Says,), {"changes": changes})(bank)
    till.core.gateways["memory"] = Teller(made)
    assert till.look(order_id) is State.PENDING
    till.core.gateways["memory"] = Teller(BankGateway(bank))
    assert till.look(order_id) is State.SUCCEEDED


def test_a_gateway_that_cannot_be_used_has_a_reason(bank: Bank) -> None:
    good, none = BankGateway(bank), cast("Gateway", object())
    found, faults = tellers(
        [
            ("first", good),
            ("second", BankGateway(bank)),
            ("third", none),
            ("fourth", BankGateway(bank, name="dumb", ways=())),
        ]
    )
    assert list(found) == ["memory"]
    assert faults == {
        "second": "there is a gateway 'memory' already",
        "third": "object is no gateway",
        "fourth": "the gateway 'dumb' takes nothing",
    }
