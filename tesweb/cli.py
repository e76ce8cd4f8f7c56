"""The `tesweb` command: its parts are imported when they are called, so help comes at once."""

from importlib import import_module

import click

from tesweb import __version__

#: Name of a command → where it is.
COMMANDS = {
    "certificates": "tesweb.commands.certificates:certificates",
    "check": "tesweb.commands.check:check",
    "db": "tesweb.commands.db:db",
    "demo": "tesweb.commands.demo:demo",
    "exchange": "tesweb.exchange.commands:exchange",
    "journal": "tesweb.commands.journal:journal",
    "messages": "tesweb.commands.messages:messages",
    "people": "tesweb.commands.people:people",
    "plugins": "tesweb.commands.plugins:plugins",
    "reconcile": "tesweb.commands.reconcile:reconcile",
    "run": "tesweb.commands.run:run",
}


class Commands(click.Group):
    """The core's commands, and below a plugin's name the plugin's."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The core's commands and the plugins that have any, by name.

        A wrong setting hides the plugins' only: who asks for help may be about to mend it.
        """
        try:
            return sorted({*COMMANDS, *_of_plugins(ctx)})
        except click.ClickException as error:
            click.echo(f"note: {error.message}", err=True)
            return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; plugins are loaded only when it is not the core's."""
        where = COMMANDS.get(cmd_name)
        if where is None:
            return _of_plugins(ctx).get(cmd_name)
        module, _, name = where.partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.command(cls=Commands)
@click.version_option(__version__, prog_name="tesweb")
def main() -> None:
    """An energy supplier's customer account: try it, serve it, fill it, look after it.

    \b
    To try it:     tesweb demo
    To serve it:   tesweb db upgrade, tesweb exchange import FILES, tesweb run
    To look after: tesweb check, tesweb reconcile, tesweb plugins, tesweb db check

    Settings come from tesweb.toml in the present folder and from TESWEB_* variables;
    docs/settings.md lists them. `tesweb COMMAND --help` tells more.
    """  # noqa: D301 - \b is click's mark for a paragraph that is not refilled


def _of_plugins(ctx: click.Context) -> dict[str, click.Command]:
    if "plugins" not in ctx.meta:
        loader = import_module("tesweb.commands.context")
        ctx.meta["plugins"] = loader.plugin_commands()
    found: dict[str, click.Command] = ctx.meta["plugins"]
    return found


if __name__ == "__main__":
    main()
