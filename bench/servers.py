"""Servers under measurement: on free loopback ports, ended by their id; and what they use."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from bench.stores import FOLDER, Store
from tesweb.testing.databases import free_port

WORKERS = 2
#: Signs the form tokens that the writing load sends.
SECRET = secrets.token_hex(32)
_PATIENCE = 30.0
_TICK = os.sysconf("SC_CLK_TCK")
_SERVE_HELLO = (
    "import sys; from tesweb.config import load; from tesweb.serve import serve; "
    "serve(load(port=int(sys.argv[1]), workers=int(sys.argv[2])), 'bench.hello:application')"
)


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    port: int
    process: int
    #: A further process whose children work for it: PostgreSQL's.
    helper: int | None = None

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def workers(self) -> list[int]:
        """The processes that answer requests."""
        return children(self.process)

    def processor_seconds(self) -> float:
        """What its processes have used so far, in steps of a hundredth of a second."""
        helpers = children(self.helper) if self.helper else []
        return sum(processor_seconds(process) for process in (*self.workers, *helpers))

    def megabytes(self) -> float:
        """The memory of a worker, shared pages counted by their share (PSS); the largest one's."""
        return max(proportional_bytes(process) for process in self.workers) / 1e6


@contextmanager
def tesweb(store: Store, workers: int = WORKERS) -> Iterator[Server]:
    """`tesweb run` on a filled database, set up as an operator would."""
    store.freshen(store.chosen)
    settings = {
        "TESWEB_DATABASE": store.address,
        "TESWEB_FOLDER": str(FOLDER),
        "TESWEB_SECRET_KEY": SECRET,
        "TESWEB_WORKERS": str(workers),
        "TESWEB_DEFAULT_REGION": "tyumen",
    }
    port = free_port()
    command = [str(Path(sys.executable).with_name("tesweb")), "run", "--port", str(port)]
    with _running(command, settings) as process:
        _wait(process, port)
        yield Server(port, process.pid, store.server)


@contextmanager
def hello(workers: int = WORKERS) -> Iterator[Server]:
    """A bare Flask route on the same server with the same number of workers."""
    port = free_port()
    with _running([sys.executable, "-c", _SERVE_HELLO, str(port), str(workers)], {}) as process:
        _wait(process, port)
        yield Server(port, process.pid)


@contextmanager
def _running(command: list[str], settings: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    environment = {key: text for key, text in os.environ.items() if not key.startswith("TESWEB_")}
    process = subprocess.Popen(command, env=environment | settings, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        workers = children(process.pid) if process.poll() is None else []
        process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for worker in workers:  # one that was just starting may outlive its parent
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    """Until a worker answers: granian's parent listens before there is one."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and process.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse()
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return
        finally:
            connection.close()
    raise RuntimeError(f"{process.args!r} does not answer on port {port}")


def children(process: int) -> list[int]:
    """The processes that a process has started."""
    tasks = Path(f"/proc/{process}/task")
    return [
        int(child) for task in tasks.iterdir() for child in (task / "children").read_text().split()
    ]


def processor_seconds(process: int) -> float:
    """What a process has used in user and kernel mode."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def proportional_bytes(process: int) -> int:
    """A process's memory, a page that n processes share counted as an n-th."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
