"""Calling gateways: whatever a plugin does, the core hears what the protocol says."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, cast

import pytest

from tests.payments.till import Till
from tesweb.money import Kopecks
from tesweb.payments.choices import choices
from tesweb.payments.gateways import Teller, tellers
from tesweb.payments.models import State
from tesweb.payments.protocol import (
    Code,
    Fiscal,
    FiscalState,
    Gateway,
    Order,
    Redirect,
    Report,
    SavedCard,
    Settled,
    Started,
    Unclear,
    Way,
)
from tesweb.payments.services import NoGateway
from tesweb.testing.bank import Bank, BankGateway
from tesweb.testing.client import Client
from tesweb.testing.gateways import order_for


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
        {"paid": Kopecks(2**63)},
        {"reference": "r" * 65},
        {"reference": "a\0b"},
        {"currency": "rubles of Russia"},
        {"card": SavedCard("token", "mir" * 30, "0004")},
        {"card": SavedCard(cast("Any", 17), "mir", "0004")},
        {"fiscal": Fiscal(cast("Any", "printed"))},
        {"fiscal": Fiscal(FiscalState.SUCCEEDED, number="1" * 17)},
        {"fiscal": Fiscal(FiscalState.SUCCEEDED, registered_at=datetime(2026, 11, 1))},  # noqa: DTZ001 - what is wrong
        {"fiscal": "printed"},
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
        "fourth": "its `ways` cannot be used: see docs/gateways.md",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", "Мой банк"),
        ("title", " "),
        ("title", None),
        ("ways", ("card",)),
        ("ways", [Way.CARD]),
        ("origins", ("http://bank.example",)),
        ("origins", ("https://bank.example/pay",)),
        ("origins", "https://bank.example"),
        ("key_lives", 3600),
        ("key_lives", timedelta(0)),
    ],
)
def test_a_gateway_that_says_nonsense_of_itself_is_not_used(
    bank: Bank, name: str, value: object
) -> None:
    values: dict[str, Any] = {name: value}
    found, faults = tellers([("wild", BankGateway(bank, **values))])
    assert (found, list(faults)) == ({}, ["wild"])
    assert f"`{name}`" in faults["wild"]


def test_a_gateway_that_raises_when_it_is_asked_who_it_is_is_not_used(bank: Bank) -> None:
    class Raises(BankGateway):
        def __getattribute__(self, name: str) -> object:
            if name == "origins":
                raise RuntimeError("a secret")
            return object.__getattribute__(self, name)

    found, faults = tellers([("wild", Raises(bank)), ("good", BankGateway(bank))])
    assert (list(found), list(faults)) == (["memory"], ["wild"])
    assert "secret" not in faults["wild"]


class Starts(BankGateway):
    """Changes its answer before it gives it."""

    changes: dict[str, Any]

    def start(self, order: Order) -> Started:
        return replace(BankGateway.start(self, order), **self.changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"step": Redirect("javascript:alert(1)")},
        {"step": Redirect("https://evil.example/pay")},
        {"step": Redirect("https://bank.example.evil.example/")},
        {"step": Redirect("//bank.example/pay")},
        {"step": Redirect("https://[bank.example/pay")},
        {"step": Redirect("https://bank.example/\r\nSet-Cookie: a=b")},
        {"step": Redirect(cast("Any", None))},
        {"step": Redirect("https://bank.example/" + "a" * 2048)},
        {"step": Code("javascript:alert(1)")},
        {"step": Code("http://qr.nspk.ru/A")},
        {"step": Code("")},
        {"step": "https://bank.example/pay"},
        {"reference": 17},
        {"reference": ""},
        {"reference": "r" * 300},
        {"reference": "a\0b"},
        {"expires_at": "tomorrow"},
        {"expires_at": datetime(2026, 12, 1)},  # noqa: DTZ001 - what is wrong
    ],
)
def test_a_start_that_leads_elsewhere_or_cannot_be_kept_is_unclear(
    till: Till, bank: Bank, changes: dict[str, Any]
) -> None:
    till.core.gateways["memory"] = Teller(type("Junk", (Starts,), {"changes": changes})(bank))
    order_id = till.start()
    assert till.state(order_id) is State.UNKNOWN
    till.core.gateways["memory"] = Teller(BankGateway(bank))
    till.sweep()
    assert till.state(order_id) is State.PENDING
    assert len(bank.sales) == 1


def test_the_payer_may_be_led_back_to_us_at_once(till: Till, bank: Bank) -> None:
    class Decided(BankGateway):
        def start(self, order: Order) -> Started:
            return replace(BankGateway.start(self, order), step=Redirect(order.return_url))

    till.core.gateways["memory"] = Teller(Decided(bank))
    assert till.state(till.start()) is State.PENDING


@pytest.mark.parametrize("reference", ["", "r" * 65, "a\0b"])
def test_a_charge_whose_number_cannot_be_kept_is_unclear(
    till: Till, bank: Bank, reference: str
) -> None:
    class Odd(BankGateway):
        def charge(self, order: Order, card: SavedCard) -> str:
            BankGateway.charge(self, order, card)
            return reference

    bank.tokens["card-1"] = None
    order = replace(order_for(BankGateway(bank)), reference=None)
    with pytest.raises(Unclear, match=r"charge\(\)"):
        Teller(Odd(bank)).charge(order, SavedCard("card-1"))
    assert till.credited() == []


class Lists(BankGateway):
    """Changes the lines of its register."""

    changes: dict[str, Any]

    def settled(self, day: date) -> list[Settled]:
        return [replace(line, **self.changes) for line in BankGateway.settled(self, day)]


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": 500.5},
        {"amount": True},
        {"amount": Kopecks(2**63)},
        {"fee": Kopecks(500_01)},
        {"fee": None},
        {"reference": ""},
        {"reference": "a\0b"},
        {"reference": 17},
        {"reference": "r" * 65},
        {"key": "17"},
        {"at": datetime(2026, 11, 1)},  # noqa: DTZ001 - what is wrong
        {"at": "today"},
        {"currency": None},
    ],
)
def test_a_register_with_a_line_that_makes_no_sense_is_not_read(
    till: Till, bank: Bank, changes: dict[str, Any]
) -> None:
    till.paid()
    day = till.clock.moment.date()
    teller = Teller(type("Junk", (Lists,), {"changes": changes})(bank))
    with pytest.raises(Unclear, match="line 1 of the register"):
        teller.settled(day)
    assert Teller(BankGateway(bank)).settled(day)


@pytest.mark.parametrize(
    ("fee", "limits"),
    [
        (1.5, (1_00, 1000_00)),
        (-1, (1_00, 1000_00)),
        (True, (1_00, 1000_00)),
        (None, (1_00, 1000_00)),
        (0, (1000_00, 1_00)),
        (0, (0, 1000_00)),
        (0, (1_00, 1000.0)),
        (0, (1_00,)),
        (0, None),
        (2**63, (1_00, 1000_00)),
    ],
)
def test_a_gateway_whose_terms_make_no_sense_is_left_out_of_the_choice(
    till: Till, bank: Bank, fee: object, limits: object
) -> None:
    class Odd(BankGateway):
        def fee(self, amount: Kopecks, way: Way) -> Kopecks:
            del amount, way
            return cast("Kopecks", fee)

        def limits(self, way: Way) -> tuple[Kopecks, Kopecks]:
            del way
            return cast("tuple[Kopecks, Kopecks]", limits)

    till.core.gateways["odd"] = Teller(Odd(bank, name="odd"))
    found = choices(Kopecks(500_00))
    assert {choice.gateway for choice in found} == {"memory"}
    with pytest.raises(NoGateway):
        till.place(gateway="odd")


def test_one_bad_gateway_takes_no_page_down(
    till: Till, bank: Bank, sign_in: Callable[..., Client], caplog: pytest.LogCaptureFixture
) -> None:
    class Raises(BankGateway):
        def fee(self, amount: Kopecks, way: Way) -> Kopecks:
            raise RuntimeError(f"the shop's secret, {amount} {way}")

    till.core.gateways["odd"] = Teller(Raises(bank, name="odd", title="Странный банк"))
    account = till.accounts[0].id
    page = sign_in(till.user).page(f"/pay/how?pay-{account}=1&sum-{account}=500")
    assert "Банк в памяти" in page.text
    assert "Странный банк" not in page.text
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text
