"""`tesweb people`: who may see the back office, and how somebody's cabinet stands."""

import click

from tesweb.commands.context import in_application, say
from tesweb.commands.people_office import members, remove, restore
from tesweb.operator.services import Nobody, appoint, state_of


@click.group()
def people() -> None:
    """See to the people who sign in.

    Nothing personal of theirs is shown.
    """


@people.command()
@click.argument("login")
@click.option("--off", is_flag=True, help="Take the right back.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@in_application
def operator(login: str, *, off: bool, as_json: bool) -> None:
    """Let the user LOGIN see the back office at /operator.

    The person is signed out everywhere and has to come in with a second factor: a passkey, or the
    password and an app's code, set up in the cabinet's profile. It is written into the journal.
    Safe to repeat.
    """
    try:
        changed = appoint(login, is_operator=not off)
    except Nobody as error:
        raise click.ClickException(f"nobody signs in as {login}") from error
    is_now = "is no operator" if off else "is an operator"
    text = f"{login} {is_now}" + ("" if changed else " already")
    say({"login": login, "is_operator": not off, "changed": changed}, as_json=as_json, text=text)


@people.command()
@click.argument("login")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@in_application
def show(login: str, *, as_json: bool) -> None:
    """Say how the cabinet of LOGIN stands.

    Whether it is locked, its factors, devices and accounts; nothing personal.
    """
    try:
        found = state_of(login)
    except Nobody as error:
        raise click.ClickException(f"nobody signs in as {login}") from error
    lines = [f"{name.replace('_', ' ')}: {_word(value)}" for name, value in found.items()]
    say(found, as_json=as_json, text="\n".join(lines))


def _word(value: object) -> str:
    if value is None:
        return "no"
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


for _command in (restore, members, remove):
    people.add_command(_command)
