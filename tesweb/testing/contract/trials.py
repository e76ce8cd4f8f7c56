"""Helpers of `GatewayContract`: a call with an end, everything that was logged, plain faults."""

import logging
import random
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NoReturn, ParamSpec, TypeVar

import pytest

from tesweb.money import Kopecks
from tesweb.payments.protocol import GatewayError

P = ParamSpec("P")
T = TypeVar("T")
#: What a machine under load may take beyond the time.
_SLACK = 3.0
#: Sums at which `int(rubles * 100)` loses a kopeck, and others that slips like to be about.
SUMS = (1_00, 1_01, 1_15, 1_99, 2_01, 4_35, 8_35, 9_95, 10_00, 50_00, 123_45, 1001_01, 4115_07)


def fault(sentence: str) -> NoReturn:
    """End the test with a sentence."""
    pytest.fail(sentence, pytrace=False)


def want(is_so: object, sentence: str) -> None:
    """End the test with a sentence unless it is so."""
    if not is_so:
        fault(sentence)


def same(found: object, wanted: object, what: str) -> None:
    """End the test where something is not what it should be."""
    want(found == wanted, f"{what}: {found!r} where {wanted!r} belongs")


def kind(found: object, what: str, *wanted: type) -> None:
    """End the test where something is of none of these kinds."""
    names = " or ".join(one.__name__ for one in wanted)
    want(isinstance(found, wanted), f"{what} is a {type(found).__name__} and no {names}")


@dataclass(slots=True)
class _Result:
    value: object = None
    error: BaseException | None = None


def within(patience: float, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What the call gives or raises; a fault where it is longer than its time."""
    result = _Result()

    def run() -> None:
        try:
            result.value = call(*args, **kwargs)
        except BaseException as error:
            result.error = error

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(patience + _SLACK)
    if thread.is_alive():
        fault(f"the call has not ended after {patience:g} seconds")
    if result.error is not None:
        raise result.error
    return result.value  # type: ignore[return-value]  # what the call gave


def gives(patience: float, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What the call gives; a fault where it raises anything."""
    try:
        return within(patience, call, *args, **kwargs)
    except Exception as error:  # a plugin may raise anything
        fault(f"{_name(call)} raised {error!r}")


def raises(
    wanted: type[GatewayError],
    patience: float,
    call: Callable[P, object],
    *args: P.args,
    **kwargs: P.kwargs,
) -> GatewayError:
    """The error that the call has to end with; a fault for another one, and for none."""
    try:
        given = within(patience, call, *args, **kwargs)
    except wanted as error:
        return error
    except Exception as error:  # a plugin may raise anything
        fault(f"{_name(call)} raised {error!r} where {wanted.__name__} belongs")
    fault(f"{_name(call)} gave {given!r} where {wanted.__name__} belongs")


def _name(call: object) -> str:
    return f"{getattr(call, '__name__', 'the call').strip('_')}()"


def at_once(calls: list[Callable[[], T]]) -> list[T]:
    """What the calls give, each in a thread of its own, begun together."""
    barrier, results = threading.Barrier(len(calls)), [_Result() for _ in calls]

    def run(result: _Result, call: Callable[[], T]) -> None:
        barrier.wait()
        try:
            result.value = call()
        except BaseException as error:
            result.error = error

    threads = [
        threading.Thread(target=run, args=pair, daemon=True)
        for pair in zip(results, calls, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        if result.error is not None:
            raise result.error
    return [result.value for result in results]  # type: ignore[misc]  # what the calls gave


@dataclass(eq=False)
class Heard(logging.Handler):
    """Everything that is logged."""

    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Hear every level."""
        logging.Handler.__init__(self, logging.NOTSET)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line with its traceback."""
        self.lines.append(logging.Formatter("%(name)s %(message)s").format(record))

    def error(self, error: BaseException) -> None:
        """Keep what an error tells, with all that lies behind it."""
        self.lines += [repr(error), *traceback.format_exception(error)]


@contextmanager
def listening() -> Iterator[Heard]:
    """Hear all loggers at their most talkative."""
    root, heard = logging.getLogger(), Heard()
    before = root.level
    root.addHandler(heard)
    root.setLevel(logging.DEBUG)
    try:
        yield heard
    finally:
        root.removeHandler(heard)
        root.setLevel(before)


def sums(least: int, most: int, count: int = 25) -> list[Kopecks]:
    """Sums within the limits: the ends, those that slips are about, drawn ones; always alike."""
    drawn = random.Random(2026)  # noqa: S311 - sums to try, no secret
    found = [least, least + 99, *SUMS, 350_000_00, most - 1, most]
    found += [drawn.randint(least, min(most, 10_000_00)) for _ in range(count)]
    return [Kopecks(amount) for amount in dict.fromkeys(found) if least <= amount <= most]
