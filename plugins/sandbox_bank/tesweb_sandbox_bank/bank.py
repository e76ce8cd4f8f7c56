"""The parts of the running bank, and how a request finds them."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

from flask import current_app

from tesweb_sandbox_bank.challenges import Challenges
from tesweb_sandbox_bank.faults import Faults
from tesweb_sandbox_bank.options import Clock, Options
from tesweb_sandbox_bank.store import Store

_FORWARD = "forward"


@dataclass(frozen=True, slots=True)
class Bank:
    """Everything that a request needs."""

    options: Options
    store: Store
    clock: Clock
    #: Signs the pages' forms.
    secret: bytes = field(repr=False)
    faults: Faults = field(default_factory=Faults)
    challenges: Challenges = field(default_factory=Challenges)

    def go_forward(self, seconds: int) -> None:
        """Move the clock, over a restart too: what is written must not lie in the future."""
        with self.store.work() as work:
            gone = int(work.fact(_FORWARD) or 0) + seconds
            work.remember(_FORWARD, str(gone))
        self.clock.shift += timedelta(seconds=seconds)


def opened(options: Options, shift: timedelta, secret: str) -> Bank:
    """The bank on its books; `secret` is for new ones."""
    store = Store(options.folder / "bank.db")
    with store.work() as work:
        kept = work.fact("secret") or secret
        work.remember("secret", kept)
        forward = int(work.fact(_FORWARD) or 0)
    clock = Clock(shift + timedelta(seconds=forward))
    return Bank(options, store, clock, kept.encode())


def bank() -> Bank:
    """The bank that answers this request."""
    return cast("Bank", current_app.extensions["bank"])
