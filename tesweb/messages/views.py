"""/dev/inbox: what the demo has sent, and its clock. Only the demo has these pages."""

import re
from datetime import timedelta

from flask import Blueprint, Response, abort, request

from tesweb import htmx, worker
from tesweb.clock import DemoClock
from tesweb.current import core
from tesweb.identity import policy
from tesweb.messages.inbox import inbox_of, kept

blueprint = Blueprint("messages", __name__)
#: So many days go by at once.
STEPS = (1, 7, 30)
_LINK = re.compile(r"(https?://\S+)")


@blueprint.get("/dev/inbox")
@policy.anyone
def inbox() -> Response:
    """Letters and text messages, the newest first, with links that can be followed."""
    found = kept(inbox_of(core().settings.folder))
    rows = [(sent, _LINK.split(sent.text)) for sent in found]
    now, steps = core().clock.now(), STEPS if _clock() else ()
    return htmx.render("messages/inbox.html", rows=rows, now=now, steps=steps)


@blueprint.post("/dev/clock")
@policy.anyone
def move() -> Response:
    """Let days go by at once: autopay takes money then, and bills grow late."""
    clock, days = _clock(), request.form.get("days", type=int)
    if clock is None or days not in STEPS:
        abort(404)
    clock.move(timedelta(days=days))
    worker.sweep()
    return htmx.redirect("messages.inbox")


def _clock() -> DemoClock | None:
    """The clock, where one process serves everybody."""
    clock = core().clock
    return clock if isinstance(clock, DemoClock) and core().settings.workers == 1 else None
