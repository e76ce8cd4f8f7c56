"""The process that dies: it says which threads it has, and waits until somebody looks at each."""

import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash.apart import PATIENCE, Hung, end, fork, heard
from tests.crash.strace import Point, harm, listen, points_of, was_harmed

_THREAD, _DONE = b"thread", b"done"
Begin = Callable[[], Callable[[], object]]
#: Which processes or threads are looked at, once the victim has these threads.
Where = Callable[[list[int]], list[int]]


@dataclass(slots=True)
class Fate:
    """What became of a victim."""

    #: Whether the fault came.
    was_hit: bool = False
    #: Whether the act came to its end.
    is_done: bool = False
    #: Why it did not, where the process lived.
    error: str = ""


@dataclass(slots=True)
class Victim:
    """A child with an act before it, and the two pipes to it."""

    folder: Path
    child: int = 0
    hear: int = -1
    answer: int = -1
    #: The child's descriptor by which it tells us, whose writes are none of the act's.
    tell: int = -1
    threads: list[int] = field(default_factory=list)
    tracers: list[subprocess.Popen[str]] = field(default_factory=list)

    def run(self, begin: Begin, look: Callable[["Victim"], None]) -> Fate:
        """Let the act run; `look` is called each time before a new thread does anything."""
        self.hear, self.tell = os.pipe()
        wait, self.answer = os.pipe()
        tell = self.tell
        self.child = fork(lambda: _act(begin, tell, wait))
        os.close(tell)
        os.close(wait)
        fate = Fate()
        try:
            self._follow(fate, look)
        except Hung:
            fate.error = "it hangs"
        finally:
            os.close(self.hear)
            os.close(self.answer)
            status = end(self.child)
            for tracer in self.tracers:
                tracer.terminate()
                tracer.communicate(timeout=PATIENCE)
        was_killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        fate.was_hit = was_killed and not fate.is_done and not fate.error
        return fate

    def _follow(self, fate: Fate, look: Callable[["Victim"], None]) -> None:
        until, rest = time.monotonic() + PATIENCE, b""
        while part := heard(self.hear, until):
            *lines, rest = (rest + part).split(b"\0")
            for line in lines:
                word, _, text = line.partition(b" ")
                if word == _THREAD:
                    self.threads.append(int(text))
                    look(self)
                    with suppress(BrokenPipeError):  # its process has ended meanwhile
                        os.write(self.answer, b".")
                else:
                    fate.is_done, fate.error = not text, text.decode()

    def log(self, thread: int) -> Path:
        """What strace says about a thread."""
        return self.folder / f"strace.{thread}"


def count(begin: Begin, folder: Path, where: Where) -> tuple[list[Point], Fate]:
    """Do the act unharmed; each of its calls in the order of its threads, or of the backends."""

    def attach(victim: Victim) -> None:
        found = where(victim.threads)
        for tid in found[len(victim.tracers) :]:
            victim.tracers.append(listen(tid, victim.log(len(victim.tracers))))

    victim = _fresh(folder)
    fate = victim.run(begin, attach)
    but = victim.tell if where is in_itself else None
    seen = range(len(victim.tracers))
    return [point for it in seen for point in points_of(it, victim.log(it), but)], fate


def strike(begin: Begin, folder: Path, where: Where, point: Point, how: str) -> Fate:
    """Do the act, in which one call ends the process or fails."""

    def attach(victim: Victim) -> None:
        found = [] if victim.tracers else where(victim.threads)
        if len(found) > point.thread:
            tid = found[point.thread]
            victim.tracers.append(harm(tid, victim.log(point.thread), point, how))

    victim = _fresh(folder)
    fate = victim.run(begin, attach)
    fate.was_hit = fate.was_hit or was_harmed(victim.log(point.thread))
    return fate


def in_itself(threads: list[int]) -> list[int]:
    """Look at the victim's own threads."""
    return threads


def _fresh(folder: Path) -> Victim:
    for old in folder.glob("strace.*"):
        old.unlink()
    return Victim(folder)


def _act(begin: Begin, tell: int, wait: int) -> None:
    """The child: get ready, then act, each thread once somebody looks at it."""
    lock = threading.Lock()

    def show() -> None:
        with lock:
            os.write(tell, b"%s %d\0" % (_THREAD, threading.get_native_id()))
            os.read(wait, 1)

    def born(*_: object) -> None:
        sys.setprofile(None)
        show()

    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    error = ""
    try:
        act = begin()
        threading.setprofile(born)
        show()
        act()
    except BaseException:
        error = traceback.format_exc()
    os.write(tell, b"%s %s\0" % (_DONE, error.encode()))
