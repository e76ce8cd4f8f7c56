"""The gateway keeps the contract, against the double."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tesweb_yookassa import answers, bodies

from tests.plugins.yookassa.conftest import Build
from tests.plugins.yookassa.double import SECRET, SHOP, Double
from tests.plugins.yookassa.driver import DoubleDriver
from tesweb.api import Kopecks, payments
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
        return [SECRET, base64.b64encode(f"{SHOP}:{SECRET}".encode()).decode()]

    @pytest.fixture
    def patience(self) -> float:
        return 1.0


@given(st.integers(0, 10**13))
def test_every_sum_comes_back_as_it_went(amount: int) -> None:
    assert answers.kopecks(bodies.rubles(Kopecks(amount))) == amount
