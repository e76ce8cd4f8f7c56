"""A database that is put back to a kept state within a moment, at the same address each time."""

import shutil
import sqlite3
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg

from tesweb.testing.databases import PATIENCE, Cluster, cluster
from tesweb.testing.stores import POSTGRESQL, SQLITE, PostgresStore, SqliteStore

_LIVE = "walk_live"
_SURE = 3
_BACKENDS = (
    "SELECT pid FROM pg_stat_activity WHERE datname = %(name)s AND backend_type = 'client backend'"
    " ORDER BY backend_start"
)


class Shelf(ABC):
    """One database that is used, and states of it that are kept."""

    address: str

    @abstractmethod
    def keep(self, name: str) -> None:
        """Keep it as it is now; nobody is connected."""

    @abstractmethod
    def take(self, name: str) -> None:
        """Make it what was kept."""

    @abstractmethod
    def backends(self) -> list[int]:
        """The processes of the database's own that serve it now, the eldest first."""

    @abstractmethod
    def ready(self) -> None:
        """Wait until it answers again: a server that has crashed recovers by itself."""

    @abstractmethod
    def damage(self) -> list[str]:
        """What the database itself finds wrong with its files."""


class SqliteShelf(Shelf):
    """A file, and copies of it."""

    def __init__(self, folder: Path, fresh: str) -> None:
        """Begin with the file at the address `fresh`."""
        self._folder, self._file = folder, folder / "live" / "tesweb.db"
        self._file.parent.mkdir()
        self.address = f"sqlite:///{self._file}"
        shutil.copyfile(fresh.removeprefix("sqlite:///"), self._file)

    def keep(self, name: str) -> None:
        """Copy the folder: what is not folded into the file yet lies beside it."""
        shutil.copytree(self._file.parent, self._folder / name)

    def take(self, name: str) -> None:
        """Copy it back, and nothing of what came later stays."""
        shutil.rmtree(self._file.parent)
        shutil.copytree(self._folder / name, self._file.parent)

    def backends(self) -> list[int]:
        """None: who uses the file writes it."""
        return []

    def ready(self) -> None:
        """It always is."""

    def damage(self) -> list[str]:
        """SQLite's own look at every page and key."""
        with closing(sqlite3.connect(self._file)) as connection:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check")]
            found += [f"{row}" for row in connection.execute("PRAGMA foreign_key_check")]
        return [text for text in found if text != "ok"]


class PostgresShelf(Shelf):
    """A database of a server of our own, and others made from it."""

    def __init__(self, server: Cluster, fresh: str) -> None:
        """Begin with the database at the address `fresh`."""
        self._server = server
        self.address = server.address(_LIVE)
        server.create(_LIVE, fresh.rpartition("/")[2])

    def keep(self, name: str) -> None:
        """Make another one of it."""
        self._server.create(f"walk_{name}", _LIVE)

    def take(self, name: str) -> None:
        """Make it anew from that one."""
        self._server.drop(_LIVE)
        self._server.create(_LIVE, f"walk_{name}")
        with closing(self._server.connect()) as connection:
            # A copied sequence says that its next numbers are in the log already: they are in that
            # of the original. After a checkpoint it writes them down anew.
            connection.execute("CHECKPOINT")

    def backends(self) -> list[int]:
        """One for each connection of the application."""
        with closing(self._server.connect()) as connection:
            return [row[0] for row in connection.execute(_BACKENDS, {"name": _LIVE})]

    def ready(self) -> None:
        """Ask until it has answered thrice: the first may come from one that is about to go."""
        until, answers = time.monotonic() + PATIENCE, 0
        while answers < _SURE:
            time.sleep(0.1)
            try:
                self._server.connect(_LIVE).close()
                answers += 1
            except psycopg.OperationalError:
                answers = 0
                if time.monotonic() > until:
                    raise

    def damage(self) -> list[str]:
        """Nothing: the server recovers by itself or does not start."""
        return []


@contextmanager
def shelf(kind: str, folder: Path) -> Iterator[Shelf]:
    """A migrated database without rows. Raises Missing where there is no PostgreSQL."""
    if kind == SQLITE:
        with SqliteStore(folder).fresh() as address:
            made: Shelf = SqliteShelf(folder, address)
        yield made
        return
    assert kind == POSTGRESQL
    folder.chmod(0o711)  # the server has a user of its own
    # Careful: a server that is killed must know what it has said yes to.
    with cluster(careless=False, kept=folder / "postgresql") as server:
        with PostgresStore(server).fresh() as address:
            made = PostgresShelf(server, address)
        yield made
