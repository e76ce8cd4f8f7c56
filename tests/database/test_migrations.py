"""Migrations say what the models say, run both ways, and belong to their owners alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import inspect, text

from tests.plugins_loader.fakes import Folder
from tesweb.database.engine import Database
from tesweb.database.migrations import configuration, drop, upgrade
from tesweb.database.revisions import CORE, owners, standings
from tesweb.plugins import Plugins

ROWS = """
INSERT INTO users (id, login, password_hash, name, language, created_at)
VALUES (1, 'anna', 'h', 'Анна', 'ru', '2026-01-01 00:00:00+00')
"""


@pytest.fixture
def plugins() -> Plugins:
    found = Plugins()
    found.load()
    return found


@pytest.fixture
def empty(empty_database: str) -> Iterator[Database]:
    made = Database(empty_database)
    yield made
    made.close()


@pytest.fixture
def migrated(database: str) -> Iterator[Database]:
    made = Database(database)
    yield made
    made.close()


def tables(database: Database) -> set[str]:
    with database.read() as connection:
        return set(inspect(connection).get_table_names())


def test_models_and_migrations_agree(migrated: Database, plugins: Plugins) -> None:
    for owner in owners(plugins):
        with migrated.work() as connection:
            command.check(configuration(connection, owner, plugins))


def test_up_and_down_and_up_again(empty: Database, plugins: Plugins) -> None:
    list(upgrade(empty, plugins))
    first = tables(empty)
    with empty.work() as work:
        work.execute(text(ROWS))
    for owner in reversed(owners(plugins)):
        with empty.work() as connection:
            command.downgrade(configuration(connection, owner, plugins), "base")
    assert {name for name in tables(empty) if not name.startswith("alembic_version")} == set()
    list(upgrade(empty, plugins))
    assert tables(empty) == first


def test_a_second_upgrade_changes_nothing_and_keeps_the_rows(
    migrated: Database, plugins: Plugins
) -> None:
    with migrated.work() as work:
        work.execute(text(ROWS))
    assert [(found.owner, found.missing) for found in upgrade(migrated, plugins)] == [
        (owner, []) for owner in owners(plugins)
    ]
    with migrated.read() as connection:
        assert connection.execute(text("SELECT login FROM users")).scalars().all() == ["anna"]


def test_a_new_database_is_behind_and_a_migrated_one_is_not(
    store_addresses: tuple[Database, Database], plugins: Plugins
) -> None:
    fresh, blank = store_addresses
    with fresh.read() as connection:
        assert not any(found.is_behind for found in standings(connection, plugins))
    with blank.read() as connection:
        assert all(found.is_behind for found in standings(connection, plugins))
        assert not any(found.is_unknown for found in standings(connection, plugins))


@pytest.fixture
def store_addresses(migrated: Database, empty: Database) -> tuple[Database, Database]:
    return migrated, empty


def test_migrations_never_import_models() -> None:
    found = Plugins()
    found.load()
    for owner in owners(found):
        for file in owner.folder.glob("*.py"):
            assert "tesweb" not in file.read_text("utf-8").replace("tesweb.database.types", ""), (
                file
            )


@pytest.fixture
def with_notes(tmp_path: Path) -> Plugins:
    Folder(tmp_path).with_tables("notes")
    found = Plugins()
    found.load(folder=tmp_path)
    return found


def test_a_plugin_has_a_version_table_of_its_own(migrated: Database, with_notes: Plugins) -> None:
    before = tables(migrated)
    list(upgrade(migrated, with_notes))
    assert tables(migrated) - before == {"notes_pages", "alembic_version_notes"}


def test_drop_removes_a_plugins_tables_and_nobody_elses(
    migrated: Database, with_notes: Plugins
) -> None:
    before = tables(migrated)
    list(upgrade(migrated, with_notes))
    assert drop(migrated, "notes") == ["alembic_version_notes", "notes_pages"]
    assert tables(migrated) == before


def test_an_upgrade_tells_what_was_missing(empty: Database, plugins: Plugins) -> None:
    done = list(upgrade(empty, plugins))
    assert [(found.present, found.missing) for found in done] == [
        (None, owner.revisions) for owner in owners(plugins)
    ]


def test_drop_spares_a_plugin_whose_name_goes_on(migrated: Database, tmp_path: Path) -> None:
    folder, found = Folder(tmp_path), Plugins()
    folder.with_tables("notes")
    folder.with_tables("notes_shared")
    found.load(folder=tmp_path)
    list(upgrade(migrated, found))
    assert drop(migrated, "notes") == ["alembic_version_notes", "notes_pages"]
    assert {"alembic_version_notes_shared", "notes_shared_pages"} <= tables(migrated)


@pytest.mark.parametrize("name", [CORE, "nobody", "rate", "alembic"])
def test_drop_never_touches_the_core(migrated: Database, name: str) -> None:
    before = tables(migrated)
    with pytest.raises(LookupError):
        drop(migrated, name)
    assert tables(migrated) == before


def test_the_core_upgrades_though_a_plugins_revision_is_unknown(
    migrated: Database, with_notes: Plugins, plugins: Plugins
) -> None:
    list(upgrade(migrated, with_notes))
    with migrated.work() as work:
        work.execute(text("UPDATE alembic_version_notes SET version_num = '0999'"))
    with migrated.read() as connection:
        unknown = [
            found.owner.name for found in standings(connection, with_notes) if found.is_unknown
        ]
    assert unknown == ["notes"]
    assert [found.owner for found in upgrade(migrated, plugins)] == owners(plugins)
    done = {found.owner.name: found for found in upgrade(migrated, with_notes)}
    assert (done["notes"].present, done["notes"].is_unknown) == ("0999", True)
