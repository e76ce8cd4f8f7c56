"""Which plugins are found, which copy of two wins, and what the operator is told."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect

from tests.plugins_loader.fakes import Folder
from tesweb import hookspecs
from tesweb.cli import COMMANDS
from tesweb.current import Core
from tesweb.database.engine import Database
from tesweb.database.migrations import upgrade
from tesweb.discovery import RESERVED, discover
from tesweb.plugins import Plugins, State
from tesweb.resources import BUNDLED_PLUGINS
from tesweb.testing.client import Client

_METADATA = """\
Metadata-Version: 2.1
Name: tesweb-{name}
Version: {version}
Requires-Dist: tesweb
"""


def install(site: Path, name: str, version: str, code: str) -> None:
    """Put a distribution into a folder on `sys.path`, as pip would."""
    package = site / f"tesweb_{name}"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(code, "utf-8")
    info = site / f"tesweb_{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(_METADATA.format(name=name, version=version), "utf-8")
    (info / "entry_points.txt").write_text(f"[tesweb.plugins]\n{name} = tesweb_{name}\n", "utf-8")


def test_every_bundled_plugin_is_found_and_works(core: Core) -> None:
    bundled = {file.parent.name for file in BUNDLED_PLUGINS.glob("*/pyproject.toml")}
    assert bundled
    found = {name: core.plugins.known[name] for name in bundled}
    assert {name: (plugin.state, plugin.reason) for name, plugin in found.items()} == dict.fromkeys(
        bundled, (State.ON, "")
    )


def test_plugins_come_in_the_order_of_their_names(folder: Folder) -> None:
    for name in ("zebra", "alpha", "middle"):
        folder.good(name)
    names = [candidate.name for candidate in discover(folder.path)]
    assert names == sorted(names)
    assert {"alpha", "good", "middle", "zebra"} <= set(names)


def test_an_installed_plugin_replaces_one_in_a_folder(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.add("double", "WHERE = 'folder'", version="1.0")
    install(tmp_path / "site", "double", "2.0", "WHERE = 'installed'")
    monkeypatch.syspath_prepend(tmp_path / "site")
    plugins = Plugins()
    plugins.load(folder=folder.path)
    chosen = plugins.known["double"]
    assert (chosen.origin, chosen.version, chosen.state) == ("installed", "2.0", State.ON)
    assert chosen.module is not None
    assert chosen.module.WHERE == "installed"


def test_a_plugin_in_the_operators_folder_replaces_the_bundled_one(folder: Folder) -> None:
    bundled = next(BUNDLED_PLUGINS.glob("*/pyproject.toml")).parent.name
    folder.add(bundled, version="99")
    found = {candidate.name: candidate for candidate in discover(folder.path)}[bundled]
    assert (found.origin, found.version) == ("folder", "99")


def test_a_plugins_folder_never_shadows_what_is_installed(folder: Folder) -> None:
    package = folder.add("shadow")
    (package.parent / "flask").mkdir()
    (package.parent / "flask" / "__init__.py").write_text("raise RuntimeError", "utf-8")
    before = list(sys.path)
    Plugins().load(folder=folder.path)
    assert sys.path[: len(before)] == before
    assert sys.path[-1] == str(package.parent)


def test_a_hooks_results_come_with_the_plugins_name(core: Core, app: Flask) -> None:
    with app.app_context():
        names = [name for name, _ in core.plugins.each(hookspecs.navigation)]
    assert "good" in names
    assert names == sorted(names)


def test_a_plugin_whose_tables_are_newer_is_off_and_the_rest_goes_on(
    folder: Folder, database: str, client_of: Callable[[], Client]
) -> None:
    folder.with_tables("notes")
    plugins, store = Plugins(), Database(database)
    plugins.load(folder=folder.path)
    list(upgrade(store, plugins))
    with store.work() as work:
        work.exec_driver_sql("UPDATE alembic_version_notes SET version_num = '0999'")
    store.close()
    client = client_of()
    assert client.get("/good/").text == "good answers"
    assert client.get("/healthz").get_json()["plugins"] == ["notes"]


@pytest.fixture
def client_of(request: pytest.FixtureRequest) -> Callable[[], Client]:
    """Makes the application when it is called, after the test has prepared its database."""

    def client() -> Client:
        made: Client = request.getfixturevalue("client")
        return made

    return client


def test_tesweb_plugins_lists_all_with_state_and_reason(
    folder: Folder, database: str, tmp_path: Path
) -> None:
    folder.add("outdated", requires="tesweb>=9", version="0.3")
    environment = {
        "TESWEB_DATABASE": database,
        "TESWEB_PLUGINS_FOLDER": str(folder.path),
        "TESWEB_PLUGINS_OFF": '["good"]',
        "TESWEB_FOLDER": str(tmp_path / "var"),
    }
    answer = subprocess.run(
        [sys.executable, "-m", "tesweb.cli", "plugins", "--json"],
        cwd=tmp_path,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    rows: dict[str, dict[str, Any]] = {row["name"]: row for row in json.loads(answer.stdout)}
    assert set(rows["good"]) == {"name", "version", "from", "state", "reason"}
    assert rows["good"]["state"] == "off"
    assert (rows["outdated"]["version"], rows["outdated"]["from"]) == ("0.3", "folder")
    assert rows["outdated"]["state"] == "broken"
    assert "tesweb >=9" in rows["outdated"]["reason"]
    assert rows["region_tyumen"] == {
        "name": "region_tyumen",
        "version": rows["region_tyumen"]["version"],
        "from": "bundled",
        "state": "on",
        "reason": "",
    }


def test_no_plugin_can_take_a_name_of_the_core(app: Flask, core: Core) -> None:
    known = core.plugins.known.values()
    plugins = tuple(plugin.name for plugin in known if plugin.origin != "built in")
    built_in = {plugin.name for plugin in known if plugin.origin == "built in"}
    urls = {
        rule.rule.split("/")[1].partition(".")[0]
        for rule in app.url_map.iter_rules()
        if not rule.endpoint.startswith(plugins)
    }
    with core.database.read() as connection:
        tables = inspect(connection).get_table_names()
    prefixes = {
        name.rpartition("_")[0] for name in tables if not name.startswith((*plugins, "alembic"))
    }
    blueprints = set(app.blueprints) - set(plugins)
    taken = built_in | blueprints | urls | prefixes | set(COMMANDS) | {"alembic", "tesweb"}
    assert taken - {""} <= RESERVED
