"""What a serving process does beside its requests: messages go out, small duties are done.

One thread in each process, which sleeps nearly always. Every process may have one: a message is
claimed by one of them, and each duty is safe to do twice.
"""

import logging
import threading
import time
from collections.abc import Callable

from flask import Flask

from tesweb.autopay import runs
from tesweb.current import Core, core
from tesweb.journal.seal import seal_finished_days
from tesweb.messages import delivery
from tesweb.payments import janitor
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
    "profile": plugged.sweep,
}


def work_in_background(app: Flask) -> threading.Thread:
    """Start the thread; it ends with the process, in the middle of whatever it does."""
    thread = threading.Thread(target=work, args=(app,), name="tesweb worker", daemon=True)
    thread.start()
    return thread


def work(app: Flask, ended: threading.Event | None = None) -> None:
    """Deliver and sweep until `ended` is set."""
    ended, swept = ended or threading.Event(), float("-inf")
    while not ended.wait(_NAP):
        with app.app_context():
            _guarded("payments", janitor.sweep)
            _guarded("autopay", runs.sweep)
            _guarded("delivery", delivery.deliver)
            if time.monotonic() - swept >= _EVERY:
                swept = time.monotonic()
                sweep()


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
