"""An order found by what people know of it, with everything that has happened to it."""

from typing import Any

from flask import Response, abort, request
from flask_babel import gettext as _

from tesweb import htmx
from tesweb.cashier.looks import missing
from tesweb.cashier.routes import blueprint
from tesweb.cashier.services import Row
from tesweb.cashier.statements import (
    ALARMS_OF_ORDER,
    ENTRIES_OF_ORDER,
    LINES_OF_ORDERS,
    NOTICES_OF_ORDER,
    ORDERS_BY_REFERENCE,
    ORDERS_OF_ACCOUNT,
    REFUNDS_OF_ORDER,
)
from tesweb.cashier.wording import KINDS, alarm_in_words, book_in_words, subject_in_words
from tesweb.current import connection, core
from tesweb.identity import policy
from tesweb.operator.members import Found, NoAccount
from tesweb.operator.members import find as find_account
from tesweb.payments.effects import channel_of, subject_of
from tesweb.payments.models import State
from tesweb.payments.protocol import Way
from tesweb.payments.statements import FISCAL, ORDER, SHARES
from tesweb.payments.wording import REFUNDS, STATES, WAYS, advice

_MOST = 100
_LONGEST_ID = 15


@blueprint.get("/find")
@policy.operator
def find() -> Response:
    """Go to the order of that number, of the bank's number, or to the account's orders."""
    typed = request.args.get("order", "")[:80].strip()
    branch = request.args.get("region", "") or core().default_region.name
    number = typed.lstrip("#\N{NUMERO SIGN} ").removeprefix("tesweb-")
    is_number = number.isascii() and number.isdigit() and len(number) <= _LONGEST_ID
    if is_number and connection().execute(ORDER, {"order_id": int(number)}).first():
        return htmx.redirect("cashier.story", order_id=int(number))
    found = connection().execute(ORDERS_BY_REFERENCE, {"reference": typed, "most": 1}).first()
    if typed and found is not None:
        return htmx.redirect("cashier.story", order_id=found.id)
    account = _account(branch, typed)
    if account is not None:
        return htmx.redirect("cashier.of_account", region=account.region, account=account.number)
    return htmx.render(
        "cashier/find.html",
        422,
        typed=typed,
        problem=_("No payment and no account has this number. Compare the signs."),
        regions=list(core().regions.values()),
        usual=branch,
    )


@blueprint.get("/accounts/<region>/<account>")
@policy.operator
def of_account(region: str, account: str) -> Response:
    """The orders of an account, the newest first."""
    found = _account(region, account)
    if found is None:
        abort(404)
    unseen = missing("cashier.home")
    if unseen is not None:
        return unseen
    asked = {"account_id": found.id, "most": _MOST}
    return htmx.render(
        "cashier/account.html",
        found=found,
        rows=connection().execute(ORDERS_OF_ACCOUNT, asked).all(),
        states={state.value: words for state, words in STATES.items()},
        region_of=core().region,
    )


@blueprint.get("/orders/<int(max=9007199254740991):order_id>")
@policy.operator
def story(order_id: int) -> Response:
    """Everything that is known about an order, once the look at it is written down."""
    row = connection().execute(ORDER, {"order_id": order_id}).first()
    if row is None:
        abort(404)
    unseen = missing("cashier.home")
    if unseen is not None:
        return unseen
    return htmx.render("cashier/order.html", order=row, **_all_about(row))


def _all_about(row: Row) -> dict[str, Any]:
    reader, asked = connection(), {"order_id": row.id}
    about = {"gateway": row.gateway, "key": row.key, "reference": row.reference, "most": _MOST}
    state = State(row.state)
    return {
        "shares": reader.execute(SHARES, asked).all(),
        "notices": reader.execute(NOTICES_OF_ORDER, about).all(),
        "entries": reader.execute(ENTRIES_OF_ORDER, asked).all(),
        "lines": reader.execute(LINES_OF_ORDERS, {"order_ids": [row.id]}).all(),
        "refunds": reader.execute(REFUNDS_OF_ORDER, asked).all(),
        "alarms": reader.execute(ALARMS_OF_ORDER, {"subject": subject_of(row.id)}).all(),
        "fiscal": reader.execute(FISCAL, asked).first(),
        "state": STATES[state],
        "advice": advice(row.reason) if row.reason else None,
        "way": WAYS[Way(row.way)],
        "bank": channel_of(row.gateway),
        "refund_states": REFUNDS,
        "kinds": {kind.value: words for kind, words in KINDS.items()},
        "alarm_in_words": alarm_in_words,
        "book_in_words": book_in_words,
        "about_what": subject_in_words,
        "region_of": core().region,
    }


def _account(branch: str, typed: str) -> Found | None:
    try:
        return find_account(connection(), branch, typed)
    except NoAccount:
        return None
