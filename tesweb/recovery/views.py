"""The pages of somebody who forgot the password."""

from flask import Response, abort, request, url_for

from tesweb import htmx
from tesweb.identity import policy
from tesweb.identity.challenges import Refused
from tesweb.identity.rules import check_new_password
from tesweb.layout.languages import language_code
from tesweb.recovery import access_views, office_views
from tesweb.recovery.forms import NameForm, NewPasswordForm
from tesweb.recovery.routes import blueprint
from tesweb.recovery.services import TooMany, ask, choose, own_words, person_of

__all__ = ["access_views", "blueprint", "office_views"]


@blueprint.get("/recover")
@policy.anyone
def start() -> Response:
    """Ask who it is."""
    return htmx.render("recovery/start.html", form=NameForm())


@blueprint.post("/recover")
@policy.anyone
def asked() -> Response:
    """The same answer for whatever was typed."""
    form = NameForm()
    if not form.validate_on_submit():
        return htmx.render("recovery/start.html", 422, form=form)
    try:
        ask(form.login.data, language_code())
    except TooMany:
        abort(429)
    return htmx.leave(url_for("recovery.sent"))


@blueprint.get("/recover/sent")
@policy.anyone
def sent() -> Response:
    """What to do now, and what to do when no letter comes."""
    return htmx.render("recovery/sent.html")


@blueprint.get("/recover/password")
@policy.anyone
def password() -> Response:
    """The page of the letter's link; opening it changes nothing."""
    key = request.args.get("key", "")
    try:
        person = person_of(key)
    except Refused:
        return htmx.render("recovery/old_link.html", 404)
    form = NewPasswordForm(data={"key": key})
    return htmx.render("recovery/password.html", form=form, login=person.login)


@blueprint.post("/recover/password")
@policy.anyone
def chosen() -> Response:
    """Take the new password; signing in with it comes next, with the second factor where it is."""
    form = NewPasswordForm()
    try:
        person = person_of(form.key.data or "")
        if form.validate_on_submit():
            problem = check_new_password(form.password.data, own_words(person))
            if problem is None:
                choose(form.key.data, form.password.data)
                return htmx.leave(url_for("recovery.done"))
            form.password.errors = [problem]
    except Refused:
        return htmx.render("recovery/old_link.html", 404)
    return htmx.render("recovery/password.html", 422, form=form, login=person.login)


@blueprint.get("/recover/done")
@policy.anyone
def done() -> Response:
    """The new password works."""
    return htmx.render("recovery/done.html")
