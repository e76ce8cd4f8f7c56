"""What a gateway's tests do to its bank, be it a double, a sandbox or one in memory."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from tesweb.money import Kopecks
from tesweb.payments.protocol import Notification, SavedCard


class Fault(StrEnum):
    """What goes wrong with the next request to the bank."""

    #: The bank never hears of it: the connection breaks before.
    LOST = "lost"
    #: The bank says 5xx and has done nothing.
    DOWN = "down"
    #: The bank does it, and its answer is lost.
    DEAF = "deaf"
    #: The bank does it and says 5xx.
    BROKEN = "broken"
    #: The bank does it and answers with nonsense.
    GARBAGE = "garbage"
    #: The bank does it and answers when nobody waits any more.
    SLOW = "slow"
    #: The bank says no.
    REFUSED = "refused"


#: Nothing has come of the request.
NOT_DONE = (Fault.LOST, Fault.DOWN)
#: What was asked for has happened, and nobody is told.
UNHEARD = (Fault.DEAF, Fault.BROKEN, Fault.GARBAGE, Fault.SLOW)


class Driver(Protocol):
    """The bank as `GatewayContract` drives it, past the gateway."""

    def pay(self, reference: str, amount: Kopecks | None = None, currency: str = "RUB") -> None:
        """The payer pays, as much as was asked for unless told otherwise."""

    def decline(self, reference: str) -> None:
        """The payer's card is declined."""

    def revoke(self, card: SavedCard) -> None:
        """The payer takes back that the card may be charged."""

    def spoil(self, fault: Fault) -> None:
        """Let the next request go wrong; any but REFUSED is asked for."""

    def notification(self, reference: str) -> Notification:
        """What the bank sends about the order now."""

    def forgeries(self, reference: str) -> Sequence[Notification]:
        """What somebody else would send: a wrong signature, another body, a foreign address."""

    def orders(self) -> int:
        """How many orders the bank has."""

    def returned(self, reference: str) -> Kopecks:
        """What the bank has given back of the order."""
