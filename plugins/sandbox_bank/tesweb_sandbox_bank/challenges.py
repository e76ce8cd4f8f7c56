"""3-D Secure in memory: who waits for a code. A card's data live here until the code is right.

Nothing of it is ever written down; a restart forgets it and the payer types the card again.
"""

import hmac
import secrets
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto

from tesweb_sandbox_bank.models import Body
from tesweb_sandbox_bank.testcards import Outcome

LIFE = timedelta(minutes=5)
#: So long the card stays known while its owner looks for the telephone.
PATIENCE = timedelta(minutes=20)
TRIES = 3
MOST_MESSAGES = 5


class Verdict(Enum):
    """What a typed code is."""

    RIGHT = auto()
    WRONG = auto()
    #: The third wrong one.
    LOST = auto()
    #: Five minutes are over.
    OLD = auto()
    #: Nobody waits for it.
    NONE = auto()


@dataclass(slots=True)
class Challenge:
    """A card whose owner is to type a code."""

    outcome: Outcome
    #: What may be kept of the card.
    card: Body
    began_at: datetime
    sent_at: datetime
    code: str = field(default="", repr=False)
    tries: int = 0
    messages: int = 0

    @property
    def tries_left(self) -> int:
        """How often it may still be wrong."""
        return TRIES - self.tries


class Challenges:
    """All that are open, by the payment's number; any thread may ask."""

    def __init__(self) -> None:
        """Start with none."""
        self._lock = threading.Lock()
        self._open: dict[str, Challenge] = {}

    def begin(self, payment: str, outcome: Outcome, card: Body, now: datetime) -> str:
        """Wait for a code, and give it; an earlier card of this payment is forgotten."""
        made = Challenge(outcome, card, now, now, _new_code(), messages=1)
        with self._lock:
            self._open[payment] = made
        return made.code

    def again(self, payment: str, now: datetime) -> str | None:
        """A new code instead of the old one; None where there were enough."""
        with self._lock:
            found = self._open.get(payment)
            if found is None or found.messages >= MOST_MESSAGES:
                return None
            found.code, found.sent_at = _new_code(), now
            found.messages += 1
            return found.code

    def of(self, payment: str) -> Challenge | None:
        """The one of this payment."""
        with self._lock:
            return self._open.get(payment)

    def judge(self, payment: str, typed: str, now: datetime) -> Verdict:
        """What the typed code is; a wrong one uses up a try."""
        with self._lock:
            found = self._open.get(payment)
            if found is None:
                return Verdict.NONE
            if now - found.sent_at > LIFE:
                return Verdict.OLD
            if hmac.compare_digest(typed.encode(), found.code.encode()):
                return Verdict.RIGHT
            found.tries += 1
            return Verdict.WRONG if found.tries_left > 0 else Verdict.LOST

    def drop(self, payment: str) -> None:
        """Forget the card."""
        with self._lock:
            self._open.pop(payment, None)

    def sweep(self, now: datetime) -> None:
        """Forget whoever went away."""
        with self._lock:
            for payment, found in list(self._open.items()):
                if now - found.began_at > PATIENCE:
                    del self._open[payment]


def _new_code() -> str:
    return f"{secrets.randbelow(1_000_000):06d}"
