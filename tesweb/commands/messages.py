"""`tesweb messages`: what is waiting to be sent, and sending it."""

import time
from dataclasses import asdict
from typing import Any

import click

from tesweb.commands.context import in_application, say
from tesweb.current import core
from tesweb.identity.contacts import mask_email, mask_phone
from tesweb.messages.delivery import deliver as deliver_due
from tesweb.messages.statements import NOT_ARRIVED

_NAP = 1.0


@click.group()
def messages() -> None:
    """See to letters and text messages.

    Nothing of what they say is shown, and of addresses only a part.
    """


@messages.command()
@click.option("--once", is_flag=True, help="Send what is due now, and end.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@in_application
def deliver(*, once: bool, as_json: bool) -> None:
    """Send what is due.

    The server does it by itself; this is for a machine of its own, or to try new settings. As many
    as you like may run at once: each message is sent by one. Ends with Ctrl+C.
    """
    while True:
        done = deliver_due()
        if once or done.sent or done.put_off or done.dead:
            text = f"{done.sent} sent, {done.put_off} tried in vain, {done.dead} given up"
            say(asdict(done), as_json=as_json, text=text)
        if once:
            return
        time.sleep(_NAP)


@messages.command("list")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@in_application
def list_(*, as_json: bool) -> None:
    """List what is waiting and what was given up.

    The newest come first; addresses are masked.
    """
    with core().database.read() as reader:
        rows = [_shown(row) for row in reader.execute(NOT_ARRIVED)]
    lines = [
        f"{row['id']:>6}  {row['state']:<7}  {row['tries']:>2} tries  next {row['next_at']}  "
        f"{row['channel']:<5}  {row['recipient']}  {row['template']}"
        for row in rows
    ]
    say({"messages": rows}, as_json=as_json, text="\n".join(lines) or "nothing is waiting")


def _shown(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row of NOT_ARRIVED
    mask = mask_phone if row.channel == "sms" else mask_email
    return {
        "id": row.id,
        "state": row.state,
        "channel": row.channel,
        "recipient": mask(row.recipient),
        "template": row.template,
        "tries": row.tries,
        "created_at": row.created_at.isoformat(timespec="seconds"),
        "next_at": row.next_at.isoformat(timespec="seconds"),
    }
