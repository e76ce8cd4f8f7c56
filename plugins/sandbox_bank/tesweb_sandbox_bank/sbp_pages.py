"""SBP: the page with the code, and the page that plays the bank's app."""

import io

import segno
from flask import Blueprint, Response, abort, render_template, request, url_for

from tesweb_sandbox_bank import orders, sbp, services
from tesweb_sandbox_bank.bank import bank
from tesweb_sandbox_bank.models import Payment
from tesweb_sandbox_bank.pages import page, payment_of
from tesweb_sandbox_bank.protection import check_form, go, goes_back_to
from tesweb_sandbox_bank.store import Work

blueprint = Blueprint("sbp", __name__)
_REFUSED = ("payment_network", "general_decline")


@blueprint.get("/pay/<number>/sbp")
def show_code(number: str) -> Response:
    """The code to be read by a phone, a button for whoever holds the phone already."""
    made = payment_of(number)
    if made.status != "pending" or made.method not in {"", orders.SBP}:
        return go(url_for("pages.start", number=number))
    return page("sbp.html", made, link=_link(made))


@blueprint.get("/pay/<number>/qr.svg")
def picture(number: str) -> Response:
    """The code as a picture."""
    made = payment_of(number)
    written = io.BytesIO()
    segno.make(_link(made), error="m").save(written, kind="svg", scale=6, border=4, light="#fff")
    return Response(written.getvalue(), content_type="image/svg+xml")


@blueprint.get("/sbp/<code>")
def show_app(code: str) -> Response:
    """What a bank's app shows when it has read the code."""
    made = _payment(code)
    if not sbp.is_whole(request.url) or request.url != _link(made):
        return _app(made, 400, broken=True)
    return _app(made)


@blueprint.post("/sbp/<code>/pay")
def confirm(code: str) -> Response:
    """The payer confirms."""
    check_form()
    at = bank()
    with at.store.work() as work:
        made = _now(work, code)
        if made.status == "pending":
            services.charge_sbp(at, work, made)
    return go(_link(made))


@blueprint.post("/sbp/<code>/refuse")
def refuse(code: str) -> Response:
    """The payer says no."""
    check_form()
    at = bank()
    with at.store.work() as work:
        made = _now(work, code)
        if made.status == "pending":
            made.method = orders.SBP
            services.cancel(at, work, made, _REFUSED)
    return go(_link(made))


def _payment(code: str) -> Payment:
    with bank().store.work() as work:
        made = _now(work, code)
    goes_back_to(made.return_url)
    return made


def _now(work: Work, code: str) -> Payment:
    services.sweep(bank(), work)
    found = work.by_qr(code)
    if found is None or found.method not in {"", orders.SBP}:
        abort(404)
    return found


def _link(made: Payment) -> str:
    return sbp.link(bank().options.origin, made.qr, made.amount)


def _app(made: Payment, status: int = 200, *, broken: bool = False) -> Response:
    text = render_template("sandbox_bank/app.html", payment=made, broken=broken)
    return Response(text, status)
