"""The page that asks whose bill it is, and the sum for it."""

from flask import Response, abort, request
from flask_babel import gettext as _

from tesweb import htmx
from tesweb.current import core
from tesweb.identity import policy
from tesweb.payments.forms import offered
from tesweb.payments.others import BadAccount, NoAccount, TooMany, find, of_ticket
from tesweb.payments.routes import blueprint


@blueprint.get("/other")
@policy.signed_in
def other() -> Response:
    """Ask for the number."""
    return _page(200, None)


@blueprint.post("/other")
@policy.signed_in
def find_other() -> Response:
    """Find the account; one of the visitor's own is paid for as usual."""
    person, problem = policy.visitor(), None
    region, typed = request.form.get("region", ""), request.form.get("account", "")[:60]
    try:
        ticket = find(person, region or core().default_region.name, typed)
    except BadAccount as error:
        problem = str(error.reason)
    except NoAccount:
        problem = _("We have no account of this number. Compare the digits with the bill.")
    except TooMany:
        problem = _("Enough numbers for today. Try again tomorrow, or call us.")
        return _page(429, problem)
    if problem:
        return _page(422, problem)
    account = of_ticket(person, ticket)
    if account is not None and person.account(account.id):
        return htmx.redirect("payments.of_account", account_id=account.id)
    return htmx.redirect("payments.for_other", ticket=ticket)


@blueprint.get("/other/<ticket>")
@policy.signed_in
def for_other(ticket: str) -> Response:
    """The sum for the account that was found."""
    account = of_ticket(policy.visitor(), ticket)
    if account is None:
        abort(404)
    sums = offered([account], chosen=account.id, empty=True)
    sums.other = ticket
    return htmx.render("payments/sums.html", sums=sums, region_of=core().region)


def _page(status: int, problem: str | None) -> Response:
    return htmx.render(
        "payments/other.html",
        status,
        problem=problem,
        typed=request.form.get("account", "")[:60],
        chosen=request.form.get("region", "") or core().default_region.name,
        regions=list(core().regions.values()),
        example=core().default_region.account_example,
    )
