"""A gateway to a double of T-Bank, and an order to pay."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr
from tesweb_tbank.gateway import TBankWithCards, of
from tesweb_tbank.settings import TBankSettings

from tests.plugins.tbank.double import ORIGIN, PASSWORD, TERMINAL, Double, running
from tesweb.api import Kopecks
from tesweb.api import payments as p

Build = Callable[..., TBankWithCards]


@pytest.fixture
def double() -> Iterator[Double]:
    with running(Double()) as made:
        yield made


@pytest.fixture
def build(double: Double) -> Build:
    """Builds the gateway with settings of the test's own."""

    def built(**values: object) -> TBankWithCards:
        usual: dict[str, Any] = {
            "terminal_key": TERMINAL,
            "password": SecretStr(PASSWORD),
            "api": double.api,
            "origins": (ORIGIN,),
            "patience": 1,
        }
        made = of(TBankSettings(**usual | values))
        assert isinstance(made, TBankWithCards)
        return made

    return built


@pytest.fixture
def gateway(build: Build) -> TBankWithCards:
    return build()


@pytest.fixture
def order() -> p.Order:
    return p.Order(
        key=uuid4(),
        number="17",
        amount=Kopecks(1234_05),
        way=p.Way.CARD,
        purpose="Электроэнергия, лицевой счёт 720400000001",
        contact="payer@example.ru",
        lines=(
            p.Line("Электроэнергия, счёт 720400000001", Kopecks(1000_05), p.Vat.TWENTY_TWO_122),
            p.Line("Электроэнергия, счёт 720400000002", Kopecks(234_00), p.Vat.TWENTY_TWO_122),
        ),
        return_url="https://lk.example.ru/pay/back/abc",
        notify_url="https://lk.example.ru/pay/tbank/notify",
        customer="tesweb-5",
        placed_at=datetime(2026, 11, 20, 7, 0, tzinfo=UTC),
    )
