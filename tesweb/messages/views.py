"""/dev/inbox: what the demo has sent. Only the demo has this page."""

import re

from flask import Blueprint, Response

from tesweb import htmx
from tesweb.current import core
from tesweb.identity import policy
from tesweb.messages.inbox import inbox_of, kept

blueprint = Blueprint("messages", __name__)
_LINK = re.compile(r"(https?://\S+)")


@blueprint.get("/dev/inbox")
@policy.anyone
def inbox() -> Response:
    """Letters and text messages, the newest first, with links that can be followed."""
    found = kept(inbox_of(core().settings.folder))
    rows = [(sent, _LINK.split(sent.text)) for sent in found]
    return htmx.render("messages/inbox.html", rows=rows)
