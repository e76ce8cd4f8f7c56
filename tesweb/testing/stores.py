"""Where a test's database comes from: a copy of one that was migrated once."""

import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from itertools import count
from pathlib import Path

from tesweb.database.engine import Database
from tesweb.database.migrations import upgrade
from tesweb.plugins import Plugins
from tesweb.testing.databases import Cluster

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
_TEMPLATE = "template_tesweb"


class Store(ABC):
    """Hands out databases that nobody else uses."""

    name: str

    @abstractmethod
    def fresh(self) -> AbstractContextManager[str]:
        """The address of a database with every migration; it is gone afterwards."""

    @abstractmethod
    def empty(self) -> AbstractContextManager[str]:
        """The address of a database without a table; it is gone afterwards."""


class SqliteStore(Store):
    """Databases that are files."""

    name = SQLITE

    def __init__(self, folder: Path) -> None:
        """Put the files below `folder`."""
        self._folder = folder
        self._numbers = count(1)

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """A copy of the migrated file."""
        with self.empty() as address:
            shutil.copyfile(self._template, address.removeprefix("sqlite:///"))
            yield address

    @contextmanager
    def empty(self) -> Iterator[str]:
        """A name for a file that is made when it is first opened."""
        folder = self._folder / str(next(self._numbers))
        folder.mkdir()
        try:
            yield f"sqlite:///{folder / 'tesweb.db'}"
        finally:
            shutil.rmtree(folder)

    @cached_property
    def _template(self) -> Path:
        kept = os.environ.get("TESWEB_TEMPLATE")
        if kept and Path(kept).exists():
            return Path(kept)
        file = self._folder / f"{_TEMPLATE}.db"
        _migrate(f"sqlite:///{file}")
        if kept:
            shutil.copyfile(file, kept)
        return file


class PostgresStore(Store):
    """Databases of a server of our own."""

    name = POSTGRESQL

    def __init__(self, server: Cluster) -> None:
        """Put the databases on `server`."""
        self._server = server
        self._numbers = count(1)

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """A copy of the migrated database."""
        with self._made(self._template) as address:
            yield address

    @contextmanager
    def empty(self) -> Iterator[str]:
        """A copy of PostgreSQL's own empty template."""
        with self._made("template1") as address:
            yield address

    @contextmanager
    def _made(self, template: str) -> Iterator[str]:
        name = f"test_{next(self._numbers)}"
        self._server.create(name, template)
        try:
            yield self._server.address(name)
        finally:
            self._server.drop(name)

    @cached_property
    def _template(self) -> str:
        self._server.create(_TEMPLATE)
        _migrate(self._server.address(_TEMPLATE))
        return _TEMPLATE


def _migrate(address: str) -> None:
    plugins, database = Plugins(), Database(address)
    plugins.load()
    for _ in upgrade(database, plugins):
        pass
    database.close()  # folds SQLite's log into the file, and frees PostgreSQL's to be copied
