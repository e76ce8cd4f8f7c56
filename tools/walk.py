"""`make walk`: the process of a payment is killed at each of its writes, fsyncs and sends.

Each act is done in a process of its own under strace, which kills it at exactly one call; another
process comes after it, works by itself until all is calm, and then every invariant holds and the
bank and the books agree. A call at which they do not is named with its number:
`make walk ARGS="--act pay --database sqlite --at 17"` kills there alone.
"""

import argparse
import json
import logging
import signal
import sys
from dataclasses import asdict

from tests.crash.acts import ACTS, Act
from tests.crash.strace import EIO, ENOSPC, KILL, SERVER, Point, find_strace
from tests.crash.torn import TORN
from tests.crash.walking import NothingToWalk, Walk, every, street, town
from tesweb.testing.missing import Missing
from tesweb.testing.stores import POSTGRESQL, SQLITE

_HOWS = (KILL, EIO, ENOSPC, SERVER)
_KNOWN = {act.name: act for act in (*ACTS, *TORN)}


def main() -> int:
    """Walk what is asked for; the exit code is 1 where a call is bad, 2 where none was walked."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--act", action="append", choices=_KNOWN)
    asked.add_argument("--database", action="append", choices=[SQLITE, POSTGRESQL])
    asked.add_argument("--how", action="append", choices=_HOWS)
    asked.add_argument("--most", type=int, help="so many calls of each act, evenly spread")
    asked.add_argument("--at", type=int, help="this call alone")
    asked.add_argument("--list", action="store_true", help="name the calls, harm nothing")
    asked.add_argument("--json", action="store_true")
    chosen = asked.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))  # so that the databases are put away
    logging.getLogger().addHandler(logging.NullHandler())
    acts = [_KNOWN[name] for name in chosen.act or [act.name for act in ACTS]]
    try:
        find_strace()
        kinds = chosen.database or [SQLITE, POSTGRESQL]
        walks = [walk for kind in kinds for walk in _through(kind, acts, chosen)]
    except (Missing, NothingToWalk) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if chosen.json:
        sys.stdout.write(json.dumps([asdict(walk) for walk in walks]))
    return 1 if any(walk.bad for walk in walks) else 0


def _through(kind: str, acts: list[Act], chosen: argparse.Namespace) -> list[Walk]:
    walks = []
    with town(kind) as (cabinet, folder):
        for act in acts:
            hows = chosen.how or _HOWS
            way = street(cabinet, folder, act, hows)
            for how in hows:
                points = way.points(how)
                if chosen.list:
                    _list(f"{kind} {act.name} {how}", points)
                elif points:
                    numbers = every(points, chosen.most) if chosen.at is None else [chosen.at]
                    walks.append(way.walk(how, numbers, _tell))
                    _show(walks[-1], chosen)
    return walks


def _list(where: str, points: list[Point]) -> None:
    for number, point in enumerate(points):
        sys.stdout.write(f"{where} {number}: {point}\n")


def _show(walk: Walk, chosen: argparse.Namespace) -> None:
    if not chosen.json:
        sys.stdout.write(_line(walk))
        sys.stdout.flush()


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _line(walk: Walk) -> str:
    bad = ", ".join(map(str, walk.bad)) or "none"
    return (
        f"{walk.act:<9} {walk.database:<11} {walk.how:<7} {walk.calls:>4} calls, "
        f"{walk.walked:>4} walked, {walk.hit:>4} hit, bad: {bad}, {walk.seconds:.0f} s\n"
    )


if __name__ == "__main__":
    raise SystemExit(main())
