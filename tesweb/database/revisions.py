"""Which migrations a database has had, asked cheaply at each start, without Alembic."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from tesweb.plugins import Plugins
from tesweb.resources import MIGRATIONS

#: The owner name of the core's own tables.
CORE = "tesweb"


@dataclass(frozen=True, slots=True)
class Owner:
    """The core or a plugin: who brings tables and the migrations for them."""

    name: str
    folder: Path

    @property
    def version_table(self) -> str:
        """The table that remembers this owner's revision and nobody else's."""
        return "alembic_version" if self.name == CORE else f"alembic_version_{self.name}"

    @property
    def revisions(self) -> list[str]:
        """Its revisions from first to last: the numbers that the files begin with."""
        return sorted(file.name.split("_")[0] for file in self.folder.glob("[0-9]*_*.py"))


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an owner's tables stand."""

    owner: Owner
    #: The revision that the database has; None before the first.
    present: str | None

    @property
    def is_unknown(self) -> bool:
        """The database has a revision that this version of the owner has never heard of."""
        return self.present is not None and self.present not in self.owner.revisions

    @property
    def missing(self) -> list[str]:
        """The revisions that are still to come, first to last; none where it is unknown."""
        if self.is_unknown:
            return []
        return [revision for revision in self.owner.revisions if revision > (self.present or "")]

    @property
    def is_behind(self) -> bool:
        """There are migrations still to run."""
        return bool(self.missing)


def owners(plugins: Plugins) -> list[Owner]:
    """The core first, then the active plugins that bring migrations, by name."""
    bringing = ((plugin.name, plugin.migrations) for plugin in plugins.active())
    return [Owner(CORE, MIGRATIONS), *(Owner(name, folder) for name, folder in bringing if folder)]


def standings(connection: Connection, plugins: Plugins) -> list[Standing]:
    """Where each owner's tables stand in this database."""
    tables = set(inspect(connection).get_table_names())
    return [_standing(connection, owner, tables) for owner in owners(plugins)]


def standing_of(connection: Connection, owner: Owner) -> Standing:
    """Where the tables of one owner stand in this database."""
    return _standing(connection, owner, set(inspect(connection).get_table_names()))


def absent(connection: Connection, plugins: Plugins) -> list[str]:
    """Plugins that have tables in this database and take no part: off, broken or taken out."""
    mark = f"{Owner(CORE, MIGRATIONS).version_table}_"
    tables = inspect(connection).get_table_names()
    bringing = {table.removeprefix(mark) for table in tables if table.startswith(mark)}
    return sorted(bringing - {plugin.name for plugin in plugins.active()})


def _standing(connection: Connection, owner: Owner, tables: set[str]) -> Standing:
    if owner.version_table not in tables:
        return Standing(owner, None)
    query = text(f"SELECT version_num FROM {owner.version_table}")  # noqa: S608 - a checked name
    return Standing(owner, connection.execute(query).scalar())
