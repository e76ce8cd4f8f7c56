"""The double as `GatewayContract` drives it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from tests.plugins.tbank.double import Body, Double, sign
from tesweb.api import Kopecks
from tesweb.api import payments as p
from tesweb.testing.gateways import Fault

FAULTS = {
    Fault.LOST: "lost",
    Fault.DOWN: "500",
    Fault.DEAF: "deaf",
    Fault.BROKEN: "500 after",
    Fault.GARBAGE: "garbage",
    Fault.SLOW: "slow",
}
THEIRS = "91.194.226.10"


def sent(body: Body, address: str = THEIRS) -> p.Notification:
    return p.Notification(json.dumps(body).encode(), {}, address)


@dataclass
class DoubleDriver:
    """What a test does to the double."""

    double: Double

    def pay(self, reference: str, amount: Kopecks | None = None, currency: str = "RUB") -> None:
        del currency
        self.double.pay(reference, amount)

    def decline(self, reference: str) -> None:
        self.double.move(reference, "REJECTED", "1051")

    def revoke(self, card: p.SavedCard) -> None:
        self.double.revoked.add(card.token.partition("/")[0])

    def spoil(self, fault: Fault) -> None:
        self.double.faults.append(FAULTS[fault])

    def notification(self, reference: str) -> p.Notification:
        return sent(self.double.notification(reference))

    def forgeries(self, reference: str) -> Sequence[p.Notification]:
        real = self.double.notification(reference)
        unsigned = {name: real[name] for name in real if name != "Token"}
        return [
            sent(real, "203.0.113.7"),
            sent(real, ""),
            sent(unsigned),
            sent(real | {"Status": "CONFIRMED", "Amount": 1}),
            sent(real | {"OrderId": "another"}),
            sent(real | {"Token": None}),
            sent(real | {"Token": real["Token"].upper() + "é"}),
            sent(sign(unsigned, "another password")),
            sent(sign(unsigned | {"TerminalKey": "another"})),
        ]

    def orders(self) -> int:
        return len(self.double.payments)

    def returned(self, reference: str) -> Kopecks:
        gone = self.double.refunds.items()
        return Kopecks(sum(amount for (number, _), amount in gone if number == reference))
