"""One locked cabinet, found by its request number, and the way back that the office opens."""

from flask import Response, abort, request, url_for
from flask_babel import gettext as _

from tesweb import htmx
from tesweb.current import connection, core
from tesweb.factors.rules import grouped
from tesweb.identity import policy
from tesweb.identity.contacts import mask_email, mask_phone
from tesweb.operator.forms import HelpForm
from tesweb.operator.routes import blueprint
from tesweb.operator.services import accounts_of, begin_look, is_looking
from tesweb.recovery import office
from tesweb.recovery.office import Case, NoSuchWay, NotHelped, NotLocked, NotStarted, SameOperator
from tesweb.recovery.rules import OFFICE_LIVES, Way

_ROUTE = "/cabinets/<int(max=9007199254740991):number>"
_LONGEST = 15


@blueprint.get("/cabinets")
@policy.operator
def find() -> Response:
    """Go to the cabinet of the request number that was typed."""
    typed = "".join(request.args.get("number", "")[:40].split()).lstrip("#\N{NUMERO SIGN}")
    problem = _("Type the number of the request: digits only.")
    if typed.isascii() and typed.isdigit() and len(typed) <= _LONGEST:
        try:
            office.case_of(connection(), int(typed))
        except NotLocked:
            problem = _("No cabinet is locked by a request of this number. Compare the digits.")
        else:
            return htmx.redirect("operator.cabinet", number=int(typed))
    return htmx.render("operator/find.html", 422, typed=typed, problem=problem)


@blueprint.get(_ROUTE)
@policy.fresh
@policy.operator
def cabinet(number: int) -> Response:
    """How it stands, once the look at it has been written down."""
    return _page(number, HelpForm(formdata=None))


@blueprint.post(f"{_ROUTE}/look")
@policy.fresh
@policy.operator
def look_at(number: int) -> Response:
    """Show the cabinet, and write down who saw it."""
    begin_look(policy.visitor().id, f"request {number}", {"number": number})
    return htmx.redirect("operator.cabinet", number=number)


@blueprint.post(f"{_ROUTE}/help")
@policy.fresh
@policy.operator
def help_back(number: int) -> Response:
    """Start the way back.

    The code to hand over is shown this once: no redirect, as nobody keeps it in clear.
    """
    form = HelpForm()
    form.offer(_case(number).ways)
    if not form.validate_on_submit():
        return _page(number, form, 422)
    try:
        code = office.start(policy.visitor().id, number, form.wish)
    except NoSuchWay:
        form.way.errors = [_("Choose how the person gets the code.")]
        return _page(number, form, 422)
    except NotHelped:
        return _page(number, form, 422)
    except NotLocked:
        abort(404)
    if form.wish.way is not Way.HAND:
        return htmx.redirect("operator.cabinet", number=number)
    return htmx.render(
        "operator/code.html",
        number=number,
        code=grouped(code),
        address=url_for("recovery.office_code", _external=True),
        until=core().clock.now() + OFFICE_LIVES,
    )


@blueprint.post(f"{_ROUTE}/confirm")
@policy.fresh
@policy.operator
def confirm_help(number: int) -> Response:
    """A second operator has seen the ground."""
    try:
        office.confirm(policy.visitor().id, number)
    except (NotLocked, NotStarted):
        abort(404)
    except (NotHelped, SameOperator):
        abort(403)
    return htmx.redirect("operator.cabinet", number=number)


@blueprint.post(f"{_ROUTE}/stop")
@policy.fresh
@policy.operator
def stop_help(number: int) -> Response:
    """Make the code worthless; any operator may."""
    try:
        office.stop(policy.visitor().id, number)
    except (NotLocked, NotStarted):
        abort(404)
    return htmx.redirect("operator.cabinet", number=number)


def _page(number: int, form: HelpForm, status: int = 200) -> Response:
    case = _case(number)
    if not is_looking(policy.visitor().id, f"request {number}"):
        return htmx.render("operator/look.html", number=number, account=None)
    return htmx.render(
        "operator/cabinet.html",
        status,
        number=number,
        accounts=accounts_of(case.user_id),
        case=case,
        form=form,
        me=policy.visitor().id,
        to={
            Way.EMAIL: mask_email(case.email or ""),
            Way.SMS: mask_phone(case.phone or ""),
        },
        Way=Way,
        region_of=core().region,
    )


def _case(number: int) -> Case:
    try:
        return office.case_of(connection(), number)
    except NotLocked:
        abort(404)
