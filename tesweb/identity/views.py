"""Signing in and out."""

from typing import cast

from flask import Blueprint, Response, abort, current_app, request, url_for
from flask_babel import gettext as _

from tesweb import htmx
from tesweb.identity import policy
from tesweb.identity.forms import LoginForm
from tesweb.identity.limits import LoginLimit
from tesweb.identity.passwords import canonical_login
from tesweb.identity.safety import safe_next
from tesweb.identity.services import WrongCredentials, choose_language, sign_in, sign_out
from tesweb.layout.languages import COOKIE, LANGUAGES

blueprint = Blueprint("identity", __name__)


@blueprint.get("/login")
@policy.anyone
def login() -> Response:
    """The form; who is signed in already goes on."""
    wanted = safe_next(request.args.get("next"))
    if policy.visitor_or_none() is not None:
        return htmx.leave(wanted or url_for("dashboard.home"))
    form = LoginForm(data={"next": wanted or ""})
    return htmx.render("identity/login.html", form=form)


@blueprint.post("/login")
@policy.anyone
def enter() -> Response:
    """Check login and password, limited in number."""
    form = LoginForm()
    if not form.validate_on_submit():
        return htmx.render("identity/login.html", 422, form=form)
    limit = cast("LoginLimit", current_app.extensions["tesweb_login_limit"])
    name = canonical_login(form.login.data)
    address = request.remote_addr or ""
    if not limit.allows(name, address):
        abort(429)
    try:
        sign_in(form.login.data, form.password.data)
    except WrongCredentials:
        form.login.errors = [_("The login or the password is wrong. Check both and try again.")]
        return htmx.render("identity/login.html", 422, form=form)
    limit.forgive(name, address)
    chosen, person = request.cookies.get(COOKIE), policy.visitor()
    if chosen in LANGUAGES and chosen != person.language:
        choose_language(person.id, chosen)  # on this browser, and before the account was known
    return htmx.leave(safe_next(form.next.data) or url_for("dashboard.home"))


@blueprint.post("/logout")
@policy.anyone
def leave() -> Response:
    """End the session and wipe what the browser kept."""
    if policy.visitor_or_none() is not None:
        sign_out()
    response = htmx.leave(url_for("identity.login"))
    response.headers["Clear-Site-Data"] = '"storage"'
    return response
