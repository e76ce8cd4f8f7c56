"""The double as `GatewayContract` drives it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from tests.plugins.yookassa.double import Double
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
THEIRS = "185.71.76.1"


@dataclass
class DoubleDriver:
    """What a test does to the double."""

    double: Double

    def pay(self, reference: str, amount: Kopecks | None = None, currency: str = "RUB") -> None:
        value = None if amount is None else f"{amount // 100}.{amount % 100:02d}"
        self.double.pay(reference, value, currency)

    def decline(self, reference: str) -> None:
        self.double.cancel(reference, "insufficient_funds")

    def revoke(self, card: p.SavedCard) -> None:
        self.double.cards[card.token] = "permission_revoked"

    def spoil(self, fault: Fault) -> None:
        self.double.faults.append(FAULTS[fault])

    def notification(self, reference: str) -> p.Notification:
        payment = self.double.payments[reference]
        known = {name: payment[name] for name in payment if name != "save"}
        body = {"type": "notification", "event": "payment.succeeded", "object": known}
        return p.Notification(json.dumps(body).encode(), {}, THEIRS)

    def forgeries(self, reference: str) -> Sequence[p.Notification]:
        real = self.notification(reference)
        return [p.Notification(real.body, {}, address) for address in ("203.0.113.7", "::1", "")]

    def orders(self) -> int:
        return len(self.double.payments)

    def returned(self, reference: str) -> Kopecks:
        mine = [one for one in self.double.refunds.values() if one["payment_id"] == reference]
        return Kopecks(sum(int(one["amount"]["value"].replace(".", "")) for one in mine))
