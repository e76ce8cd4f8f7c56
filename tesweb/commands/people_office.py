"""`tesweb people restore`, `members`, `remove`: the office, where there is one operator."""

import click

from tesweb.accounts.rules import plain_nickname
from tesweb.commands.context import in_application, say
from tesweb.current import core
from tesweb.operator.members import Found, NoAccount, NoMember, find
from tesweb.operator.members import remove as remove_member
from tesweb.operator.rules import flaw_of
from tesweb.recovery.office import SERVER, Help, NoSuchWay, NotHelped, NotLocked
from tesweb.recovery.office import restore as restore_access
from tesweb.recovery.rules import Way


def _ground(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    del ctx, parameter
    plain = plain_nickname(value)
    flaw = flaw_of(plain)
    if flaw is not None:
        raise click.BadParameter(flaw.value)
    return plain


_GROUND = click.option(
    "--ground",
    required=True,
    callback=_ground,
    help="What was shown and the number of the paper; the person reads it.",
)
_REGION = click.option("--region", default="", help="The branch; else the default one.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")


@click.command()
@click.argument("number", type=click.IntRange(1, 2**53))
@_GROUND
@click.option(
    "--way",
    type=click.Choice([way.value for way in Way]),
    default=Way.HAND.value,
    help="Print the code, or send it to a contact from before the locking.",
)
@click.option("--second-step", is_flag=True, help="The second step is lost too: take it off.")
@_JSON
@in_application
def restore(number: int, ground: str, way: str, *, second_step: bool, as_json: bool) -> None:
    """Open a way back to a locked cabinet.

    For a supplier with one operator: what two operators do at /operator. Look at the passport
    first. The code sets a password at /recover/office, once, for a day; the cabinet stays locked
    until its owner gives one more proof. Every contact is told, and it is written into the journal.
    """
    try:
        code = restore_access(number, Help(ground, Way(way), second=second_step))
    except NotLocked as error:
        raise click.ClickException(f"no cabinet is locked by request {number}") from error
    except NotHelped as error:
        reason = "it is an operator's cabinet: take the right back first, `people operator --off`"
        raise click.ClickException(reason) from error
    except NoSuchWay as error:
        reason = f"no {way} is known from before the locking: hand the code over"
        raise click.ClickException(reason) from error
    sent = "the code was sent" if code is None else f"code for /recover/office: {code}"
    say({"number": number, "way": way, "code": code}, as_json=as_json, text=sent)


@click.command()
@click.argument("account")
@_REGION
@_JSON
@in_application
def members(account: str, region: str, *, as_json: bool) -> None:
    """List who has access to ACCOUNT, the longest-standing first.

    Each with the id that `people remove` wants; no names.
    """
    found = _found(account, region)
    rows = [
        {
            "id": member.user_id,
            "role": member.role.value,
            "since": member.since.isoformat(timespec="minutes"),
            "locked": member.is_locked,
        }
        for member in found.members
    ]
    lines = [f"{row['id']:>8}  {row['role']:<6}  since {row['since']}" for row in rows]
    answer = {"account": found.number, "region": found.region, "members": rows}
    say(answer, as_json=as_json, text="\n".join(lines) or "nobody has access")


@click.command()
@click.argument("account")
@click.argument("user_id", type=click.IntRange(1, 2**53))
@_GROUND
@_REGION
@_JSON
@in_application
def remove(account: str, user_id: int, ground: str, region: str, *, as_json: bool) -> None:
    """End the access of USER_ID to ACCOUNT, an owner's too.

    The last owner's end ends everybody's. Whoever goes and the owners who stay are told, and it is
    written into their journals with the ground.
    """
    found = _found(account, region)
    try:
        remove_member(SERVER, found.id, user_id, ground)
    except NoMember as error:
        raise click.ClickException(f"user {user_id} has no access to it") from error
    text = f"user {user_id} has no access to {found.number} any more"
    say({"account": found.number, "removed": user_id}, as_json=as_json, text=text)


def _found(account: str, region: str) -> Found:
    name = region or core().default_region.name
    with core().database.read() as reader:
        try:
            return find(reader, name, account)
        except NoAccount as error:
            raise click.ClickException(f"region {name} has no account {account}") from error
