"""What commands need of the application: its parts, and an open context to work in."""

import json
import sys
from collections.abc import Callable
from contextlib import closing
from copy import copy
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import click
from flask import Flask
from pydantic import ValidationError

from tesweb import hookspecs
from tesweb.app import NoRegion, create_app
from tesweb.commands.store import opened, plainly, unready, where_all_stand
from tesweb.config import Settings, load
from tesweb.current import core
from tesweb.discovery import RESERVED
from tesweb.plugins import Plugins

P = ParamSpec("P")
T = TypeVar("T")


def settings(**overrides: Any) -> Settings:  # noqa: ANN401 - any setting
    """The settings, or an end with each wrong one named; a secret's value is never shown."""
    try:
        return load(**overrides)
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, part['loc']))}: {part['msg']}" for part in error.errors()]
        raise click.ClickException("a setting is wrong\n  " + "\n  ".join(lines)) from error


def load_plugins(chosen: Settings) -> Plugins:
    """The plugins of the settings, loaded, whatever sections the settings have."""
    found = Plugins(chosen.plugins)
    found.load(chosen.plugins_off, chosen.plugins_folder)
    return found


def plugins_of(chosen: Settings) -> Plugins:
    """The plugins of the settings, loaded, or an end where a section is about none of them."""
    found = load_plugins(chosen)
    strays = found.strays()
    if strays:
        raise click.ClickException("a setting is wrong\n  " + "\n  ".join(strays))
    return found


def application(chosen: Settings | None = None, plugins: Plugins | None = None) -> Flask:
    """The application on tables that are up to date, or an end with the reason and the remedy."""
    chosen = chosen or settings()
    found = plugins or plugins_of(chosen)
    with opened(chosen) as database:
        reason = unready(database, where_all_stand(database, found))
        if reason:
            raise click.ClickException(reason)
        try:
            return create_app(chosen, plugins=found)
        except NoRegion as error:
            raise click.ClickException(f"no usable region: {error}") from error


def in_application(command: Callable[P, T]) -> Callable[P, T]:
    """Run a command's function within the application's context."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        with application().app_context(), closing(core().database) as database, plainly(database):
            return command(*args, **kwargs)

    return wrapped


def plugin_commands() -> dict[str, click.Command]:
    """A group for each plugin that brings commands; each runs within the application's context."""
    groups: dict[str, click.Command] = {}
    chosen = settings()
    for name, command in load_plugins(chosen).each(hookspecs.commands):
        if name in RESERVED:
            continue
        group = groups.setdefault(name, click.Group(name, help=f"Use the plugin {name}."))
        if isinstance(group, click.Group):
            group.add_command(_within(command))
    return groups


def say(answer: Any, *, as_json: bool, text: str) -> None:  # noqa: ANN401 - any JSON
    """Print the answer for a program or for a person."""
    click.echo(json.dumps(answer, ensure_ascii=False) if as_json else text)
    sys.stdout.flush()


def _within(command: click.Command) -> click.Command:
    """A copy of the command that runs, as those below it do, in the application's context.

    The plugin's own object stays as it is: it may be called again in this process.
    """
    copied = copy(command)
    if isinstance(copied, click.Group):
        copied.commands = {name: _within(below) for name, below in copied.commands.items()}
    elif copied.callback is not None:
        copied.callback = in_application(copied.callback)
    return copied
