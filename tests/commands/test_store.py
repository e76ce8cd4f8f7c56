"""What the operator reads where the database is not there, not ready, or out of reach."""

import json
import sqlite3
from pathlib import Path

import pytest

from tests.commands.processes import call
from tests.plugins_loader.fakes import Folder
from tesweb.testing.databases import free_port

PASSWORD = "s3cret-pass"
COMMANDS = [
    ("run",),
    ("check",),
    ("plugins",),
    ("db", "check"),
    ("exchange", "import", "tesweb.toml"),
    ("readings", "disputes", "list"),
]
#: Those that cannot do without a server that answers.
ON_POSTGRESQL = [*COMMANDS, ("db", "upgrade"), ("db", "drop", "readings", "--yes")]


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder in which nothing was ever made."""
    (tmp_path / "tesweb.toml").touch()
    return tmp_path


@pytest.mark.parametrize("words", COMMANDS)
def test_without_a_database_its_path_and_the_remedy_are_told(
    bare: Path, words: tuple[str, ...]
) -> None:
    done = call(bare, *words)
    told = done.stdout + done.stderr
    assert str(bare / "tesweb.db") in told
    assert "`tesweb db upgrade`" in told
    assert "Traceback" not in told
    assert (done.returncode == 0) is (words == ("plugins",))
    assert [file.name for file in bare.iterdir()] == ["tesweb.toml"]


@pytest.mark.parametrize("words", ON_POSTGRESQL)
def test_a_server_that_does_not_answer_is_one_sentence(bare: Path, words: tuple[str, ...]) -> None:
    where = f"127.0.0.1:{free_port()}"
    done = call(bare, *words, TESWEB_DATABASE=f"postgresql://anna:{PASSWORD}@{where}/energy")
    told = done.stdout + done.stderr
    assert f"the PostgreSQL database energy at {where} cannot be used: " in done.stderr
    assert "TESWEB_DATABASE" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert PASSWORD not in told


@pytest.mark.parametrize(
    "address",
    [
        "nonsense",
        "mysql://anna:s3cret-pass@localhost/energy",
        "postgresql://anna:x@s3cret-pass@localhost/energy",
    ],
)
def test_an_address_that_cannot_be_read_is_not_shown(bare: Path, address: str) -> None:
    done = call(bare, "db", "upgrade", TESWEB_DATABASE=address)
    assert done.returncode == 1
    assert "cannot be read" in done.stderr
    assert "Traceback" not in done.stderr
    assert PASSWORD not in done.stdout + done.stderr


def test_a_file_that_is_no_database_is_told(bare: Path) -> None:
    (bare / "tesweb.db").write_text("no database " * 100)
    done = call(bare, "db", "check")
    assert done.returncode == 1
    assert f"the database {bare / 'tesweb.db'} cannot be used: " in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_plugins_are_listed_without_a_database(bare: Path) -> None:
    plugins = Folder(bare / "plugins")
    plugins.add("outdated", requires="tesweb>=9", version="0.3")
    plugins.add(
        "unguarded",
        "from flask import Blueprint\nfrom tesweb.api import hookimpl\n"
        "b = Blueprint('other', __name__)\n@hookimpl\ndef blueprints(): return [b]\n",
    )
    done = call(bare, "plugins", "--json", TESWEB_PLUGINS_FOLDER=str(plugins.path))
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert rows["readings"]["state"] == "on"
    assert rows["outdated"] == {
        "name": "outdated",
        "version": "0.3",
        "from": "folder",
        "state": "broken",
        "reason": rows["outdated"]["reason"],
    }
    assert "tesweb >=9" in rows["outdated"]["reason"]
    assert "'other'" in rows["unguarded"]["reason"]


def test_plugins_are_listed_without_a_region(folder: Path) -> None:
    off = '["region_tyumen", "region_demo"]'
    done = call(folder, "plugins", TESWEB_PLUGINS_OFF=off)
    assert done.returncode == 0
    assert "note: no usable region" in done.stderr
    assert "readings" in done.stdout


def test_an_upgrade_says_what_it_did(bare: Path) -> None:
    plugins = Folder(bare / "plugins")
    package, where = plugins.with_tables("notes"), {"TESWEB_PLUGINS_FOLDER": str(plugins.path)}
    first, second = (call(bare, "db", "upgrade", **where) for _ in range(2))
    assert first.stdout.startswith(f"the database {bare / 'tesweb.db'}\n")
    assert "\nnotes: tables made, revisions 0001\n" in first.stdout
    assert "\nnotes: already up to date (0001)\n" in second.stdout
    (package / "migrations" / "0002_more.py").write_text(
        "revision = '0002'\ndown_revision = '0001'\ndef upgrade(): pass\n"
    )
    behind = call(bare, "db", "check", **where)
    assert "notes: behind (0001)\n" in behind.stdout
    assert "is behind (notes); run `tesweb db upgrade`" in behind.stdout
    third = json.loads(call(bare, "db", "upgrade", "--json", **where).stdout)
    assert {"owner": "notes", "was": "0001", "applied": ["0002"]} in third
    (package / "migrations" / "0002_more.py").unlink()
    left = call(bare, "db", "upgrade", **where)
    assert left.returncode == 1
    assert "notes: left alone: revision 0002 is unknown" in left.stdout


@pytest.mark.parametrize("plugin", ["unheard_of", "tesweb"])
def test_what_has_no_tables_is_not_asked_about(folder: Path, plugin: str) -> None:
    done = call(folder, "db", "drop", plugin)
    assert done.returncode == 1
    assert f"no tables of a plugin called {plugin}" in done.stderr
    assert "[y/N]" not in done.stdout


def test_dropping_names_the_tables_before_it_asks(folder: Path) -> None:
    asked = call(folder, "db", "drop", "readings")
    assert asked.returncode == 1
    assert "readings_disputes" in asked.stdout
    assert call(folder, "db", "check").returncode == 0
    dropped = call(folder, "db", "drop", "readings", "--yes")
    assert "removed: " in dropped.stdout
    with sqlite3.connect(folder / "tesweb.db") as store:
        tables = {name for (name,) in store.execute("SELECT name FROM sqlite_schema")}
    store.close()
    assert "readings" in tables
    assert "readings_disputes" not in tables


@pytest.mark.parametrize("words", [("show",), ("accept",), ("refuse", "--why", "x")])
def test_a_number_that_no_request_can_have_is_refused(folder: Path, words: tuple[str, ...]) -> None:
    done = call(folder, "readings", "disputes", *words, str(2**63))
    assert done.returncode == 2
    assert "is not in the range" in done.stderr
    assert "Traceback" not in done.stderr
    known = call(folder, "readings", "disputes", *words, str(2**63 - 1))
    assert known.returncode == 1
    assert "Traceback" not in known.stderr
