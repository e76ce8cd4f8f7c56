"""`tesweb db`: the tables of the core and of the plugins."""

from contextlib import suppress

import click

from tesweb.commands.context import plugins_of, say, settings
from tesweb.commands.store import called, is_there, make_folder, opened, unready, where_all_stand
from tesweb.database import migrations
from tesweb.database.engine import Database
from tesweb.database.revisions import Standing


@click.group()
def db() -> None:
    """Make, check and drop tables.

    The core and each plugin have revisions of their own, so that a plugin can come and go without
    the others noticing. The database is named by `database` in tesweb.toml or by TESWEB_DATABASE;
    without either it is SQLite in the folder var.
    """


@db.command()
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@click.pass_context
def upgrade(ctx: click.Context, *, as_json: bool) -> None:
    """Make the tables or bring them up to date.

    The core's first, then each plugin's; each is one transaction. Safe to repeat; run it before
    the first start and after every update. Exit code 1 where tables are newer than what is
    installed here: those are left alone.
    """
    chosen = settings()
    plugins = plugins_of(chosen)
    done = []
    with opened(chosen) as database:
        if not as_json:
            click.echo(called(database))
        make_folder(database)
        for before in migrations.upgrade(database, plugins):
            done.append(before)
            if not as_json:
                click.echo(f"{before.owner.name}: {_done(before)}")
    if as_json:
        rows = [
            {"owner": was.owner.name, "was": was.present, "applied": was.missing} for was in done
        ]
        say(rows, as_json=True, text="")
    if any(before.is_unknown for before in done):
        ctx.exit(1)


@db.command()
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@click.pass_context
def check(ctx: click.Context, *, as_json: bool) -> None:
    """Say whether the tables are up to date.

    A line for the core and for each plugin: ok, behind (run `tesweb db upgrade`), or unknown (made
    by a newer version than the one installed). Exit code 1 where one is not ok.
    """
    chosen = settings()
    plugins = plugins_of(chosen)
    with opened(chosen) as database:
        found = where_all_stand(database, plugins)
        hint = unready(database, found)
    rows = []
    for standing in found:
        state = "unknown" if standing.is_unknown else "behind" if standing.is_behind else "ok"
        rows.append({"owner": standing.owner.name, "revision": standing.present, "state": state})
    lines = [f"{row['owner']}: {row['state']} ({row['revision'] or 'no tables'})" for row in rows]
    say(rows, as_json=as_json, text="\n".join([*lines, hint] if hint else lines))
    if any(row["state"] != "ok" for row in rows):
        ctx.exit(1)


@db.command()
@click.argument("plugin")
@click.option("--yes", is_flag=True, help="Do not ask.")
def drop(plugin: str, *, yes: bool) -> None:
    """Remove the tables of PLUGIN with all their data.

    Uninstalling a plugin leaves its tables; this is the only way to lose them, and there is no way
    back. Asks first. The core's own tables cannot be dropped.
    """
    with opened(settings()) as database:
        names = _tables(database, plugin)
        if not yes:
            question = f"Remove {', '.join(names)} from {called(database)} with everything in them?"
            click.confirm(question, abort=True)
        gone = migrations.drop(database, plugin)
    click.echo(f"removed: {', '.join(gone)}")


def _tables(database: Database, plugin: str) -> list[str]:
    if is_there(database):
        with database.read() as connection, suppress(LookupError):
            return migrations.tables_of(connection, plugin)
    raise click.ClickException(f"{called(database)} has no tables of a plugin called {plugin}")


def _done(before: Standing) -> str:
    if before.is_unknown:
        return f"left alone: revision {before.present} is unknown to the version installed here"
    if not before.missing:
        return f"already up to date ({before.present or 'no tables'})"
    verb = "tables made" if before.present is None else "brought up to date"
    return f"{verb}, revisions {', '.join(before.missing)}"
