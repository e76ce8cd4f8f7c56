"""`tesweb db`: the tables of the core and of the plugins."""

from pathlib import Path

import click

from tesweb.commands.context import plugins_of, say, settings
from tesweb.database import migrations
from tesweb.database.engine import Database
from tesweb.database.revisions import standings


@click.group()
def db() -> None:
    """Make, check and drop tables.

    The core and each plugin have revisions of their own, so that a plugin can come and go without
    the others noticing.
    """


@db.command()
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def upgrade(*, as_json: bool) -> None:
    """Bring all tables up to date: the core's first, then each plugin's.

    Each is one transaction. Safe to repeat; run it after every update, before the server starts.
    """
    chosen = settings()
    database = Database(chosen.database_address)
    if database.is_sqlite and database.url.database:
        Path(database.url.database).parent.mkdir(parents=True, exist_ok=True)
    done = []
    for name in migrations.upgrade(database, plugins_of(chosen)):
        done.append(name)
        if not as_json:
            click.echo(f"up to date: {name}")
    if as_json:
        say({"upgraded": done}, as_json=True, text="")


@db.command()
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@click.pass_context
def check(ctx: click.Context, *, as_json: bool) -> None:
    """Say where the tables stand; exit code 1 where something is behind or unknown."""
    chosen = settings()
    with Database(chosen.database_address).read() as connection:
        found = standings(connection, plugins_of(chosen))
    rows = []
    for standing in found:
        state = "unknown" if standing.is_unknown else "behind" if standing.is_behind else "ok"
        rows.append({"owner": standing.owner.name, "revision": standing.present, "state": state})
    lines = [f"{row['owner']}: {row['state']} ({row['revision'] or 'no tables'})" for row in rows]
    say(rows, as_json=as_json, text="\n".join(lines))
    if any(row["state"] != "ok" for row in rows):
        ctx.exit(1)


@db.command()
@click.argument("plugin")
@click.option("--yes", is_flag=True, help="Do not ask.")
def drop(plugin: str, *, yes: bool) -> None:
    """Remove the tables of PLUGIN and everything in them, for good.

    Uninstalling a plugin leaves its tables; this is the only way to lose them.
    """
    if not yes:
        click.confirm(f"Remove every table of {plugin} with its data?", abort=True)
    try:
        gone = migrations.drop(Database(settings().database_address), plugin)
    except LookupError as error:
        raise click.ClickException(f"no tables of a plugin called {plugin}") from error
    click.echo(f"removed: {', '.join(gone)}")
