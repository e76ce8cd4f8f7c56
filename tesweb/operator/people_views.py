"""Who has access to an account, found by its number; one person's access can be ended."""

from typing import Any

from flask import Response, abort, request
from flask_babel import gettext as _

from tesweb import htmx
from tesweb.accounts.forms import ROLES
from tesweb.accounts.rules import mask_name, mask_number
from tesweb.current import connection, core
from tesweb.identity import policy
from tesweb.operator.forms import GroundForm
from tesweb.operator.members import Found, NoAccount, NoMember, find, remove
from tesweb.operator.routes import blueprint
from tesweb.operator.services import begin_look, is_looking

_ROUTE = "/accounts/<region>/<account>"
_PERSON = f"{_ROUTE}/<int(max=9007199254740991):user_id>"


@blueprint.get("/accounts")
@policy.operator
def find_account() -> Response:
    """Go to the account whose number was typed."""
    typed = request.args.get("account", "")[:60]
    region = request.args.get("region", "") or core().default_region.name
    try:
        found = find(connection(), region, typed)
    except NoAccount:
        return htmx.render(
            "operator/find_account.html",
            422,
            typed=typed,
            chosen=region,
            problem=_("We have no account of this number. Compare the digits and the branch."),
            regions=list(core().regions.values()),
        )
    return htmx.redirect("operator.account", region=found.region, account=found.number)


@blueprint.get(_ROUTE)
@policy.fresh
@policy.operator
def account(region: str, account: str) -> Response:
    """Who has access, once the look at it has been written down."""
    found = _found(region, account)
    if not is_looking(policy.visitor().id, found.mark):
        return _look(found)
    done = "done" in request.args
    return htmx.render("operator/account.html", found=found, roles=ROLES, done=done, **_words())


@blueprint.post(f"{_ROUTE}/look")
@policy.fresh
@policy.operator
def look_at_account(region: str, account: str) -> Response:
    """Show who has access, and write down who saw it."""
    found = _found(region, account)
    begin_look(policy.visitor().id, found.mark, {"account": mask_number(found.number)})
    return htmx.redirect("operator.account", region=region, account=account)


@blueprint.get(_PERSON)
@policy.fresh
@policy.operator
def member(region: str, account: str, user_id: int) -> Response:
    """What ending somebody's access means, before it is done."""
    return _person(GroundForm(formdata=None), _found(region, account), user_id)


@blueprint.post(_PERSON)
@policy.fresh
@policy.operator
def remove_member(region: str, account: str, user_id: int) -> Response:
    """End it, with the ground."""
    form, found = GroundForm(), _found(region, account)
    if not form.validate_on_submit():
        return _person(form, found, user_id, 422)
    try:
        remove(policy.visitor().id, found.id, user_id, form.ground.data)
    except NoMember:
        abort(404)
    return htmx.redirect("operator.account", region=region, account=account, done="1")


def _person(form: GroundForm, found: Found, user_id: int, status: int = 200) -> Response:
    known = found.of(user_id)
    if known is None:
        abort(404)
    if not is_looking(policy.visitor().id, found.mark):
        return _look(found)
    return htmx.render(
        "operator/member.html",
        status,
        form=form,
        found=found,
        member=known,
        roles=ROLES,
        is_last=found.ends_with(user_id),
        **_words(),
    )


def _look(found: Found) -> Response:
    return htmx.render("operator/look.html", number=None, account=found)


def _words() -> dict[str, Any]:
    return {"mask_name": mask_name, "region_of": core().region}


def _found(region: str, account: str) -> Found:
    try:
        return find(connection(), region, account)
    except NoAccount:
        abort(404)
