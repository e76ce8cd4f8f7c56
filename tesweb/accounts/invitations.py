"""The link in an invitation: its page has a button, and only the button gives access."""

from flask import Response, request

from tesweb import htmx
from tesweb.accounts.forms import ROLES
from tesweb.accounts.households import AlreadyMember, accept, offer_of
from tesweb.accounts.routes import blueprint
from tesweb.current import connection, core
from tesweb.identity import policy
from tesweb.identity.challenges import Refused


@blueprint.get("/invitation")
@policy.anyone
def invitation() -> Response:
    """Who invites where and as what; a stranger signs in or registers and comes back."""
    return _page(request.args.get("key", ""))


@blueprint.post("/invitation")
@policy.signed_in
def join() -> Response:
    """Take the invitation."""
    key = request.form.get("key", "")
    try:
        with core().database.work() as work:
            account_id = accept(work, policy.visitor().id, key)
    except AlreadyMember:
        return htmx.redirect(".mine", done="already")
    except Refused:
        return _page(key, 422)
    return htmx.redirect("dashboard.account", account_id=account_id)


def _page(key: str, status: int = 200) -> Response:
    offer = None if status != 200 else offer_of(connection(), key)  # noqa: PLR2004 - HTTP's own number
    if offer is None:
        return htmx.render("accounts/no_invitation.html", 410)
    person = policy.visitor_or_none()
    has_it = person is not None and person.account(offer.account_id) is not None
    return htmx.render("accounts/invitation.html", offer=offer, key=key, roles=ROLES, has_it=has_it)
