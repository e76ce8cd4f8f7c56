"""A section of the settings that is about no plugin is a slip, and slips are told."""

from pathlib import Path

import pytest

from tests.commands.processes import call
from tests.plugins_loader.fakes import Folder
from tesweb import wsgi


@pytest.mark.parametrize("words", [("run",), ("check",), ("db", "check"), ("demo",)])
def test_a_slip_in_a_sections_name_ends_every_command(folder: Path, words: tuple[str, ...]) -> None:
    (folder / "tesweb.toml").write_text("[plugins.reading]\nopen_disputes = 1\n", "utf-8")
    done = call(folder, *words)
    assert done.returncode == 1
    assert "[plugins.reading]" in done.stderr
    assert "did you mean readings?" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_plugins_are_listed_beside_a_slip(folder: Path) -> None:
    done = call(folder, "plugins", TESWEB_PLUGINS__READING__OPEN_DISPUTES="1")
    assert done.returncode == 0
    assert "[plugins.reading]" in done.stderr
    assert "readings" in done.stdout


def test_help_is_there_whatever_the_settings_are(folder: Path) -> None:
    (folder / "tesweb.toml").write_text("prot = 8000\n[plugins.reading]\nx = 1\n", "utf-8")
    done = call(folder, "--help")
    assert done.returncode == 0
    assert "\n  check " in done.stdout
    assert "prot" in done.stderr


def test_the_section_of_a_plugin_that_is_off_or_broken_stops_nothing(folder: Path) -> None:
    plugins = Folder(folder / "plugins")
    plugins.add("broken", "1 / 0")
    plugins.good("good")
    (folder / "tesweb.toml").write_text(
        "plugins_off = ['readings', 'gone']\nplugins_folder = 'plugins'\n"
        "[plugins.readings]\nopen_disputes = 1\n[plugins.gone]\nx = 1\n[plugins.broken]\nx = 1\n",
        "utf-8",
    )
    done = call(folder, "check")
    assert done.returncode == 0, done.stderr


def test_a_plugin_without_settings_is_off_where_a_section_gives_some(folder: Path) -> None:
    Folder(folder / "plugins").good("good")
    (folder / "tesweb.toml").write_text(
        "plugins_folder = 'plugins'\n[plugins.good]\ngreeting = 'x'\n", "utf-8"
    )
    done = call(folder, "plugins")
    assert "setting greeting: the plugin has no settings" in done.stdout


def test_another_server_logs_the_slip(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("TESWEB_FOLDER", str(folder))
    monkeypatch.setenv("TESWEB_PLUGINS__READING__OPEN_DISPUTES", "1")
    # Its threads would live as long as the tests do.
    monkeypatch.setattr(wsgi, "work_in_background", str)
    wsgi.application().extensions["tesweb"].database.close()
    assert "[plugins.reading]" in caplog.text
