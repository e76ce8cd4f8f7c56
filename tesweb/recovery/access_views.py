"""The pages of somebody who has lost the mail, the phone or the second factor."""

from flask import Response, abort, request, url_for

from tesweb import htmx
from tesweb.accounts.forms import NOT_PROVED, TOO_MANY_PROOFS
from tesweb.accounts.proofs import NotProved, TooManyProofs, check, full_kinds_of
from tesweb.current import core
from tesweb.identity import policy
from tesweb.identity.challenges import Refused
from tesweb.identity.rules import check_new_password
from tesweb.recovery.access import NotYet, begin, finish, person_of
from tesweb.recovery.forms import AccessForm, NewPasswordForm
from tesweb.recovery.routes import blueprint
from tesweb.recovery.services import TooMany, count_asking, own_words
from tesweb.recovery.stopping import is_stoppable
from tesweb.recovery.stopping import stop as stop_it


@blueprint.get("/recover/access")
@policy.anyone
def access() -> Response:
    """Whose cabinet, which account, what proves it, and where to reach the person now."""
    return _page(_form())


@blueprint.post("/recover/access")
@policy.anyone
def ask_access() -> Response:
    """Once the account is proved, the same answer whoever has the login."""
    form = _form()
    if not form.validate_on_submit():
        return _page(form, 422)
    try:
        count_asking(form.login.data)
        proved = check(form.region, form.account_number, form.answers)
    except TooMany:
        abort(429)
    except NotProved:
        return _page(form, 422, str(NOT_PROVED))
    except TooManyProofs:
        return _page(form, 429, str(TOO_MANY_PROOFS))
    begin(form.login.data, proved.account_id, form.email.data)
    return htmx.leave(url_for("recovery.waiting"))


@blueprint.get("/recover/waiting")
@policy.anyone
def waiting() -> Response:
    """What happens within the three days."""
    return htmx.render("recovery/waiting.html", ready=None)


@blueprint.get("/recover/stop")
@policy.anyone
def stop() -> Response:
    """The page of the link in each old contact's message; a mail scanner stops nothing."""
    key = request.args.get("key", "")
    try:
        is_stoppable(key)
    except Refused:
        return htmx.render("recovery/old_link.html", 404)
    return htmx.render("recovery/stop.html", key=key)


@blueprint.post("/recover/stop")
@policy.anyone
def stopped() -> Response:
    """Stop it."""
    try:
        stop_it(request.form.get("key", ""))
    except Refused:
        return htmx.render("recovery/old_link.html", 404)
    return htmx.leave(url_for("recovery.kept"))


@blueprint.get("/recover/kept")
@policy.anyone
def kept() -> Response:
    """Nothing has changed."""
    return htmx.render("recovery/kept.html")


@blueprint.get("/recover/access/open")
@policy.anyone
def open_access() -> Response:
    """The page of the link to the new address; opening it changes nothing."""
    return _opening(NewPasswordForm(data={"key": request.args.get("key", "")}), 200)


@blueprint.post("/recover/access/open")
@policy.anyone
def opened_access() -> Response:
    """The new password, once the waiting time is over."""
    form = NewPasswordForm()
    return _opening(form, 422, is_sent=form.validate_on_submit())


def _opening(form: NewPasswordForm, status: int, *, is_sent: bool = False) -> Response:
    try:
        person = person_of(form.key.data or "")
        if is_sent:
            problem = check_new_password(form.password.data, own_words(person))
            if problem is None:
                finish(form.key.data, form.password.data)
                return htmx.leave(url_for("recovery.done"))
            form.password.errors = [problem]
    except NotYet as error:
        return htmx.render("recovery/waiting.html", ready=error.args[0])
    except Refused:
        return htmx.render("recovery/old_link.html", 404)
    action = "recovery.open_access"
    return htmx.render("recovery/password.html", status, form=form, login=person.login, to=action)


def _form() -> AccessForm:
    region = core().region(request.args.get("region", ""))
    return AccessForm(region, full_kinds_of(region))


def _page(form: AccessForm, status: int = 200, problem: str = "") -> Response:
    regions = [region for region in core().regions.values() if region is not form.region]
    values = {"form": form, "problem": problem, "others": regions}
    return htmx.render("recovery/access.html", status, **values)
