"""Work in a process of its own, forked from this one, in which everything is imported already."""

import ctypes
import os
import pickle
import select
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
#: How long one piece of work may take, in seconds.
PATIENCE = 90.0
#: PR_SET_PDEATHSIG and PR_SET_PTRACER of prctl(2).
_END_WITH_PARENT, _MAY_BE_TRACED = 1, 0x59616D61
_BY_ANYBODY = ctypes.c_ulong(-1)


class Broken(Exception):
    """The work has failed; the text is its traceback."""


class Hung(Exception):
    """Nothing has come for too long."""


def fork(work: Callable[[], object]) -> int:
    """Do the work in a child, which ends with it or with us; the child's number."""
    child = os.fork()
    if child:
        return child
    try:
        prctl = ctypes.CDLL(None).prctl
        prctl(_END_WITH_PARENT, signal.SIGKILL)
        # Where Yama watches, a process says itself who may look into it.
        prctl(_MAY_BE_TRACED, _BY_ANYBODY, 0, 0, 0)
        work()
    finally:
        os._exit(0)


def apart(work: Callable[[], T]) -> T:
    """What the work gives, done in a child. Raises Broken, Hung."""
    hear, tell = os.pipe()

    def report() -> None:
        try:
            told: tuple[str, object] = ("", work())
        except BaseException:
            told = (traceback.format_exc(), None)
        with os.fdopen(tell, "wb") as end:
            pickle.dump(told, end)

    child = fork(report)
    os.close(tell)
    try:
        trouble, result = pickle.loads(_all(hear))  # noqa: S301 - a child of ours
    finally:
        os.close(hear)
        end(child)
    if trouble:
        raise Broken(trouble)
    return result  # type: ignore[no-any-return]  # what `work` gave


@contextmanager
def beside(work: Callable[[], object]) -> Iterator[None]:
    """Somebody works in a child meanwhile; afterwards the child is killed."""
    child = fork(work)
    try:
        yield
    finally:
        end(child)


def end(child: int) -> int:
    """Kill a child, dead or alive, and bury it; its status."""
    os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def heard(pipe: int, until: float) -> bytes:
    """What has come through a pipe, nothing once nobody holds its other end. Raises Hung."""
    if not select.select([pipe], [], [], max(0.0, until - time.monotonic()))[0]:
        raise Hung
    return os.read(pipe, 65536)


def _all(pipe: int) -> bytes:
    until, parts = time.monotonic() + PATIENCE, []
    while part := heard(pipe, until):
        parts.append(part)
    return b"".join(parts)
