"""Fixtures: an application with its own fresh database, on SQLite and on PostgreSQL in turn."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from tesweb.app import create_app
from tesweb.clock import FixedClock
from tesweb.config import Settings
from tesweb.current import Core
from tesweb.testing.client import Client
from tesweb.testing.databases import cluster, quick_folder
from tesweb.testing.factories import Factory, MadeUser
from tesweb.testing.missing import Missing, skip
from tesweb.testing.stores import POSTGRESQL, SQLITE, PostgresStore, SqliteStore, Store
from tesweb.testing.templates import Compiled

#: Noon in Tyumen on a day on which every region's window for readings is open.
START = datetime(2026, 11, 20, 7, tzinfo=UTC)


class TestSettings(Settings):
    """Settings that neither the tester's environment nor a `tesweb.toml` nearby can change."""

    __test__ = False

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments only."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)


@pytest.fixture(scope="session")
def sqlite_store() -> Iterator[SqliteStore]:
    """SQLite files, each a copy of one that has every migration."""
    with quick_folder("tesweb-sqlite-") as folder:
        yield SqliteStore(folder)


@pytest.fixture(scope="session")
def postgresql_store() -> Iterator[PostgresStore]:
    """Databases of a PostgreSQL server that ends with the run, each a copy of a migrated one."""
    try:
        running = cluster()
        with running as server:
            yield PostgresStore(server)
    except Missing as missing:
        skip(missing)


@pytest.fixture(params=[SQLITE, POSTGRESQL])
def store(request: pytest.FixtureRequest) -> Store:
    """Where this test's databases come from: the test runs once for each."""
    return cast("Store", request.getfixturevalue(f"{request.param}_store"))


@pytest.fixture
def database(store: Store) -> Iterator[str]:
    """The address of a fresh database with every migration and no rows."""
    with store.fresh() as address:
        yield address


@pytest.fixture
def empty_database(store: Store) -> Iterator[str]:
    """The address of a database without a table."""
    with store.empty() as address:
        yield address


@pytest.fixture
def clock() -> FixedClock:
    """The application's clock; move it with `clock.moment = …`."""
    return FixedClock(START)


@pytest.fixture
def overrides() -> dict[str, Any]:
    """Settings for your tests; override it: `{"plugins": {"acme": {"key": "…"}}}`."""
    return {}


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the compressed static files are built once for all applications of the run."""
    return tmp_path_factory.mktemp("folder")


@pytest.fixture
def settings(database: str, shared_folder: Path, overrides: dict[str, Any]) -> Settings:
    """The settings of the application under test."""
    values: dict[str, Any] = {"folder": shared_folder, "database": database, "secret_key": "s" * 64}
    return TestSettings(**values | overrides)


@pytest.fixture(scope="session")
def compiled() -> Compiled:
    """The templates that earlier tests have compiled."""
    return Compiled()


@pytest.fixture
def app(settings: Settings, clock: FixedClock, compiled: Compiled) -> Iterator[Flask]:
    """The whole application with every plugin that is installed or bundled."""
    made = create_app(settings, clock=clock)
    made.testing = True
    compiled.lend(made)
    yield made
    cast("Core", made.extensions["tesweb"]).database.close()


@pytest.fixture
def core(app: Flask) -> Core:
    """The parts that the application is made of."""
    return cast("Core", app.extensions["tesweb"])


@pytest.fixture
def client(app: Flask) -> Client:
    """A browser without JavaScript that speaks HTTPS and keeps cookies; nobody is signed in."""
    app.test_client_class = Client
    return cast("Client", app.test_client())


@pytest.fixture
def make(core: Core) -> Factory:
    """Makes users, accounts, meters, readings, charges and payments, each with a plain default."""
    return Factory(core)


@pytest.fixture
def sign_in(app: Flask, client: Client, core: Core) -> Callable[..., Client]:
    """Signs a user in without the login form; returns a client of that user's own.

    `sign_in(user, "password")` makes the proof fresh, for pages that want one.
    """
    del client

    def signed_in(user: MadeUser, factors: str = "") -> Client:
        fresh = cast("Client", app.test_client())
        fresh.become(core, user.id, factors)
        return fresh

    return signed_in
