"""The gateway keeps the contract against a bank that speaks API v3 and knows nothing of it."""

import base64
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from pydantic import SecretStr
from tesweb_yookassa.gateway import YooKassaWithCards, of
from tesweb_yookassa.settings import YooKassaSettings

from tests.plugins.yookassa.double import SECRET, SHOP
from tests.plugins.yookassa.sandbox import DELAY, Sandbox, running
from tesweb.api import payments as p
from tesweb.testing.gateways import GatewayContract, order_for


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running(tmp_path_factory.mktemp("sandbox") / "bank") as made:
        yield made


@pytest.fixture
def sandbox(process: Sandbox) -> Sandbox:
    process.panel(clear="yes")
    return process


@pytest.fixture
def gateway(sandbox: Sandbox) -> YooKassaWithCards:
    made = of(
        YooKassaSettings.model_validate(
            {
                "shop_id": SHOP,
                "secret_key": SecretStr(SECRET),
                "api": f"{sandbox.address}/v3",
                "origins": [sandbox.address],
                "networks": ["127.0.0.0/8"],
                "patience": DELAY - 1,
            }
        )
    )
    assert isinstance(made, YooKassaWithCards)
    return made


class TestSandbox(GatewayContract):
    @pytest.fixture
    def bank(self, sandbox: Sandbox) -> Sandbox:
        return sandbox

    @pytest.fixture
    def gateway(self, gateway: YooKassaWithCards) -> p.Gateway:
        return gateway

    @pytest.fixture
    def secrets(self) -> list[str]:
        return [SECRET, base64.b64encode(f"{SHOP}:{SECRET}".encode()).decode()]

    @pytest.fixture
    def patience(self) -> float:
        return DELAY - 1.0

    #: This bank takes what was asked for, and rubles; the double tells other sums and currencies.
    test_another_sum_is_passed_on = None  # type: ignore[assignment]  # left out
    test_another_currency_is_passed_on = None  # type: ignore[assignment]  # left out


def paid(gateway: YooKassaWithCards, sandbox: Sandbox) -> p.Order:
    order = order_for(gateway)
    order = replace(order, reference=gateway.start(order).reference)
    sandbox.pay(str(order.reference))
    return order


def test_its_notices_are_read(gateway: YooKassaWithCards, sandbox: Sandbox) -> None:
    sandbox.panel(fault="duplicate", count=3)
    order = paid(gateway, sandbox)
    end, mine = time.monotonic() + 20, [p.Notice()]
    while len(mine) < 4 and time.monotonic() < end:
        time.sleep(0.1)
        mine = [p.Notice()] + [
            notice for notice in map(gateway.read, sandbox.notices) if notice.key == order.key
        ]
    assert mine[1:] == [p.Notice(key=order.key)] * 3


def test_its_receipts_get_their_numbers(gateway: YooKassaWithCards, sandbox: Sandbox) -> None:
    order = paid(gateway, sandbox)
    fiscal = gateway.report(order).fiscal
    assert fiscal == p.Fiscal(p.FiscalState.PENDING)
    sandbox.panel(forward=10)
    fiscal = gateway.report(order).fiscal
    assert fiscal is not None
    assert fiscal.state is p.FiscalState.SUCCEEDED
    assert fiscal.number.isdigit()
    assert fiscal.storage.isdigit()


def test_an_order_that_nobody_pays_is_over_in_an_hour(
    gateway: YooKassaWithCards, sandbox: Sandbox
) -> None:
    order = order_for(gateway)
    order = replace(order, reference=gateway.start(order).reference)
    sandbox.panel(forward=3700)
    report = gateway.report(order)
    assert (report.state, report.reason) == (p.BankState.EXPIRED, p.Reason.TIME_OVER)


@pytest.mark.parametrize(
    ("card", "reason"),
    [
        ("2200000000000012", p.Reason.NOT_CONFIRMED),
        ("2200000000000020", p.Reason.CALL_BANK),
        ("2200000000000038", p.Reason.CARD_EXPIRED),
        ("2201382000000054", p.Reason.COUNTRY_FORBIDDEN),
        ("2200000000000046", p.Reason.FRAUD_SUSPECTED),
        ("2202202212312379", p.Reason.DECLINED),
        ("2200000000000053", p.Reason.NOT_ENOUGH_MONEY),
        ("2201382000000013", p.Reason.WRONG_NUMBER),
        ("2200770212727079", p.Reason.WRONG_CODE),
        ("2201382000000021", p.Reason.BANK_UNAVAILABLE),
        ("2201382000000039", p.Reason.LIMIT_REACHED),
        ("2201382000000047", p.Reason.CARD_RESTRICTED),
    ],
)
def test_each_card_for_trials_fails_for_its_reason(
    gateway: YooKassaWithCards, sandbox: Sandbox, card: str, reason: p.Reason
) -> None:
    order = order_for(gateway)
    order = replace(order, reference=gateway.start(order).reference)
    sandbox.show(str(order.reference), card)
    report = gateway.report(order)
    assert (report.state, report.reason) == (p.BankState.FAILED, reason)
