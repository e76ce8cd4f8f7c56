"""The bank's own page: the card, the code from the message, what came of it."""

from datetime import timedelta

from flask import Blueprint, Response, abort, render_template, request, url_for

from tesweb_sandbox_bank import forms, orders, services, sms, wording
from tesweb_sandbox_bank.bank import bank
from tesweb_sandbox_bank.challenges import LIFE, Verdict
from tesweb_sandbox_bank.errors import NotFound
from tesweb_sandbox_bank.models import Payment
from tesweb_sandbox_bank.protection import check_form, go, goes_back_to
from tesweb_sandbox_bank.testcards import rows
from tesweb_sandbox_bank.texts import gettext as _

blueprint = Blueprint("pages", __name__)
_NOT_CONFIRMED = ("payment_network", "3d_secure_failed")
#: Cards live by the day of Moscow.
_MOSCOW = timedelta(hours=3)


@blueprint.get("/pay/<number>")
def start(number: str) -> Response:
    """Where the shop sends the payer: on to the card or to SBP, or what has come of it."""
    made = payment_of(number)
    if made.status == "pending" and made.method == orders.CARD:
        return _to("pages.show_card", number)
    if made.status == "pending" and made.method == orders.SBP:
        return _to("sbp.show_code", number)
    name = "choose" if made.status == "pending" else "result"
    return page(f"{name}.html", made)


@blueprint.get("/pay/<number>/card")
def show_card(number: str) -> Response:
    """The form for a card."""
    made = payment_of(number)
    if not _takes_cards(made):
        return _to("pages.start", number)
    return page("card.html", made, typed=forms.Typed(), rows=list(rows()))


@blueprint.post("/pay/<number>/card")
def take_card(number: str) -> Response:
    """Ask the card's bank; some cards want a code from a message first."""
    check_form()
    made, at = payment_of(number), bank()
    if not _takes_cards(made):
        return _to("pages.start", number)
    typed = forms.card(request.form, (at.clock.now() + _MOSCOW).date())
    if typed.outcome is None:
        return page("card.html", made, 422, typed=typed, rows=list(rows()))
    if typed.outcome.asks_code:
        code = at.challenges.begin(number, typed.outcome, typed.kept, at.clock.now())
        _send(code, made)
        return _to("pages.show_code", number)
    with at.store.work() as work:
        made = services.payment(at, work, number)
        if made.status == "pending":
            services.charge_card(at, work, made, typed.outcome, typed.kept)
    return after(made)


@blueprint.get("/pay/<number>/code")
def show_code(number: str) -> Response:
    """The form for the code from the message."""
    made = payment_of(number)
    if made.status != "pending" or bank().challenges.of(number) is None:
        return _to("pages.start", number)
    return _code_page(made)


@blueprint.post("/pay/<number>/code")
def take_code(number: str) -> Response:
    """The right code pays; the third wrong one ends the payment."""
    check_form()
    made, at = payment_of(number), bank()
    waiting = at.challenges.of(number)
    if made.status != "pending" or waiting is None:
        return _to("pages.start", number)
    typed = "".join(request.form.get("code", "").split())
    verdict = at.challenges.judge(number, typed, at.clock.now())
    if verdict is Verdict.WRONG:
        return _code_page(made, _("The code is wrong. Look at the newest message."))
    if verdict is Verdict.OLD:
        return _code_page(made, _("Five minutes are over. Let us send you a new code."))
    with at.store.work() as work:
        made = services.payment(at, work, number)
        if made.status == "pending" and verdict is Verdict.RIGHT:
            services.charge_card(at, work, made, waiting.outcome, waiting.card)
        elif made.status == "pending":
            services.lose_card(at, work, made, waiting.card, _NOT_CONFIRMED)
    return after(made)


@blueprint.post("/pay/<number>/code/again")
def send_again(number: str) -> Response:
    """A new code; the old one is no longer good."""
    check_form()
    made, at = payment_of(number), bank()
    if made.status != "pending":
        return _to("pages.start", number)
    code = at.challenges.again(number, at.clock.now())
    if code is None:
        return _code_page(made, _("There were enough messages. Type the last code."))
    _send(code, made)
    return _to("pages.show_code", number)


@blueprint.post("/pay/<number>/leave")
def leave(number: str) -> Response:
    """The payer does not want to pay after all."""
    check_form()
    at = bank()
    made = payment_of(number)
    with at.store.work() as work:
        made = services.payment(at, work, number)
        if made.status == "pending":
            services.abandon(at, work, made)
    return go(made.return_url) if made.return_url else _to("pages.start", number)


@blueprint.get("/pay/<number>/state")
def state(number: str) -> dict[str, str]:
    """Where the payment stands, for the page's script."""
    return {"status": payment_of(number).status}


def payment_of(number: str) -> Payment:
    """The payment that the page is about; 404 for none."""
    at = bank()
    try:
        with at.store.work() as work:
            made = services.payment(at, work, number)
    except NotFound:
        abort(404)
    goes_back_to(made.return_url)
    return made


def page(template: str, made: Payment, status: int = 200, **more: object) -> Response:
    """A page about a payment."""
    text = render_template(f"sandbox_bank/{template}", payment=made, **more)
    return Response(text, status)


def after(made: Payment) -> Response:
    """A paid one goes straight back to the shop; why another failed is told here first."""
    if made.status in {"succeeded", "waiting_for_capture"} and made.return_url:
        return go(made.return_url)
    return _to("pages.start", made.id)


def _to(endpoint: str, number: str) -> Response:
    return go(url_for(endpoint, number=number))


def _takes_cards(made: Payment) -> bool:
    return made.status == "pending" and made.method in {"", orders.CARD}


def _send(code: str, made: Payment) -> None:
    sms.send(bank(), wording.message(code, made.amount, made.description or _("the shop")))


def _code_page(made: Payment, fault: str = "") -> Response:
    waiting = bank().challenges.of(made.id)
    minutes = int(LIFE.total_seconds() // 60)
    status = 422 if fault else 200
    return page("code.html", made, status, waiting=waiting, fault=fault, minutes=minutes)
