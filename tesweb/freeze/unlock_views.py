"""Unlocking: a page that says what is proved and what may be, and a form for each proof."""

from typing import Any

from flask import Response, abort, request, url_for
from flask_babel import gettext as _

from tesweb import htmx
from tesweb.accounts.forms import NOT_PROVED, TOO_MANY_PROOFS, ProofForm
from tesweb.accounts.proofs import NotProved, TooManyProofs, check, full_kinds_of
from tesweb.accounts.statements import LinkedAccount
from tesweb.current import connection, core
from tesweb.freeze.routes import blueprint
from tesweb.freeze.rules import Kind
from tesweb.freeze.services import NotLocked
from tesweb.freeze.unlocking import (
    NotEnough,
    TooMany,
    count_try,
    give_account,
    give_code,
    give_password,
    old_accounts,
    progress_of,
    send_code,
    unlock,
)
from tesweb.identity import policy
from tesweb.identity.challenges import Exhausted, Refused

_BY_CODE = {Kind.EMAIL.value: Kind.EMAIL, Kind.SMS.value: Kind.SMS}


@blueprint.get("/locked/unlock")
@policy.while_locked
def unlocking() -> Response:
    """Which proofs are given and which remain."""
    return _page()


@blueprint.post("/locked/unlock")
@policy.while_locked
def lift() -> Response:
    """Open the cabinet, where two different proofs were given."""
    try:
        unlock(policy.visitor())
    except NotLocked:
        return htmx.leave(url_for("dashboard.home"))
    except NotEnough:
        return _page(422, {"proofs": _("One more proof of another kind is needed.")})
    return htmx.leave(url_for("freeze.readings", opened="1"))


@blueprint.post("/locked/unlock/password")
@policy.while_locked
def password() -> Response:
    """Prove by the password."""
    try:
        is_right = give_password(policy.visitor(), request.form.get("password", ""))
    except TooMany:
        return _too_many()
    if not is_right:
        return _page(422, {"password": _("The password is wrong. Check it and try again.")})
    return htmx.redirect("freeze.unlocking")


@blueprint.post("/locked/unlock/<kind>/send")
@policy.while_locked
def send(kind: str) -> Response:
    """Send a code."""
    try:
        send_code(policy.visitor(), _kind(kind))
    except TooMany:
        return _too_many()
    return htmx.redirect("freeze.unlocking", sent=kind)


@blueprint.post("/locked/unlock/<kind>")
@policy.while_locked
def code(kind: str) -> Response:
    """Prove by the code of a letter or of a text message."""
    typed = "".join(request.form.get("code", "")[:40].split())
    try:
        is_right = give_code(policy.visitor(), _kind(kind), typed)
    except TooMany:
        return _too_many()
    except Exhausted:
        return _page(422, {kind: _("Too many wrong codes. Ask for a new one.")})
    except Refused:
        return _page(422, {kind: _("This code does not work any more. Ask for a new one.")})
    if not is_right:
        return _page(422, {kind: _("The code is wrong. Compare it with the message.")})
    return htmx.redirect("freeze.unlocking")


@blueprint.post("/locked/unlock/account")
@policy.while_locked
def account() -> Response:
    """Prove by what only the owner of an account of this cabinet has."""
    person, own = policy.visitor(), _own_account()
    if own is None:
        abort(404)
    form = _form_about(own)
    form.number.data = own.number  # the cabinet's own account, whatever the form says
    if not form.validate():
        return _page(422, form=form)
    try:
        count_try()
        check(form.region, form.account_number, form.answers)
    except TooMany:
        return _too_many()
    except NotProved:
        return _page(422, {"account": str(NOT_PROVED)}, form)
    except TooManyProofs:
        return _page(422, {"account": str(TOO_MANY_PROOFS)}, form)
    give_account(person)
    return htmx.redirect("freeze.unlocking")


def _kind(name: str) -> Kind:
    return _BY_CODE.get(name) or abort(404)


def _too_many() -> Response:
    sentence = _("Too many tries. Wait an hour and try again, or call us.")
    return _page(429, {"proofs": sentence})


def _page(
    status: int = 200, errors: dict[str, str] | None = None, form: ProofForm | None = None
) -> Response:
    own = _own_account()
    if form is None and own is not None:
        form = _form_about(own, formdata=None)
    try:
        progress = progress_of(connection(), policy.visitor())
    except NotLocked:
        return htmx.leave(url_for("dashboard.home"))
    return htmx.render(
        "freeze/unlock.html",
        status,
        progress=progress,
        kinds=Kind,
        errors=errors or {},
        own=own,
        form=form,
        sent=request.args.get("sent", ""),
    )


def _own_account() -> LinkedAccount | None:
    """The account that is asked about: the oldest that nobody can have slipped in."""
    person = policy.visitor()
    found = (person.account(account_id) for account_id in old_accounts(connection(), person.id))
    return next(filter(None, found), None)


def _form_about(own: LinkedAccount, **values: Any) -> ProofForm:  # noqa: ANN401 - the library's
    """What the cabinet shows proves nothing here, so one thing more is asked."""
    region = core().region(own.region)
    return ProofForm(region, full_kinds_of(region), **values)
