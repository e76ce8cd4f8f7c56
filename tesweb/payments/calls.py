"""Calling a gateway: in a thread of its own, with an end, whatever the plugin does."""

import contextvars
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from tesweb.payments.protocol import GatewayError, Unclear

T = TypeVar("T")

log = logging.getLogger(__name__)
#: A gateway answers within 30 seconds; this is for one that does not keep to it.
PATIENCE = 35.0
#: Calls of one gateway at a time in one process; one that hangs must not take every thread.
MOST = 64


@dataclass(slots=True)
class _Call:
    """A call under way, and what came of it."""

    done: threading.Event = field(default_factory=threading.Event)
    result: object = None
    error: BaseException | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Calls one gateway."""

    name: str
    free: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(MOST)
    )

    def ask(self, what: Callable[[], T], kind: type[T] | None, patience: float = PATIENCE) -> T:
        """What the gateway answers.

        Raises what the protocol lets it raise. Everything else is Unclear: no answer in time,
        another exception, an answer that is no `kind` (None for a method that answers nothing).
        """
        if not self.free.acquire(blocking=False):
            raise Unclear(f"{self.name} has {MOST} calls under way")
        call, context = _Call(), contextvars.copy_context()
        thread = threading.Thread(
            target=context.run, args=(self._run, what, call), name=self.name, daemon=True
        )
        thread.start()
        if not call.done.wait(patience):
            log.error("%s did not answer within %d seconds", self.name, patience)
            raise Unclear(f"{self.name} did not answer in time")
        return self._judge(call, kind)

    def _run(self, what: Callable[[], object], call: _Call) -> None:
        try:
            call.result = what()
        except BaseException as error:
            call.error = error
        finally:
            self.free.release()
            call.done.set()

    def _judge(self, call: _Call, kind: type[T] | None) -> T:
        if isinstance(call.error, GatewayError):
            raise call.error
        if call.error is not None:
            # The text may hold a secret of the bank's.
            log.error("%s raised %s", self.name, type(call.error).__name__)
            raise Unclear(f"{self.name} raised {type(call.error).__name__}") from None
        if kind is not None and not isinstance(call.result, kind):
            log.error("%s answered with %s", self.name, type(call.result).__name__)
            raise Unclear(f"{self.name} answered with {type(call.result).__name__}")
        return call.result  # type: ignore[return-value]  # looked at just now
