"""`tesweb plugins`: what is installed, and what does not work."""

import click
from flask import Flask

from tesweb import hookspecs
from tesweb.app import register_blueprints
from tesweb.commands.context import application, load_plugins, say, settings
from tesweb.config import Settings
from tesweb.plugins import Plugins


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def plugins(*, as_json: bool) -> None:
    """List the plugins and what does not work.

    A line for each: name, version, where from (bundled, installed or folder), state (on, off or
    broken), and the reason of what is not on.

    A plugin that cannot be imported, asks for another version of tesweb, has a wrong setting or a
    route without a policy is broken; the others and the site go on without it. Where the database
    is not ready the plugins are listed all the same, and a note says what is missing.
    """
    chosen = settings()
    found = load_plugins(chosen)
    for note in [*found.strays(), *_try(chosen, found)]:
        click.echo(f"note: {note}", err=True)
    rows = [
        {
            "name": plugin.name,
            "version": plugin.version,
            "from": plugin.origin,
            "state": plugin.state.value,
            "reason": plugin.trouble,
        }
        for plugin in found.known.values()
        if plugin.origin != "built in"
    ]
    lines = [
        f"{row['name']:<16} {row['version']:<8} {row['from']:<10} {row['state']:<7} {row['reason']}"
        for row in rows
    ]
    say(rows, as_json=as_json, text="\n".join(line.rstrip() for line in lines))


def _try(chosen: Settings, found: Plugins) -> list[str]:
    """Let the application find out what does not work; why there is none, if there is none."""
    try:
        application(chosen, found).extensions["tesweb"].database.close()
    except click.ClickException as error:
        register_blueprints(Flask("trial", static_folder=None), found)
        list(found.each(hookspecs.regions))
        return [error.message]
    return []
