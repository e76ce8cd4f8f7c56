"""The process that dies: it says which threads it has, and waits until somebody looks at each."""

import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash.apart import PATIENCE, Hung, end, fork, heard
from tests.crash.strace import Point, harm, listen, points_of, was_harmed

_THREAD, _DONE = b"thread", b"done"
Begin = Callable[[], Callable[[], object]]


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

    def run(self, begin: Begin, attach: Callable[["Victim", int], None]) -> Fate:
        """Let the act run; `attach` is told the number of each thread before it does anything."""
        self.hear, self.tell = os.pipe()
        wait, self.answer = os.pipe()
        tell = self.tell
        self.child = fork(lambda: _act(begin, tell, wait))
        os.close(tell)
        os.close(wait)
        fate = Fate()
        try:
            self._follow(fate, attach)
        except Hung:
            fate.error = "it hangs"
        finally:
            os.close(self.hear)
            os.close(self.answer)
            status = end(self.child)
            for tracer in self.tracers:
                tracer.communicate(timeout=PATIENCE)
        was_killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        fate.was_hit = was_killed and not fate.is_done and not fate.error
        return fate

    def _follow(self, fate: Fate, attach: Callable[["Victim", int], None]) -> None:
        until, rest = time.monotonic() + PATIENCE, b""
        while part := heard(self.hear, until):
            *lines, rest = (rest + part).split(b"\0")
            for line in lines:
                word, _, text = line.partition(b" ")
                if word == _THREAD:
                    self.threads.append(int(text))
                    attach(self, len(self.threads) - 1)
                    os.write(self.answer, b".")
                else:
                    fate.is_done, fate.error = not text, text.decode()

    def log(self, thread: int) -> Path:
        """What strace says about a thread."""
        return self.folder / f"strace.{thread}"


def count(begin: Begin, folder: Path) -> tuple[list[Point], Fate]:
    """Do the act unharmed; each of its calls in the order of its threads."""

    def attach(victim: Victim, thread: int) -> None:
        victim.tracers.append(listen(victim.threads[thread], victim.log(thread)))

    victim = _fresh(folder)
    fate = victim.run(begin, attach)
    threads = range(len(victim.threads))
    found = [point for it in threads for point in points_of(it, victim.log(it), victim.tell)]
    return found, fate


def strike(begin: Begin, folder: Path, point: Point, how: str) -> Fate:
    """Do the act, which ends or fails at the point."""

    def attach(victim: Victim, thread: int) -> None:
        if thread == point.thread:
            tid = victim.threads[thread]
            victim.tracers.append(harm(tid, victim.log(thread), point, how))

    victim = _fresh(folder)
    fate = victim.run(begin, attach)
    fate.was_hit = fate.was_hit or was_harmed(victim.log(point.thread))
    return fate


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
