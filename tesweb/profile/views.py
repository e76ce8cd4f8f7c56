"""The first page of «Profile and security», and the password."""

from flask import Response, request

from tesweb import htmx
from tesweb.current import connection
from tesweb.database.rows import fetch
from tesweb.identity import policy
from tesweb.identity.contacts import mask_email, mask_phone
from tesweb.identity.rules import check_new_password
from tesweb.identity.statements import Visitor
from tesweb.profile import contacts, data, devices
from tesweb.profile.forms import PasswordForm
from tesweb.profile.routes import blueprint
from tesweb.profile.services import alive, change_password
from tesweb.profile.statements import CONTACTS, SUMMARY

#: Modules whose routes hang on the blueprint once they are imported.
__all__ = ["blueprint", "contacts", "data", "devices"]


@blueprint.get("")
@policy.signed_in
def home() -> Response:
    """What there is, each with its present state."""
    person = policy.visitor()
    summary = fetch(connection(), SUMMARY, alive(person.id))[0]
    masked = [
        *([mask_email(summary.email)] if summary.email else []),
        *([mask_phone(summary.phone)] if summary.phone else []),
    ]
    return htmx.render(
        "profile/home.html",
        summary=summary,
        contacts=masked,
        accounts=len(person.accounts),
        done=request.args.get("done", ""),
    )


@blueprint.get("/password")
@policy.fresh
@policy.signed_in
def password() -> Response:
    """The form for a new password."""
    return htmx.render("profile/password.html", form=PasswordForm())


@blueprint.post("/password")
@policy.fresh
@policy.signed_in
def set_password() -> Response:
    """Take a new password and sign out every other device."""
    form, person = PasswordForm(), policy.visitor()
    if not form.validate_on_submit():
        return htmx.render("profile/password.html", 422, form=form)
    problem = check_new_password(form.password.data, _own_words(person))
    if problem is not None:
        form.password.errors = [problem]
        return htmx.render("profile/password.html", 422, form=form)
    change_password(person, form.password.data)
    return htmx.redirect("profile.home", done="password")


def _own_words(person: Visitor) -> list[str]:
    """What others know of the person, so that no password is made of it."""
    contacts = connection().execute(CONTACTS, {"user_id": person.id}).one()
    of_accounts = [
        word for account in person.accounts for word in (account.number, account.address)
    ]
    return [person.login, person.name, *filter(None, contacts), *of_accounts]
