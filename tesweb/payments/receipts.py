"""What became of a payment: its page, its receipt, the way back from the bank, the history."""

from functools import partial
from typing import Any

from flask import Response, abort, make_response, request, url_for
from sqlalchemy import Select

from tesweb import htmx
from tesweb.accounts.models import Role
from tesweb.current import connection, core
from tesweb.database.rows import fetch
from tesweb.identity import policy
from tesweb.layout.languages import language_code
from tesweb.money import Kopecks
from tesweb.payments import errands
from tesweb.payments.effects import channel_of
from tesweb.payments.forms import plain
from tesweb.payments.models import State
from tesweb.payments.orders import number_of, signed
from tesweb.payments.others import shown_address
from tesweb.payments.paper import receipt
from tesweb.payments.protocol import Way
from tesweb.payments.refund_statements import IS_CORRECTED, REFUNDS_OF_USER, SUSPENDED
from tesweb.payments.routes import blueprint
from tesweb.payments.rules import OPEN
from tesweb.payments.statements import FISCAL, ORDER, ORDERS_OF_USER, REFUNDS_OF_ORDER, SHARES
from tesweb.payments.wording import REFUNDS, STATES, WAYS, advice

#: As many payments stand on a page of the history.
_PAGE = 50
#: Above every number that an order or a refund will have, and within what each database takes.
_ABOVE = 9007199254740991
_ORDER = f"/orders/<int(max={_ABOVE}):order_id>"


@blueprint.get(_ORDER)
@policy.signed_in
def order(order_id: int) -> Response:
    """How far a payment of the visitor's own has come; asks the bank while it is unclear."""
    row = _own(order_id)
    if State(row.state) in OPEN:
        errands.advance(row.gateway, order_id, hurry=row.submitted_at is not None)
        row = _own(order_id)
    return _order_page(row, is_own=True)


@blueprint.get(f"{_ORDER}/receipt.pdf")
@policy.signed_in
def order_pdf(order_id: int) -> Response:
    """The receipt of a payment that has come, to print or to keep."""
    row = _own(order_id)
    if row.paid_at is None:
        abort(404)
    asked, reader = {"order_id": order_id}, connection()
    shares, fiscal = reader.execute(SHARES, asked).all(), reader.execute(FISCAL, asked).first()
    address_of = partial(shown_address, policy.visitor())
    answer = make_response(receipt(row, shares, fiscal, language_code(), address_of))
    answer.content_type = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="receipt-{order_id}.pdf"'
    return answer


@blueprint.get("/back/<ticket>")
@policy.anyone
def back(ticket: str) -> Response:
    """Where the bank sends the payer back to, signed in or not.

    Nothing that the address says about success is believed.
    """
    try:
        order_id = signed(ticket)
    except LookupError:
        abort(404)
    person = policy.visitor_or_none()
    row = connection().execute(ORDER, {"order_id": order_id}).first()
    if row is None:
        abort(404)
    if person is not None and person.id == row.user_id:
        return htmx.redirect("payments.order", order_id=order_id)
    if State(row.state) in OPEN:
        errands.advance(row.gateway, order_id, hurry=True)
        row = connection().execute(ORDER, {"order_id": order_id}).one()
    return _order_page(row, is_own=False)


@blueprint.get("/history")
@policy.signed_in
def history() -> Response:
    """Every payment that the visitor has made or begun here, and all money asked back.

    The newest first; a further page is of one of the two lists.
    """
    below, below_refund = _below("before"), _below("refunds")
    rows = _listed(ORDERS_OF_USER, below) if below_refund is None else []
    refunds = _listed(REFUNDS_OF_USER, below_refund) if below is None else []
    return htmx.render(
        "payments/history.html",
        rows=rows[:_PAGE],
        is_first=below is None and below_refund is None,
        address_of=partial(shown_address, policy.visitor()),
        region_of=core().region,
        refunds=refunds[:_PAGE],
        refund_states=REFUNDS,
        states={state.value: words for state, words in STATES.items()},
        older=rows[_PAGE - 1].id if len(rows) > _PAGE else None,
        older_refunds=refunds[_PAGE - 1].id if len(refunds) > _PAGE else None,
        timezone=core().default_region.timezone,
    )


def _below(name: str) -> int | None:
    """The number that a page of a list begins below; None for the first page, and for junk."""
    text = request.args.get(name, "")
    is_number = text.isascii() and text.isdigit() and len(text) < len(str(_ABOVE))
    return int(text) if is_number else None


def _listed(statement: Select[Any], below: int | None) -> list[Any]:
    """A page of one of the visitor's lists, and one row more where there is a further page."""
    asked = {"user_id": policy.visitor().id, "before": below or _ABOVE, "most": _PAGE + 1}
    return list(fetch(connection(), statement, asked))


def _own(order_id: int) -> Any:  # noqa: ANN401 - a row of ORDER
    row = connection().execute(ORDER, {"order_id": order_id}).first()
    if row is None or row.user_id != policy.visitor().id:
        abort(404)
    return row


def _order_page(row: Any, *, is_own: bool) -> Response:  # noqa: ANN401 - a row of ORDER
    state, asked = State(row.state), {"order_id": row.id}
    shares = connection().execute(SHARES, asked).all()
    here = request.path
    return htmx.render(
        "payments/order.html",
        order=row,
        number=number_of(row.id),
        shares=shares if is_own else [],
        address_of=partial(shown_address, policy.visitor()) if is_own else None,
        returnable=_returnable(shares, state) if is_own else None,
        is_own=is_own,
        is_open=state in OPEN,
        is_corrected=connection().execute(IS_CORRECTED, asked).scalar(),
        is_decided=state is State.MISMATCHED and not _waits(row.id),
        state=STATES[state],
        advice=advice(row.reason) if state is State.FAILED else None,
        total=Kopecks(row.amount + row.fee),
        way=WAYS[Way(row.way)],
        bank=channel_of(row.gateway),
        refund_states=REFUNDS,
        refunds=connection().execute(REFUNDS_OF_ORDER, asked).all() if is_own else [],
        fiscal=connection().execute(FISCAL, asked).first(),
        region_of=core().region,
        timezone=core().region(shares[0].region).timezone,
        here=here,
        plain=plain,
        again=_again(shares) if is_own else url_for("payments.start"),
    )


def _waits(order_id: int) -> bool:
    """Whether money of another sum than the order's still waits for a decision."""
    return connection().execute(SUSPENDED, {"order_ids": [order_id]}).first() is not None


def _returnable(shares: Any, state: State) -> int | None:  # noqa: ANN401 - rows of SHARES
    """The account of the visitor's whose overpayment may be asked back from here."""
    if state is not State.SUCCEEDED:
        return None
    person = policy.visitor()
    linked = [person.account(share.account_id) for share in shares]
    may = (each.id for each in linked if each and each.permits(Role.PAYER) and each.balance < 0)
    return next(may, None)


def _again(shares: Any) -> str:  # noqa: ANN401 - rows of SHARES
    """The page of ways with the same sums."""
    if not all(policy.visitor().account(share.account_id) for share in shares):
        return url_for("payments.other")
    values = {f"pay-{share.account_id}": "1" for share in shares}
    values |= {
        f"sum-{share.account_id}": f"{share.amount // 100},{share.amount % 100:02d}"
        for share in shares
    }
    return url_for("payments.how", **values)  # type: ignore[arg-type]  # names with a dash
