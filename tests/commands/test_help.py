"""The help of every command, as somebody reads it who has just installed tesweb."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from tesweb_readings.commands import disputes

from tesweb.cli import main

#: What a list of commands has room for on a terminal of 80 columns, beside the longest name.
ROOM = 60


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def commands(group: click.Group, path: str = "tesweb") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")


def test_every_summary_is_one_whole_sentence() -> None:
    told = {path: command.get_short_help_str(ROOM) for path, command in commands(main)}
    assert "tesweb readings disputes accept" in told
    assert {path: text for path, text in told.items() if "..." in text} == {}
    whole = {path: (command.help or "").split("\n\n")[0] for path, command in commands(main)}
    assert {path: text for path, text in whole.items() if not text.endswith(".")} == {}
    assert {path for path, text in whole.items() if text.count(". ")} == set()


def test_every_option_says_what_it_does() -> None:
    silent = [
        f"{path} {option.name}"
        for path, command in commands(main)
        for option in command.params
        if isinstance(option, click.Option) and not option.help
    ]
    assert silent == []


def test_the_readme_names_every_command() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    top = {path for path, _ in commands(main) if path.count(" ") == 1}
    assert {path for path in top if f"| `{path}" not in readme} == set()


def callbacks(command: click.Command) -> list[object]:
    below = command.commands.values() if isinstance(command, click.Group) else ()
    return [command.callback, *(callback for each in below for callback in callbacks(each))]


def test_a_plugins_own_commands_stay_as_they_are() -> None:
    """They stand in the plugin's module: whoever calls them there is in a context already."""
    before = callbacks(disputes)
    assert "tesweb readings disputes accept" in dict(commands(main))
    assert callbacks(disputes) == before
