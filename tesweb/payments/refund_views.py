"""Money back: how much can go, the reason, a look at it all, the request and what became of it."""

from uuid import UUID, uuid4, uuid5

from flask import Response, abort, request

from tesweb import htmx
from tesweb.accounts.models import Role
from tesweb.accounts.statements import LinkedAccount
from tesweb.current import connection, core
from tesweb.identity import policy
from tesweb.payments import refunds
from tesweb.payments.refund_forms import GROUNDS, Wish, ground_in_words, offered, typed
from tesweb.payments.refund_statements import REFUND_OF_USER
from tesweb.payments.refunds import NotOverpaid, Room, room
from tesweb.payments.routes import blueprint
from tesweb.payments.wording import REFUNDS


@blueprint.get("/<int:account_id>/refund")
@policy.member(Role.PAYER)
def new_refund(account: LinkedAccount) -> Response:
    """How much of an account's money can go back."""
    can = _room(account)
    return _form_page(account, offered(can), can)


@blueprint.get("/<int:account_id>/refund/check")
@policy.member(Role.PAYER)
def check_refund(account: LinkedAccount) -> Response:
    """The request as it will be sent. Changes nothing, so that one can go back to the form."""
    can = _room(account)
    if "sum" not in request.args:
        return _form_page(account, offered(can), can)
    wish = typed(request.args, can)
    if wish.errors:
        return _form_page(account, wish, can, 422)
    return htmx.render(
        "payments/refund_check.html",
        account=account,
        wish=wish,
        ground=ground_in_words(wish.kept),
        form_key=str(uuid4()),
        region_of=core().region,
    )


@blueprint.post("/<int:account_id>/refund")
@policy.member(Role.PAYER)
def ask_refund(account: LinkedAccount) -> Response:
    """Write the request down; the same form again is the same request."""
    can = _room(account)
    wish = typed(request.form, can)
    key = _key(account.id)
    known = refunds.request_of(connection(), key)
    if known is not None:
        return htmx.redirect("payments.refund", refund_id=known)
    if wish.errors:
        return _form_page(account, wish, can, 422)
    try:
        asked = refunds.ask(policy.visitor().id, account.id, wish.amount, wish.kept, key)
    except NotOverpaid:
        can = _room(account)
        return _form_page(account, typed(request.form, can), can, 422)
    return htmx.redirect("payments.refund", refund_id=asked)


@blueprint.get("/refunds/<int(max=9007199254740991):refund_id>")
@policy.signed_in
def refund(refund_id: int) -> Response:
    """What became of a request of the visitor's own."""
    asked = {"refund_id": refund_id, "user_id": policy.visitor().id}
    row = connection().execute(REFUND_OF_USER, asked).first()
    if row is None:
        abort(404)
    return htmx.render(
        "payments/refund.html",
        refund=row,
        state=REFUNDS[row.state],
        ground=ground_in_words(row.ground),
        region_of=core().region,
        timezone=core().region(row.region).timezone,
    )


def _room(account: LinkedAccount) -> Room:
    return room(connection(), account.id, account.balance)


def _key(account_id: int) -> UUID:
    """The form's own mark; nobody can choose that of another person's request."""
    owner = f"{policy.visitor().id} {account_id} {request.form.get('form_key', '')[:64]}"
    return uuid5(_REQUESTS, owner)


#: What the marks of requests are made from.
_REQUESTS = UUID("5b0a3c52-7d0f-4a3e-9b55-2f6a1f0c7c11")


def _form_page(account: LinkedAccount, wish: Wish, can: Room, status: int = 200) -> Response:
    return htmx.render(
        "payments/refund_ask.html",
        status,
        account=account,
        wish=wish,
        can=can,
        grounds=GROUNDS,
        region_of=core().region,
    )
