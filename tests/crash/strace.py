"""strace on one thread: what it asks the kernel for, and a fault at exactly one of these calls."""

import re
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tesweb.testing.missing import Missing

#: Everything by which something leaves a process, or changes what others find.
CALLS = (
    "write,writev,pwrite64,pwritev,pwritev2,fsync,fdatasync,sync_file_range,fallocate,ftruncate,"
    "rename,renameat,renameat2,unlink,unlinkat,connect,sendto,sendmsg,sendmmsg,sendfile"
)
KILL, EIO, ENOSPC = "KILL", "EIO", "ENOSPC"
_CALL = re.compile(r"(\w+)\((\d+)?(.*)")
_FILE = re.compile(r"<([^>]*)>")


@dataclass(frozen=True, slots=True)
class Point:
    """One call of one thread: which of the victim's threads, and the how many-th of this name."""

    thread: int
    call: str
    nth: int
    #: For whoever reads the list: the file or the connection.
    what: str


def find_strace() -> str:
    """The program. Raises Missing."""
    found = shutil.which("strace")
    if found is None:
        raise Missing("strace", "apt-get install strace")
    return found


def listen(tid: int, log: Path) -> subprocess.Popen[str]:
    """Write down what the thread does."""
    return _attach(tid, log, "-y")


def harm(tid: int, log: Path, point: Point, how: str) -> subprocess.Popen[str]:
    """Let the thread's call go wrong: the process is killed before it, or it fails."""
    fault = "signal=KILL" if how == KILL else f"error={how}"
    return _attach(tid, log, "-e", f"inject={point.call}:{fault}:when={point.nth}")


def points_of(thread: int, log: Path, but: int) -> list[Point]:
    """The calls of a thread that was listened to, without those on the descriptor `but`."""
    seen: Counter[str] = Counter()
    found = []
    for line in log.read_text(errors="replace").splitlines():
        match = _CALL.match(line)
        if match is None:
            continue
        call, descriptor, rest = match.groups()
        seen[call] += 1
        if descriptor != str(but):
            file = _FILE.search(rest)
            what = (file[1] if file else rest).rpartition("/")[2]
            found.append(Point(thread, call, seen[call], what))
    return found


def was_harmed(log: Path) -> bool:
    """Whether the call came."""
    return log.exists() and "(INJECTED)" in log.read_text(errors="replace")


def _attach(tid: int, log: Path, *more: str) -> subprocess.Popen[str]:
    """Look at one thread from now on; others that it starts are left alone."""
    command = [find_strace(), "-p", str(tid), "-o", str(log), "-s", "0"]
    command += ["-e", f"trace={CALLS}", "-e", "signal=none", *more]
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert tracer.stderr is not None
    line = tracer.stderr.readline()
    if "attached" not in line:
        tracer.wait()
        raise OSError(f"strace cannot attach: {line.strip()}")
    return tracer
