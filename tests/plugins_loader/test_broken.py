"""One broken plugin never takes the others, or the site, down."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.plugins_loader.broken import BROKEN, FAULTY, SECTIONS, faulty_code
from tests.plugins_loader.fakes import Folder
from tesweb.current import Core
from tesweb.plugins import State
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeUser


@pytest.fixture
def overrides(folder: Folder) -> dict[str, Any]:
    """Every broken plugin at once: each must be told by its own reason."""
    for plugin in BROKEN:
        folder.add(plugin.name, plugin.code, requires=plugin.requires)
    for name in FAULTY:
        folder.add(name, faulty_code(name))
    folder.good("switched_off")
    (folder.path / "unreadable").mkdir()
    (folder.path / "unreadable" / "pyproject.toml").write_bytes(b"\xff[project")
    return {
        "plugins_folder": folder.path,
        "plugins": SECTIONS,
        "plugins_off": ["switched_off"],
    }


@pytest.fixture
def resident(make: Factory) -> MadeUser:
    user = make.user()
    make.account(user, number="720400123456")
    return user


def test_the_site_and_the_good_plugin_go_on(
    app: Flask,
    resident: MadeUser,
    sign_in: Callable[[MadeUser], Client],
    client: Client,
) -> None:
    app.testing = False
    assert client.get("/login").status_code == 200
    assert client.get("/good/").text == "good answers"
    home = sign_in(resident).page("/")
    assert "Card of good 720400123456" in home.text
    assert "Menu of good" in home.text


def test_health_names_what_does_not_work(client: Client) -> None:
    answer = client.get("/healthz").get_json()
    assert answer["status"] == "degraded"
    assert {"import_error", "outdated", "raising_regions"} <= set(answer["plugins"])
    assert not {"good", "switched_off", "region_tyumen"} & set(answer["plugins"])


def test_each_broken_plugin_is_off_and_says_why(core: Core) -> None:
    told = {name: (plugin.state, plugin.reason) for name, plugin in core.plugins.known.items()}
    wrong = [
        (plugin.name, told[plugin.name])
        for plugin in BROKEN
        if told[plugin.name][0] is not State.BROKEN or plugin.reason not in told[plugin.name][1]
    ]
    assert wrong == []
    assert told["unreadable"][0] is State.BROKEN
    assert "pyproject.toml" in told["unreadable"][1]


def test_a_broken_plugin_serves_nothing(client: Client) -> None:
    assert client.get("/unguarded/").status_code == 404
    assert client.get("/another/").status_code == 404


def test_a_plugin_that_is_switched_off_is_not_even_imported(core: Core, client: Client) -> None:
    plugin = core.plugins.known["switched_off"]
    assert (plugin.state, plugin.module) == (State.OFF, None)
    assert "settings" in plugin.reason
    assert client.get("/switched_off/").status_code == 404


def test_a_hook_that_fails_is_told(
    core: Core,
    resident: MadeUser,
    sign_in: Callable[[MadeUser], Client],
    app: Flask,
    client: Client,
) -> None:
    app.testing = False
    sign_in(resident).page("/")
    client.page("/login")
    told = {name: core.plugins.known[name].faults for name in FAULTY}
    assert {name: set(faults) for name, faults in told.items()} == {
        name: {hook} for name, (hook, _) in FAULTY.items()
    }


def test_each_reason_is_one_line_for_the_operator(core: Core) -> None:
    reasons = [core.plugins.known[plugin.name].reason for plugin in BROKEN]
    assert [reason for reason in reasons if not reason or "\n" in reason] == []
