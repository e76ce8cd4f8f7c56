"""The plugin with and without a terminal, and its settings."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr, ValidationError
from tesweb_tbank.settings import TBankSettings

from tests.plugins.tbank.conftest import Build
from tests.plugins.tbank.double import PASSWORD, TERMINAL
from tesweb.api import Kopecks, core
from tesweb.api import payments as p


@pytest.fixture
def overrides(request: pytest.FixtureRequest) -> dict[str, Any]:
    section: dict[str, Any] = getattr(request, "param", {})
    return {"plugins": {"tbank": section}} if section else {}


@pytest.fixture
def within(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.mark.usefixtures("within")
def test_without_a_terminal_there_is_no_gateway() -> None:
    assert "tbank" not in core().gateways
    assert core().plugins.known["tbank"].reason == ""


@pytest.mark.parametrize(
    "overrides", [{"terminal_key": TERMINAL, "password": PASSWORD}], indirect=True
)
@pytest.mark.usefixtures("within")
def test_with_a_terminal_it_takes_cards_and_sbp() -> None:
    gateway = core().gateways["tbank"].gateway
    assert gateway.ways == (p.Way.CARD, p.Way.SBP)
    assert gateway.limits(p.Way.CARD) == (1_00, 350_000_00)
    assert gateway.limits(p.Way.SBP) == (10_00, 350_000_00)
    assert isinstance(gateway, p.Refunds)
    assert isinstance(gateway, p.Autopay)
    assert not isinstance(gateway, p.Register)


@pytest.mark.parametrize(
    "overrides",
    [{"terminal_key": 1510572937960, "password": PASSWORD, "saves_cards": False}],
    indirect=True,
)
@pytest.mark.usefixtures("within")
def test_a_terminal_without_charges_offers_none() -> None:
    assert not isinstance(core().gateways["tbank"].gateway, p.Autopay)


def test_the_fee_is_rounded_half_up(build: Build) -> None:
    gateway = build(fee="1.2")
    assert gateway.fee(Kopecks(4115_07), p.Way.CARD) == 49_38


def test_the_password_is_never_shown(build: Build) -> None:
    chosen = TBankSettings(terminal_key=TERMINAL, password=SecretStr(PASSWORD))
    assert PASSWORD not in repr(chosen) + str(chosen) + chosen.model_dump_json() + repr(build())


@pytest.mark.parametrize(
    "values",
    [
        {"api": "http://securepay.tinkoff.ru/v2"},
        {"api": "https://u@x/v2"},
        {"origins": ["http://pay.tbank.ru"]},
        {"networks": ["everywhere"]},
        {"taxation": "none"},
        {"receipts": "1.1"},
        {"fee": "-1"},
        {"most": 0},
        {"patience": 60},
        {"ways": ["cash"]},
        {"terminal_key": "a b"},
        {"secret": "x"},
    ],
)
def test_slips_in_the_settings_are_told(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TBankSettings(**values)
