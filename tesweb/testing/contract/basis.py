"""What every test of the contract is given, and an order to try."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from tesweb.money import Kopecks
from tesweb.payments import sense
from tesweb.payments.protocol import BankState, FiscalState, Gateway, Line, Order, Report, Vat, Way
from tesweb.testing.banks import Driver
from tesweb.testing.contract.trials import fault, gives, kind, same, want


def order_for(gateway: Gateway, amount: int = 1234_05, way: Way | None = None) -> Order:
    """A new order that the gateway may take."""
    way = way or gateway.ways[0]
    least, most = gateway.limits(way)
    fitting = Kopecks(min(max(amount, least), most))
    return Order(
        key=uuid4(),
        number="17",
        amount=fitting,
        way=way,
        purpose="Электроэнергия, лицевой счёт 720400000001",
        contact="payer.of.the.contract@example.ru",
        lines=(Line("Электроэнергия, лицевой счёт 720400000001", fitting, Vat.TWENTY_TWO_122),),
        return_url="https://lk.example.ru/pay/back/abc",
        notify_url=f"https://lk.example.ru/pay/{gateway.name}/notify",
        customer="tesweb-5",
        placed_at=datetime.now(UTC),
    )


class Basis:
    """The fixtures; `bank` and `gateway` are to be replaced."""

    @pytest.fixture
    def bank(self) -> Driver:
        """Replace it: gives the bank that the gateway talks to, as the tests drive it."""
        fault("give your bank in a fixture `bank`")

    @pytest.fixture
    def gateway(self) -> Gateway:
        """Replace it: gives the gateway."""
        fault("give your gateway in a fixture `gateway`")

    @pytest.fixture
    def order(self, gateway: Gateway) -> Order:
        """An order; replace it where your bank needs another one."""
        return order_for(gateway)

    @pytest.fixture
    def secrets(self) -> list[str]:
        """Replace it: what nobody may see, in each form that the gateway sends it in."""
        fault("give your secrets in a fixture `secrets`")

    @pytest.fixture
    def patience(self) -> float:
        """How long a call may take; give a second where your gateway's time is a setting."""
        return 30.0


def another(order: Order, amount: int | None = None) -> Order:
    """A further order like this one, of another sum where one is given."""
    sum_ = order.amount if amount is None else Kopecks(amount)
    lines = (Line("Электроэнергия", sum_, Vat.TWENTY_TWO_122),)
    return replace(order, key=uuid4(), amount=sum_, lines=lines, reference=None)


def started(gateway: Gateway, order: Order, patience: float) -> Order:
    """The order once the bank has it, with its reference."""
    answer = gives(patience, gateway.start, order)
    return replace(order, reference=answer.reference)


def reported(gateway: Gateway, order: Order, patience: float) -> Report:
    """What the gateway says about the order, looked at from outside."""
    report = gives(patience, gateway.report, order)
    kind(report, "what report() gives", Report)
    for what in ("paid", "refunded"):
        kind(getattr(report, what), f"Report.{what}", int)
    kind(report.state, "Report.state", BankState)
    if report.fiscal is not None:
        kind(report.fiscal.state, "Fiscal.state", FiscalState)
    want(sense.is_report(report), f"what report() gives: {report!r}")
    if order.reference is not None:
        same(report.reference, order.reference, "Report.reference")
    return report


def paid(gateway: Gateway, bank: Driver, order: Order, patience: float) -> Order:
    """The order once it is paid."""
    order = started(gateway, order, patience)
    bank.pay(str(order.reference))
    return order
