"""What a serving process does beside its requests: messages go out, small duties are done.

A few threads in each process, which sleep nearly always: a bank or a mail server that hangs keeps
its own circle waiting and no other. Every process may have them: a message is claimed by one, and
each duty is safe to do twice.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask

from tesweb.autopay import runs
from tesweb.current import Core, core
from tesweb.journal.seal import seal_finished_days
from tesweb.messages import delivery
from tesweb.payments import janitor, oblivion
from tesweb.profile import plugged

log = logging.getLogger(__name__)
#: How long a message waits at most before it is looked at, in seconds.
_NAP = 1.0
#: How often the duties are done, in seconds.
_EVERY = 600.0
#: What is done now and then, by name; each is safe to repeat and quick when there is nothing to do.
SWEEPS: dict[str, Callable[[Core], object]] = {
    "journal": lambda parts: seal_finished_days(parts.database, parts.clock),
    "messages": delivery.sweep,
    "autopay": lambda parts: runs.remind(),  # noqa: ARG005 - every duty is given the core
    "notifications": lambda parts: janitor.forget(),  # noqa: ARG005 - the same
    "profile": plugged.sweep,
}


@dataclass(frozen=True, slots=True)
class Circle:
    """What waits for nothing else: it goes round in a thread of its own."""

    name: str
    #: How long it rests between two times, in seconds.
    every: float
    duty: Callable[[], object]


def work_in_background(app: Flask) -> None:
    """Start the threads; they end with the process, in the middle of whatever they do."""
    for circle in CIRCLES:
        name = f"tesweb {circle.name}"
        threading.Thread(target=work, args=(app, circle), name=name, daemon=True).start()


def work(app: Flask, circle: Circle, ended: threading.Event | None = None) -> None:
    """Go round until `ended` is set."""
    ended, rest = ended or threading.Event(), _NAP
    while not ended.wait(rest):
        with app.app_context():
            _guarded(circle.name, circle.duty)
        rest = circle.every


def sweep() -> None:
    """Do every duty once."""
    for name, duty in SWEEPS.items():
        _guarded(name, lambda duty=duty: duty(core()))  # type: ignore[misc]  # bound in the loop


def _guarded(name: str, duty: Callable[[], object]) -> None:
    """One that fails is tried again the next time; its error's text may hold personal data."""
    try:
        duty()
    except Exception as error:
        log.error("%s failed: %s", name, type(error).__name__)  # noqa: TRY400 - the text is private


CIRCLES = (
    Circle("payments", _NAP, janitor.sweep),
    Circle("autopay", _NAP, runs.sweep),
    Circle("removed cards", _NAP, oblivion.sweep),
    Circle("delivery", _NAP, delivery.deliver),
    Circle("sweep", _EVERY, sweep),
)
