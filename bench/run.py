"""Pages, readings and payments per second beside their like, start-up, a slow link: `make bench`.

It is no test: nothing fails because a machine is slow. docs/performance.md explains the columns.
The data are made once and kept in var/bench; a million accounts take a few minutes and some GB.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bench import link, load, money, pages, servers, startup, stores, writes
from bench.pages import Pace, Ratio
from tesweb.testing.missing import Missing

SIZES = (1000, 1_000_000)
DATABASES = ("sqlite", "postgresql")
QUICK = Pace(rounds=3, seconds=1, warm_up=2)
#: How often the application is started and the slow link is used.
TIMES = 5
Row = Sequence[str]
_RATIO = ("", "ratio", "per s", "hello/s", "p50 ms", "p99 ms", "CPU us", "hello us", "bytes")
_VISIT = ("256 kbit/s, 200 ms", "paint s", "LCP s", "load s", "KB", "KB with worker", "requests")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for."""

    accounts: list[int]
    databases: list[str]
    parts: list[str]
    pace: Pace


def main() -> None:
    """Read the command line, measure, print a table for each part."""
    wish = _read()
    try:
        load.check_tools()
        for kind in wish.databases:
            for accounts in wish.accounts:
                with stores.store(kind, accounts) as store:
                    _measure(store, wish)
    except Missing as missing:
        sys.exit(str(missing))


def _read() -> Wish:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--accounts", type=int, nargs="+", help=f"sizes: {SIZES}")
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=DATABASES)
    parser.add_argument("--what", nargs="+", choices=tuple(_PARTS), default=tuple(_PARTS))
    parser.add_argument("--quick", action="store_true", help="1000 accounts, short rounds")
    parser.add_argument("--plain", action="store_true", help="pages without compression")
    options = parser.parse_args()
    pace = QUICK if options.quick else Pace()
    return Wish(
        accounts=options.accounts or list(SIZES[:1] if options.quick else SIZES),
        databases=list(options.databases),
        parts=list(options.what),
        pace=replace(pace, encoding="identity") if options.plain else pace,
    )


def _measure(store: stores.Store, wish: Wish) -> None:
    print(f"\n{store.kind}, {store.accounts} accounts of 24 months", flush=True)
    for part in wish.parts:
        rows = list(_PARTS[part](store, wish))
        print(f"\n{_table(rows)}", flush=True)


def _pages(store: stores.Store, wish: Wish) -> Iterator[Row]:
    yield _RATIO
    with servers.hello() as bare, servers.tesweb(store) as server:
        for name in pages.PAGES:
            requests = pages.page_requests(store, name)
            yield _ratio(pages.compare(name, bare, server, requests, wish.pace))


def _writes(store: stores.Store, wish: Wish) -> Iterator[Row]:
    if store.accounts < writes.LEAST_ACCOUNTS:
        yield (f"readings are sent with {writes.LEAST_ACCOUNTS} accounts or more",)
        return
    yield _RATIO
    with servers.hello() as bare, servers.tesweb(store) as server:
        yield _ratio(writes.measure(store, bare, server, wish.pace))


def _payments(store: stores.Store, wish: Wish) -> Iterator[Row]:
    if store.accounts != min(wish.accounts):
        yield ("payments are begun in a database of their own, whatever the size",)
        return
    yield ("one thread, durable", "ratio", "per s")
    for speed in money.measure(store):
        yield (speed.name, f"{speed.ratio:.2f}", f"{speed.per_second:.0f}")


def _startup(store: stores.Store, wish: Wish) -> Iterator[Row]:
    del wish
    start = startup.measure(store, TIMES)
    yield ("", "seconds", "of CPU", "worker MB")
    yield (
        "import and create_app",
        f"{start.seconds:.2f}",
        f"{start.processor_seconds:.2f}",
        f"{start.megabytes:.0f}",
    )


def _link(store: stores.Store, wish: Wish) -> Iterator[Row]:
    del wish
    yield _VISIT
    visits, swap = link.measure(store, TIMES)
    for visit in visits:
        yield (
            visit.name,
            f"{visit.first_paint:.2f}",
            f"{visit.largest_paint:.2f}",
            f"{visit.loaded:.2f}",
            f"{visit.kilobytes:.1f}",
            f"{visit.kilobytes_with_worker:.1f}",
            str(visit.requests),
        )
    yield (
        "check page swapped in",
        f"{swap.seconds:.2f}",
        "",
        "",
        f"{swap.bytes_of_body / 1000:.1f}",
    )


_PARTS = {
    "pages": _pages,
    "writes": _writes,
    "payments": _payments,
    "startup": _startup,
    "link": _link,
}


def _ratio(ratio: Ratio) -> Row:
    return (
        ratio.name,
        f"{ratio.ratio:.3f}",
        f"{ratio.per_second:.0f}",
        f"{ratio.hello_per_second:.0f}",
        f"{ratio.median_ms:.1f}",
        f"{ratio.slowest_ms:.1f}",
        f"{ratio.processor_us:.0f}",
        f"{ratio.hello_processor_us:.0f}",
        f"{ratio.bytes_each:.0f}",
    )


def _table(rows: list[Row]) -> str:
    """Columns as wide as their widest cell."""
    wide = max(len(row) for row in rows)
    full = [(*row, *[""] * (wide - len(row))) for row in rows]
    widths = [max(len(row[column]) for row in full) for column in range(wide)]
    return "\n".join(_line(row, widths) for row in full)


def _line(row: Row, widths: list[int]) -> str:
    name = row[0].ljust(widths[0])
    numbers = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
    return "  ".join((name, *numbers)).rstrip()


if __name__ == "__main__":
    main()
