"""The database as the operator's commands meet it: its name, and what stands in the way."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    InterfaceError,
    OperationalError,
)

from tesweb.config import Settings
from tesweb.database.engine import Database
from tesweb.database.revisions import CORE, Standing, owners, standings
from tesweb.plugins import Plugins

#: What PostgreSQL calls a lack of rights.
_NO_RIGHT = "42501"
_SETTING = "(`database` in tesweb.toml, or TESWEB_DATABASE)"
_BACKENDS = ("sqlite", "postgresql", "postgres")


@contextmanager
def opened(chosen: Settings) -> Iterator[Database]:
    """The database of the settings; an end with reason and remedy where it cannot be used."""
    database = _of(chosen)
    try:
        with plainly(database):
            yield database
    finally:
        database.close()


@contextmanager
def plainly(database: Database) -> Iterator[None]:
    """Turn what a database raises when it is out of reach into one sentence; no password in it."""
    try:
        yield
    except DBAPIError as error:
        if not _is_out_of_reach(error):
            raise
        reason = str(error.orig).strip().partition("\n")[0].rpartition("failed: ")[2]
        raise click.ClickException(_cannot(database, reason)) from error
    except OSError as error:
        # A lock beside SQLite's file, or the folder of both.
        if not database.is_sqlite or not _is_beside(database, error):
            raise
        raise click.ClickException(_cannot(database, error.strerror or str(error))) from error


def called(database: Database) -> str:
    """The database in words, without user and password."""
    url = database.url
    if database.is_sqlite:
        return f"the database {_file(database) or 'in memory'}"
    host = url.host or url.query.get("host") or "localhost"
    return f"the PostgreSQL database {url.database or url.username} at {host}:{url.port or 5432}"


def make_folder(database: Database) -> None:
    """Make the folder in which SQLite's file will lie."""
    file = _file(database)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)


def is_there(database: Database) -> bool:
    """Whether there is a file to open: SQLite would make an empty one, a server is asked later."""
    file = _file(database)
    return file is None or file.exists()


def where_all_stand(database: Database, plugins: Plugins) -> list[Standing]:
    """Where each owner's tables stand; makes no file where there is none."""
    if not is_there(database):
        return [Standing(owner, None) for owner in owners(plugins)]
    with database.read() as connection:
        return standings(connection, plugins)


def unready(database: Database, found: list[Standing]) -> str:
    """Why the application cannot use these tables and what helps; empty where it can.

    A plugin whose tables are newer than itself is no reason: it alone is switched off.
    """
    behind = [standing.owner.name for standing in found if standing.is_behind]
    if any(standing.is_unknown and standing.owner.name == CORE for standing in found):
        return f"{called(database)} is newer than this version of tesweb; install the newer one"
    if not behind:
        return ""
    if all(standing.present is None for standing in found):
        return f"{called(database)} has no tables yet; `tesweb db upgrade` makes them"
    return f"{called(database)} is behind ({', '.join(behind)}); run `tesweb db upgrade`"


def _of(chosen: Settings) -> Database:
    # What cannot be told apart may be a part of the password, so nothing of it is shown.
    with suppress(ArgumentError, ValueError):
        url = make_url(chosen.database_address)
        is_torn = url.get_backend_name() != "sqlite" and "@" in f"{url.host}{url.database}"
        if url.get_backend_name() in _BACKENDS and not is_torn:
            return Database(chosen.database_address)
    raise click.ClickException(
        f"the address of the database {_SETTING} cannot be read; it looks like "
        "postgresql://user:password@host:5432/name, with %40 for @ and %2F for / in the password"
    )


def _file(database: Database) -> Path | None:
    name = database.url.database if database.is_sqlite else None
    return None if not name or name.startswith((":", "file:")) else Path(name).resolve()


def _is_out_of_reach(error: DBAPIError) -> bool:
    if getattr(error.orig, "sqlite_errorname", "") == "SQLITE_ERROR":
        return False  # a statement that is wrong, and so a fault of the program
    damaged = type(error) is DatabaseError
    no_right = getattr(error.orig, "sqlstate", "") == _NO_RIGHT
    return isinstance(error, OperationalError | InterfaceError) or damaged or no_right


def _is_beside(database: Database, error: OSError) -> bool:
    file = _file(database)
    touched = None if error.filename is None else Path(str(error.filename)).resolve()
    return file is not None and touched is not None and file.is_relative_to(touched.parent)


def _cannot(database: Database, reason: str) -> str:
    remedy = (
        "see that tesweb may write the file and its folder"
        if database.is_sqlite
        else f"see that the server runs, lets you in, and has the address of the setting {_SETTING}"
    )
    return f"{called(database)} cannot be used: {' '.join(reason.split())}; {remedy}"
