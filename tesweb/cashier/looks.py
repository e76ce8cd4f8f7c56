"""An operator's look at what belongs to a resident: at one page, and written down."""

import re

from flask import Response, request, url_for

from tesweb import htmx
from tesweb.accounts.rules import mask_number
from tesweb.cashier.routes import blueprint
from tesweb.identity import policy
from tesweb.identity.safety import safe_next
from tesweb.operator.services import begin_look, is_looking

#: An account's number, which the journal has masked.
_LONG = re.compile(r"\d{6,}")


def missing(back: str, here: str = "") -> Response | None:
    """The page that asks to write the look at `here` down; None where that was done.

    `back` is the endpoint of the list that the page was reached from.
    """
    here = here or request.full_path.rstrip("?")
    if is_looking(policy.visitor().id, here):
        return None
    return htmx.render("cashier/look.html", back=back, here=here)


@blueprint.post("/look")
@policy.operator
def look() -> Response:
    """Show what belongs to a resident, and write down who saw it."""
    here = safe_next(request.form.get("here", "")[:200]) or url_for("cashier.home")
    page = _LONG.sub(lambda found: mask_number(found[0]), here)
    begin_look(policy.visitor().id, here, {"page": page})
    answer = htmx.redirect("cashier.home")
    answer.headers["Location"] = here
    return answer
