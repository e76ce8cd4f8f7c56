"""strace on one thread: what it asks the kernel for, and a fault at exactly one of these calls."""

import errno
import os
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
#: The process is killed; its write, or its database server's, fails; the server's is killed.
KILL, EIO, ENOSPC, SERVER = "KILL", "EIO", "ENOSPC", "SERVER"
#: What a disk can refuse.
_ON_DISK = frozenset(CALLS.split(",")) - {"connect", "sendto", "sendmsg", "sendmmsg", "sendfile"}
_ALLOW = "sysctl kernel.yama.ptrace_scope=0"
_CALL = re.compile(r"(\w+)\((\d+)?(.*)")
_FILE = re.compile(r"<([^>]*)>")


@dataclass(frozen=True, slots=True)
class Point:
    """One call: which of the victim's threads or backends, and the how many-th of this name."""

    thread: int
    call: str
    nth: int
    #: For whoever reads the list: the file or the connection.
    what: str

    @property
    def is_on_disk(self) -> bool:
        """Whether a disk that is full or broken can fail it."""
        return self.call in _ON_DISK


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
    fault = "signal=KILL" if how in {KILL, SERVER} else f"error={how}"
    return _attach(tid, log, "-e", f"inject={point.call}:{fault}:when={point.nth}")


def points_of(thread: int, log: Path, but: int | None) -> list[Point]:
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
    told = log.read_text(errors="replace") if log.exists() else ""
    return "(INJECTED)" in told or "= ?" in told  # it failed, or nobody was there to get its answer


def _attach(tid: int, log: Path, *more: str) -> subprocess.Popen[str]:
    """Look at one thread from now on; others that it starts are left alone.

    A thread that ended before it was looked at, because the act did not wait for it, has no calls.
    """
    command = [find_strace(), "-p", str(tid), "-o", str(log), "-s", "0"]
    command += ["-e", f"trace={CALLS}", "-e", "signal=none", *more]
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert tracer.stderr is not None
    line = tracer.stderr.readline()
    if "attached" not in line:
        tracer.wait()
        if os.strerror(errno.ESRCH) in line:
            return tracer
        raise Missing(f"the right to look at a process ({line.strip()})", _ALLOW)
    return tracer
