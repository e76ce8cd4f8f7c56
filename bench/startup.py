"""How long `import tesweb` and `create_app()` take together, and what a worker weighs."""

import os
import subprocess
import sys
from dataclasses import dataclass
from statistics import median

from bench import load
from bench.pages import page_requests
from bench.servers import SECRET, tesweb
from bench.stores import FOLDER, Store

_START = (
    "import time; begun = time.perf_counter(), time.process_time(); "
    "from tesweb.wsgi import application; application(); "
    "print(time.perf_counter() - begun[0], time.process_time() - begun[1])"
)


@dataclass(frozen=True, slots=True)
class Start:
    """What it takes to be there."""

    #: Seconds to import and to make the application, the median.
    seconds: float
    #: The same on the processor: what it would be on an idle machine.
    processor_seconds: float
    #: Proportional set size of a worker that has served pages.
    megabytes: float


def measure(store: Store, times: int) -> Start:
    """Start the application `times` times in a fresh interpreter, and look at a worker once."""
    environment = os.environ | {
        "TESWEB_DATABASE": store.address,
        "TESWEB_FOLDER": str(FOLDER),
        "TESWEB_SECRET_KEY": SECRET,
    }
    _start(environment)  # writes the compressed static files and the byte code
    starts = [_start(environment) for _ in range(times)]
    seconds, processor_seconds = (median(column) for column in zip(*starts, strict=True))
    with tesweb(store) as server:
        for name in ("dashboard", "readings"):
            load.run(server, page_requests(store, name), 2, 8)
        return Start(seconds, processor_seconds, server.megabytes())


def _start(environment: dict[str, str]) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, "-c", _START], env=environment, capture_output=True, text=True, check=True
    )
    wall, processor = done.stdout.split()[-2:]
    return float(wall), float(processor)
