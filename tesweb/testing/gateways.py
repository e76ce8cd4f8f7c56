"""The contract of a gateway, for its author's own tests. `docs/gateways.md` tells how to use it.

class TestGateway(GatewayContract):
    @pytest.fixture
    def bank(self) -> Driver:
        return MyBank()

    @pytest.fixture
    def gateway(self, bank: MyBank) -> Gateway:
        return MyGateway(bank.address, "secret")

    @pytest.fixture
    def secrets(self) -> list[str]:
        return ["secret"]
"""

from tesweb.testing.banks import NOT_DONE, UNHEARD, Driver, Fault
from tesweb.testing.contract.basis import order_for
from tesweb.testing.contract.capabilities import Cards, MoneyBack, Registers
from tesweb.testing.contract.orders import Orders
from tesweb.testing.contract.trust import Trust

__all__ = ["NOT_DONE", "UNHEARD", "Driver", "Fault", "GatewayContract", "order_for"]


class GatewayContract(Orders, Trust, MoneyBack, Cards, Registers):
    """What every gateway keeps. A fault makes a test of its name fail, with a sentence on it."""
