"""Upgrading and dropping tables: one Alembic environment, a version table for each owner."""

from collections.abc import Iterator
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, inspect, text
from sqlmodel import SQLModel

from tesweb.database.engine import Database
from tesweb.database.revisions import CORE, Owner, owners
from tesweb.plugins import Plugins

ENVIRONMENT = Path(__file__).parent


def upgrade(database: Database, plugins: Plugins) -> Iterator[str]:
    """Bring the core's tables, then each plugin's, up to date; yields each owner's name when done.

    Each owner is one transaction: it is done whole or not at all.
    """
    for owner in owners(plugins):
        with database.work() as connection:
            command.upgrade(configuration(connection, owner, plugins), "head")
        yield owner.name


def drop(database: Database, name: str) -> list[str]:
    """Remove every table of a plugin and return their names. Raises LookupError if it has none."""
    owner = Owner(name, ENVIRONMENT)
    with database.work() as connection:
        names = [
            table
            for table in inspect(connection).get_table_names()
            if table == owner.version_table or table.startswith(f"{name}_")
        ]
        if name == CORE or owner.version_table not in names:
            raise LookupError(name)
        metadata = MetaData()
        metadata.reflect(connection, only=names)
        metadata.drop_all(connection)
    return sorted(names)


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
