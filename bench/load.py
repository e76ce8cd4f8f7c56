"""Load made by wrk: a few seconds of requests for random accounts."""

import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.servers import Server
from tesweb.testing.missing import Missing

_SCRIPT = Path(__file__).with_suffix(".lua")


@dataclass(frozen=True, slots=True)
class Load:
    """What one run of wrk has seen."""

    requests: int
    seconds: float
    #: Half of the answers, and all but one in a hundred, came within so many milliseconds.
    median_ms: float
    slowest_ms: float
    #: Of an answer with its headers.
    bytes_each: float
    #: Of the server's processes, for one request.
    processor_us: float

    @property
    def per_second(self) -> float:
        """Answers in a second."""
        return self.requests / self.seconds


def check_tools() -> None:
    """Raises Missing where wrk is not installed."""
    if shutil.which("wrk") is None:
        raise Missing("wrk", "apt-get install wrk")


def run(
    server: Server, requests: Path, seconds: int, connections: int, encoding: str = "br"
) -> Load:
    """Send the requests of a file as load.lua says. Raises RuntimeError if one fails."""
    before = server.processor_seconds()
    command = ["wrk", "--threads=1", f"--connections={connections}", f"--duration={seconds}s"]
    command += ["--timeout=10s", f"--script={_SCRIPT}", server.address, "--"]
    done = subprocess.run(
        [*command, str(requests), encoding], capture_output=True, text=True, check=False
    )
    used = server.processor_seconds() - before
    last = done.stdout.strip().rpartition("\n")[2].split()
    if done.returncode != 0 or last[:1] != ["load"]:
        raise RuntimeError(done.stdout + done.stderr)
    count, duration, failed, median, slowest, size = map(int, last[1:])
    if count == 0 or failed:
        raise RuntimeError(f"{failed} of {count} requests of {requests.name} failed")
    return Load(
        requests=count,
        seconds=duration / 1e6,
        median_ms=median / 1000,
        slowest_ms=slowest / 1000,
        bytes_each=size / count,
        processor_us=used / count * 1e6,
    )


def write_requests(file: Path, lines: Iterable[tuple[str, ...]]) -> Path:
    """Write what load.lua reads."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join("\t".join(line) + "\n" for line in lines))
    return file
