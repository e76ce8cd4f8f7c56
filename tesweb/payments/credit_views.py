"""The page with everything that was paid for an account, wherever it was paid."""

from datetime import date

from flask import Response, request

from tesweb import htmx
from tesweb.accounts.models import Role
from tesweb.accounts.statements import LinkedAccount
from tesweb.current import connection
from tesweb.database.rows import fetch
from tesweb.identity import policy
from tesweb.ledger.statements import PAID_BETWEEN, YEARS_PAID
from tesweb.payments.routes import blueprint


@blueprint.get("/<int:account_id>/credits")
@policy.member(Role.READER)
def credits_of(account: LinkedAccount) -> Response:
    """What was paid in a year; in the newest one unless the address names another."""
    asked: dict[str, object] = {"account_id": account.id}
    years = fetch(connection(), YEARS_PAID, asked)
    text = request.args.get("year", "")
    chosen = next((row for row in years if str(row.year) == text), years[0] if years else None)
    rows = []
    if chosen:
        days = {"first": date(chosen.year, 1, 1), "last": date(chosen.year, 12, 31)}
        rows = fetch(connection(), PAID_BETWEEN, asked | days)
    return htmx.render(
        "payments/credits.html",
        account=account,
        years=years,
        chosen=chosen,
        rows=rows,
    )
