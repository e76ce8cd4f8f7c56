"""The page about late bills."""

from flask import Blueprint, Response, abort

from tesweb import htmx
from tesweb.accounts.models import Role
from tesweb.accounts.statements import LinkedAccount
from tesweb.clock import local_day
from tesweb.current import connection, core
from tesweb.identity import policy
from tesweb.ledger.late import late_bills

blueprint = Blueprint("ledger", __name__)


@blueprint.get("/accounts/<int:account_id>/penalty")
@policy.member(Role.READER)
def penalty(account: LinkedAccount) -> Response:
    """Which bills are late and what that costs: an estimate, as billing charges it."""
    region = core().region(account.region)
    today = local_day(core().clock.now(), region.timezone)
    found = late_bills(connection(), account, region, today)
    if found is None:
        abort(404)
    return htmx.render("ledger/penalty.html", account=account, late=found, today=today)
