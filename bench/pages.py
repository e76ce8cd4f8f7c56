"""Pages per second, signed in, in rounds that alternate with the bare route's."""

from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench import bulk, load
from bench.load import Load
from bench.servers import Server
from bench.stores import FOLDER, Store

PAGES = {"dashboard": "/accounts/{id}/", "readings": "/readings/{id}/"}
CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to measure."""

    rounds: int = 7
    #: Of one load in a round.
    seconds: int = 3
    #: Of the load before the first round.
    warm_up: int = 6
    #: What the load generator accepts; a browser of today accepts brotli.
    encoding: str = "br"


@dataclass(frozen=True, slots=True)
class Ratio:
    """A page beside the bare route, the median of the rounds."""

    name: str
    #: Pages per second for each answer of the bare route.
    ratio: float
    per_second: float
    hello_per_second: float
    median_ms: float
    slowest_ms: float
    processor_us: float
    hello_processor_us: float
    #: Of an answer with its headers, on the wire.
    bytes_each: float


def page_requests(store: Store, name: str) -> Path:
    """The requests for one page of each chosen account."""
    lines = [(PAGES[name].format(id=each), bulk.sid(each)) for each in store.chosen]
    return load.write_requests(FOLDER / f"{name}.requests", lines)


def hello_requests() -> Path:
    """The request for the bare route."""
    return load.write_requests(FOLDER / "hello.requests", [("/", bulk.sid(1))])


def compare(name: str, bare: Server, server: Server, requests: Path, pace: Pace) -> Ratio:
    """Bare route, page, bare route, page, and so on: what is slow now is slow for both."""
    plain = hello_requests()
    load.run(server, requests, pace.warm_up, CONNECTIONS, pace.encoding)
    pairs = [
        (
            load.run(bare, plain, pace.seconds, CONNECTIONS),
            load.run(server, requests, pace.seconds, CONNECTIONS, pace.encoding),
        )
        for _ in range(pace.rounds)
    ]
    return summary(name, pairs)


def summary(name: str, pairs: list[tuple[Load, Load]]) -> Ratio:
    """The medians of some rounds."""
    return Ratio(
        name=name,
        ratio=median(page.per_second / bare.per_second for bare, page in pairs),
        per_second=median(page.per_second for _, page in pairs),
        hello_per_second=median(bare.per_second for bare, _ in pairs),
        median_ms=median(page.median_ms for _, page in pairs),
        slowest_ms=median(page.slowest_ms for _, page in pairs),
        processor_us=median(page.processor_us for _, page in pairs),
        hello_processor_us=median(bare.processor_us for bare, _ in pairs),
        bytes_each=median(page.bytes_each for _, page in pairs),
    )
