"""`tesweb plugins`: what is installed, and what does not work."""

import click

from tesweb.commands.context import application, say
from tesweb.current import core


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def plugins(*, as_json: bool) -> None:
    """List the plugins: name, version, where from, state, and the reason of what is not on.

    A plugin that cannot be imported, asks for another version of tesweb, has a wrong setting or a
    route without a policy is off; the others and the site go on without it.
    """
    with application().app_context():
        rows = [
            {
                "name": plugin.name,
                "version": plugin.version,
                "from": plugin.origin,
                "state": plugin.state.value,
                "reason": plugin.trouble,
            }
            for plugin in core().plugins.known.values()
            if plugin.origin != "built in"
        ]
    lines = [
        f"{row['name']:<16} {row['version']:<8} {row['from']:<10} {row['state']:<7} {row['reason']}"
        for row in rows
    ]
    say(rows, as_json=as_json, text="\n".join(line.rstrip() for line in lines))
