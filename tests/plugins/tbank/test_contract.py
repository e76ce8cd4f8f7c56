"""The gateway keeps the contract, against the double."""

import pytest

from tests.plugins.tbank.conftest import Build
from tests.plugins.tbank.double import PASSWORD, Double
from tests.plugins.tbank.driver import DoubleDriver
from tesweb.api import payments
from tesweb.testing.gateways import Driver, GatewayContract


class TestDouble(GatewayContract):
    @pytest.fixture
    def bank(self, double: Double) -> Driver:
        return DoubleDriver(double)

    @pytest.fixture
    def gateway(self, build: Build) -> payments.Gateway:
        return build()

    @pytest.fixture
    def secrets(self) -> list[str]:
        return [PASSWORD]

    @pytest.fixture
    def patience(self) -> float:
        return 1.0

    #: A terminal takes rubles, and T-Bank's answers name no currency.
    test_another_currency_is_passed_on = None  # type: ignore[assignment]  # left out
