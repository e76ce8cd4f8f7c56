"""The page where the office's code sets a new password for a locked cabinet."""

from flask import Response, abort, request, url_for
from flask_babel import lazy_gettext as _l

from tesweb import htmx
from tesweb.identity import policy
from tesweb.identity.challenges import Refused
from tesweb.identity.rules import check_new_password
from tesweb.recovery.forms import OfficeForm
from tesweb.recovery.office import NotConfirmed, finish, person_of
from tesweb.recovery.routes import blueprint
from tesweb.recovery.services import TooMany, count_network, own_words

_NOT_CONFIRMED = _l(
    "A second colleague in our office has to confirm it first. Try again in a few minutes."
)
_REFUSED = _l(
    "This code does not work. Compare the digits; where it is older than a day, ask our office for "
    "a new one."
)


@blueprint.get("/recover/office")
@policy.anyone
def office_code() -> Response:
    """Ask for the code and a new password; a link brings the code, and opening it does nothing."""
    return _page(OfficeForm(data={"key": request.args.get("key", "")[:40]}))


@blueprint.post("/recover/office")
@policy.anyone
def office_password() -> Response:
    """Take the new password; the cabinet stays locked."""
    form = OfficeForm()
    if not form.validate_on_submit():
        return _page(form, 422)
    try:
        count_network("office")
        problem = check_new_password(form.password.data, own_words(person_of(form.key.data)))
        if problem is None:
            finish(form.key.data, form.password.data)
            return htmx.leave(url_for("recovery.office_done"))
        form.password.errors = [problem]
    except TooMany:
        abort(429)
    except NotConfirmed:
        form.key.errors = [_NOT_CONFIRMED]
    except Refused:
        form.key.errors = [_REFUSED]
    return _page(form, 422)


@blueprint.get("/recover/office/done")
@policy.anyone
def office_done() -> Response:
    """What is still to do."""
    return htmx.render("recovery/office_done.html")


def _page(form: OfficeForm, status: int = 200) -> Response:
    return htmx.render("recovery/office.html", status, form=form)
