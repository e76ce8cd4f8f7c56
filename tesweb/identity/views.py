"""Signing in and out."""

from typing import cast

from flask import Blueprint, Response, abort, current_app, request, url_for
from flask_babel import gettext as _
from flask_babel.speaklater import LazyString
from werkzeug.routing import BuildError

from tesweb import hookspecs, htmx
from tesweb.captcha import services as captchas
from tesweb.current import connection, core
from tesweb.factors.standing import standing_of
from tesweb.identity import policy
from tesweb.identity.forms import ConfirmForm, LoginForm
from tesweb.identity.limits import LoginLimit
from tesweb.identity.passwords import canonical_name
from tesweb.identity.safety import safe_next
from tesweb.identity.services import (
    WrongCredentials,
    await_factor,
    check_password,
    choose_language,
    is_password_of,
    known_device,
    prove_again,
    sign_in,
    sign_out,
)
from tesweb.layout.languages import COOKIE, LANGUAGES

blueprint = Blueprint("identity", __name__)
#: The form that captchas are made for, while a program guesses.
CAPTCHA = "login"


@blueprint.get("/login")
@policy.anyone
def login() -> Response:
    """The form; who is signed in already goes on."""
    wanted = safe_next(request.args.get("next"))
    if policy.visitor_or_none() is not None:
        return htmx.leave(wanted or url_for("dashboard.home"))
    form = LoginForm(data={"next": wanted or ""})
    return _sign_in_page(form)


@blueprint.post("/login")
@policy.anyone
def enter() -> Response:
    """Check login and password, limited in number."""
    form = LoginForm()
    if not form.validate_on_submit():
        return _sign_in_page(form, 422)
    limit = cast("LoginLimit", current_app.extensions["tesweb_login_limit"])
    name = canonical_name(form.login.data)
    address, device = request.remote_addr or "", known_device(name)
    is_crowded = not device and limit.is_crowded()
    if not limit.allows(name, address, device):
        abort(429)
    if is_crowded and not _is_no_program():
        wrong = _("Show that you are no program, type the password again and sign in.")
        return _sign_in_page(form, 422, asks=True, captcha_error=wrong)
    try:
        known = check_password(form.login.data, form.password.data)
        if known.needs_factor:
            await_factor(known, safe_next(form.next.data))
        else:
            sign_in(known)
    except WrongCredentials:
        form.login.errors = [_("The login or the password is wrong. Check both and try again.")]
        return _sign_in_page(form, 422, asks=is_crowded)
    limit.forgive(name, address, device)
    if known.needs_factor:
        return htmx.redirect("factors.second")
    return _come_in(safe_next(form.next.data))


@blueprint.post("/logout")
@policy.anyone
def leave() -> Response:
    """End the session and wipe what the browser kept."""
    if policy.visitor_or_none() is not None:
        sign_out()
    response = htmx.leave(url_for("identity.login"))
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


@blueprint.get("/confirm")
@policy.while_locked
def confirm() -> Response:
    """Ask once more who it is, before something that changes who may get in."""
    form = ConfirmForm(data={"next": safe_next(request.args.get("next")) or ""})
    return _confirm_page(form)


@blueprint.post("/confirm")
@policy.while_locked
def confirmed() -> Response:
    """Check the password and go on with what was wanted."""
    form, person = ConfirmForm(), policy.visitor()
    if not form.validate_on_submit():
        return _confirm_page(form, 422)
    limit = cast("LoginLimit", current_app.extensions["tesweb_login_limit"])
    address, device = request.remote_addr or "", known_device(person.login)
    if not limit.allows(person.login, address, device):
        abort(429)
    if not is_password_of(person.id, form.password.data):
        form.password.errors = [_("The password is wrong. Check it and try again.")]
        return _confirm_page(form, 422)
    limit.forgive(person.login, address, device)
    prove_again(person.id, person.factors or "password")
    return htmx.leave(safe_next(form.next.data) or url_for("dashboard.home"))


def _come_in(wanted: str | None) -> Response:
    """Lead somebody who has just signed in to what was wanted."""
    chosen, person = request.cookies.get(COOKIE), policy.visitor()
    if chosen in LANGUAGES and chosen != person.language:
        choose_language(person.id, chosen)  # on this browser, and before the account was known
    if person.is_operator:
        return htmx.redirect("factors.needed")
    return htmx.leave(wanted or url_for("dashboard.home"))


def _is_no_program() -> bool:
    """Whether a captcha was solved; where the setting names none, nobody can show it now."""
    if not core().settings.captchas:
        abort(429)
    return captchas.passes(CAPTCHA)


def _confirm_page(form: ConfirmForm, status: int = 200) -> Response:
    standing = standing_of(connection(), policy.visitor().id)
    return htmx.render("identity/confirm.html", status, form=form, passkeys=standing.passkeys)


def _sign_in_page(
    form: LoginForm, status: int = 200, *, asks: bool = False, captcha_error: str = ""
) -> Response:
    """The form; `asks` for a captcha once somebody was asked to show that they are no program."""
    return htmx.render(
        "identity/login.html",
        status,
        form=form,
        ways=_ways_on(),
        captcha=captchas.shown(CAPTCHA) if asks else [],
        captcha_error=captcha_error,
    )


def _ways_on() -> list[tuple[LazyString, str]]:
    """What plugins offer to somebody who cannot sign in; one that leads nowhere is left out."""
    found = []
    for name, way in core().plugins.each(hookspecs.login_help):
        try:
            found.append((way.order, name, way.text, url_for(way.endpoint)))
        except BuildError as error:
            core().plugins.fault(name, "login_help", error)
    found.sort(key=lambda each: each[:2])
    return [(text, url) for _order, _name, text, url in found]
