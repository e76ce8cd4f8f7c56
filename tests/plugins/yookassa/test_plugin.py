"""The plugin with and without a shop, and its settings."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr, ValidationError
from tesweb_yookassa.settings import YooKassaSettings

from tests.plugins.yookassa.conftest import Build
from tests.plugins.yookassa.double import SECRET, SHOP
from tesweb.api import core
from tesweb.api import payments as p


@pytest.fixture
def overrides(request: pytest.FixtureRequest) -> dict[str, Any]:
    section: dict[str, Any] = getattr(request, "param", {})
    return {"plugins": {"yookassa": section}} if section else {}


@pytest.fixture
def within(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.mark.usefixtures("within")
def test_without_a_shop_there_is_no_gateway() -> None:
    assert "yookassa" not in core().gateways
    assert core().plugins.known["yookassa"].reason == ""


@pytest.mark.parametrize("overrides", [{"shop_id": SHOP, "secret_key": SECRET}], indirect=True)
@pytest.mark.usefixtures("within")
def test_with_a_shop_it_takes_cards_and_sbp() -> None:
    gateway = core().gateways["yookassa"].gateway
    assert gateway.ways == (p.Way.CARD, p.Way.SBP)
    assert gateway.limits(p.Way.CARD) == (1_00, 350_000_00)
    assert gateway.origins == ("https://yoomoney.ru", "https://yookassa.ru")
    assert isinstance(gateway, p.Refunds)
    assert isinstance(gateway, p.Autopay)


@pytest.mark.parametrize(
    "overrides",
    [{"shop_id": SHOP, "secret_key": SECRET, "ways": ["card"], "saves_cards": False}],
    indirect=True,
)
@pytest.mark.usefixtures("within")
def test_a_shop_without_autopayments_offers_none() -> None:
    gateway = core().gateways["yookassa"].gateway
    assert gateway.ways == (p.Way.CARD,)
    assert not isinstance(gateway, p.Autopay)


def test_the_key_is_never_shown(build: Build) -> None:
    chosen = YooKassaSettings(shop_id=SHOP, secret_key=SecretStr(SECRET))
    assert SECRET not in repr(chosen) + str(chosen) + chosen.model_dump_json() + repr(build())


@pytest.mark.parametrize(
    "values",
    [
        {"api": "http://api.yookassa.ru/v3"},
        {"api": "ftp://x"},
        {"api": "https://u@x/v3"},
        {"origins": ["http://yoomoney.ru"]},
        {"origins": ["https://yoomoney.ru/x"]},
        {"networks": ["everywhere"]},
        {"tax_system": 7},
        {"fee": "-1"},
        {"patience": 60},
        {"ways": ["cash"]},
        {"shop_id": "abc"},
        {"secret": "x"},
    ],
)
def test_slips_in_the_settings_are_told(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        YooKassaSettings(**values)


@pytest.mark.parametrize("overrides", [{"shop_id": 100500, "secret_key": SECRET}], indirect=True)
@pytest.mark.usefixtures("within")
def test_a_shop_that_is_written_as_a_number_is_the_same_shop() -> None:
    assert core().gateways["yookassa"].gateway.name == "yookassa"
