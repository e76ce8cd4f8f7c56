"""From the first call to the last: at each the process dies, and its heir is asked."""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text

from tests.crash.acts import Act
from tests.crash.apart import Broken, Hung, apart
from tests.crash.cabinet import Cabinet, furnish
from tests.crash.heir import inherit, live_on, settle
from tests.crash.shelves import shelf
from tests.crash.strace import KILL, SERVER, Point
from tests.crash.victim import Fate, Where, count, in_itself, strike
from tesweb.testing.databases import quick_folder
from tesweb.testing.stores import POSTGRESQL, SQLITE


class NothingToWalk(Exception):
    """The act does not come about even when nobody harms it; the text says why."""


@dataclass(slots=True)
class Walk:
    """What a walk through one act on one database has shown."""

    act: str
    database: str
    how: str
    #: How many calls the act has, and of them those at which the fault came.
    calls: int = 0
    walked: int = 0
    hit: int = 0
    seconds: float = 0
    #: What is wrong, by the number of the call.
    bad: dict[int, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Street:
    """An act on a database, with every call that it makes."""

    cabinet: Cabinet
    act: Act
    folder: Path
    #: What the process asks the kernel for, and what its database server does for it.
    own: list[Point]
    servers: list[Point]

    def points(self, how: str) -> list[Point]:
        """The calls that can go wrong so."""
        if self._where(how) is in_itself:
            return [] if how == SERVER else self.own
        return self.servers if how == SERVER else [it for it in self.servers if it.is_on_disk]

    def _where(self, how: str) -> Where:
        """SQLite is a part of the process: its disk fails there."""
        is_own = how == KILL or kind_of(self.cabinet) == SQLITE
        return in_itself if is_own else _at_server(self.cabinet)

    def strike(self, point: Point, how: str) -> tuple[Fate, list[str]]:
        """The fault at one call, and what is wrong afterwards."""
        cabinet, act = self.cabinet, self.act
        cabinet.take(act.name)
        begin = _begin if how == KILL else _stumble
        with cabinet.open_bank():
            where = self._where(how)
            fate = strike(lambda: begin(cabinet, act), self.folder, where, point, how)
            found = [fate.error] if fate.error else []
            try:
                return fate, found + apart(lambda: inherit(cabinet, act))
            except (Broken, Hung) as error:
                return fate, [*found, f"the heir fails: {error}"]

    def walk(self, how: str, numbers: Sequence[int], told: Callable[[str], None]) -> Walk:
        """The fault at each of these calls."""
        points = self.points(how)
        walk = Walk(self.act.name, kind_of(self.cabinet), how, len(points))
        begun = time.monotonic()
        for number in numbers:
            fate, found = self.strike(points[number], how)
            walk.walked += 1
            walk.hit += fate.was_hit
            if found:
                walk.bad[number] = found
                told(f"{walk.act} {walk.database} {how} at {number}, {points[number]}:")
                for wrong in found:
                    told(f"    {wrong}")
        walk.seconds = time.monotonic() - begun
        return walk


def kind_of(cabinet: Cabinet) -> str:
    """Which database it has."""
    return SQLITE if cabinet.core.database.is_sqlite else POSTGRESQL


@contextmanager
def town(kind: str) -> Iterator[tuple[Cabinet, Path]]:
    """An application on such a database, before any act. Raises Missing."""
    with quick_folder("tesweb-walk-") as folder, shelf(kind, folder) as kept:
        cabinet = furnish(kept, folder)
        cabinet.keep("fresh")
        yield cabinet, folder


def street(cabinet: Cabinet, folder: Path, act: Act, hows: Collection[str]) -> Street:
    """Get the act ready and list the calls that can go wrong so. Raises NothingToWalk."""
    cabinet.take("fresh")
    with cabinet.open_bank():
        apart(lambda: act.prepare(cabinet))
    cabinet.keep(act.name)
    with cabinet.open_bank():
        # Here once, so that neither a victim nor an heir has templates and statements to compile.
        act.begin(cabinet)
        settle(cabinet)
        cabinet.core.database.close()
    own: list[Point] = []
    servers: list[Point] = []
    if KILL in hows or kind_of(cabinet) == SQLITE:
        own = _count(cabinet, folder, act, in_itself)
    if set(hows) != {KILL} and kind_of(cabinet) == POSTGRESQL:
        servers = _count(cabinet, folder, act, _at_server(cabinet))
    return Street(cabinet, act, folder, own, servers)


def _count(cabinet: Cabinet, folder: Path, act: Act, where: Where) -> list[Point]:
    """The calls of the act, which comes about and leaves everything right when it is let alone."""
    cabinet.take(act.name)
    with cabinet.open_bank():
        points, fate = count(lambda: _begin(cabinet, act), folder, where)
        if not fate.is_done:
            raise NothingToWalk(fate.error)
        found = apart(lambda: inherit(cabinet, act))
    if found:
        raise NothingToWalk("; ".join(found))
    return points


def _at_server(cabinet: Cabinet) -> Where:
    """Look at the processes of the database server."""
    return lambda _threads: cabinet.shelf.backends()


def every(points: Sequence[Point], most: int | None) -> list[int]:
    """Numbers of all calls, or of so many of them, evenly spread, the first and the last too."""
    if most is None or most >= len(points):
        return list(range(len(points)))
    if most == 1:
        return [len(points) // 2]
    step = (len(points) - 1) / (most - 1)
    return sorted({round(number * step) for number in range(most)})


def _stumble(cabinet: Cabinet, act: Act) -> Callable[[], object]:
    """The act of a process that may fail in it, and then has to be of use all the same."""
    does = _begin(cabinet, act)

    def whole() -> None:
        with suppress(Exception):
            does()
        live_on(cabinet)

    return whole


def _begin(cabinet: Cabinet, act: Act) -> Callable[[], object]:
    """The act, after which the process ends in good order."""
    database = cabinet.core.database
    with database.read() as reader, database.work() as work:
        # Connected beforehand, so that the server's processes are there to be looked at.
        reader.execute(text("SELECT 1"))
        work.execute(text("SELECT 1"))
    does = act.begin(cabinet)

    def whole() -> None:
        does()
        database.close()

    return whole
