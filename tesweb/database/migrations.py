"""Upgrading and dropping tables: one Alembic environment, a version table for each owner."""

from collections.abc import Iterator
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, inspect, text
from sqlmodel import SQLModel

from tesweb.database.engine import Database
from tesweb.database.revisions import CORE, Owner, Standing, owners, standing_of
from tesweb.plugins import Plugins

ENVIRONMENT = Path(__file__).parent


def upgrade(database: Database, plugins: Plugins) -> Iterator[Standing]:
    """Bring the core's tables, then each plugin's, up to date.

    Yields, when an owner is done, where it stood before: what was `missing` then is there now. One
    at a revision that this version does not know is left alone. Each owner is one transaction: it
    is done whole or not at all.
    """
    for owner in owners(plugins):
        with database.work() as connection:
            before = standing_of(connection, owner)
            if before.is_behind:
                command.upgrade(configuration(connection, owner, plugins), "head")
        yield before


def tables_of(connection: Connection, name: str) -> list[str]:
    """The names of every table of a plugin. Raises LookupError if it has none."""
    tables = inspect(connection).get_table_names()
    mark = Owner(name, ENVIRONMENT).version_table
    if name == CORE or mark not in tables:
        raise LookupError(name)
    # Another plugin's name may begin with this one's and go on.
    longer = tuple(
        f"{table.removeprefix('alembic_version_')}_"
        for table in tables
        if table.startswith(f"{mark}_")
    )
    mine = (table for table in tables if table.startswith(f"{name}_"))
    return sorted([mark, *(table for table in mine if not table.startswith(longer))])


def drop(database: Database, name: str) -> list[str]:
    """Remove every table of a plugin and return their names. Raises LookupError if it has none."""
    with database.work() as connection:
        names = tables_of(connection, name)
        metadata = MetaData()
        metadata.reflect(connection, only=names)
        metadata.drop_all(connection)
    return names


def configuration(connection: Connection, owner: Owner, plugins: Plugins) -> Config:
    """Alembic's configuration for one owner on an open connection."""
    config = Config()
    config.set_main_option("script_location", str(ENVIRONMENT))
    config.set_main_option("version_locations", str(owner.folder))
    config.set_main_option("path_separator", "os")
    config.attributes.update(
        connection=connection, owner=owner, metadata=SQLModel.metadata, others=tuple(plugins.known)
    )
    return config


def checkpoint(database: Database) -> None:
    """Fold the log into the database after a bulk load, so that a crash recovers at once."""
    with database.read() as connection:
        statement = "PRAGMA optimize" if database.is_sqlite else "ANALYZE"
        connection.execute(text(statement))
