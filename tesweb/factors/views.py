"""Pages of passkeys, of the app's codes and of recovery codes; the second step of signing in."""

from datetime import timedelta
from typing import Any

from flask import Response, abort, request, url_for
from flask_babel import lazy_gettext as _l

from tesweb import htmx
from tesweb.current import connection, core
from tesweb.database.rows import fetch
from tesweb.factors import answers, codes, late, places, services
from tesweb.factors.cards import OFFER_COOKIE
from tesweb.factors.forms import CodeForm, NameForm
from tesweb.factors.routes import blueprint
from tesweb.factors.rules import Verdict, grouped
from tesweb.factors.standing import Standing, standing_of
from tesweb.factors.statements import HANDLE_OF_USER, PASSKEYS_OF_USER
from tesweb.identity import policy
from tesweb.identity.safety import safe_next

#: Modules whose routes hang on the blueprint once they are imported.
__all__ = ["answers", "blueprint"]
_YEAR = timedelta(days=365)
_SAID = {
    Verdict.WRONG: _l("This code does not fit. Look at the code once more and type it again."),
    Verdict.USED: _l("This code has been used already. Take the next one."),
    Verdict.CLOCK_OFF: _l(
        "The clock of your phone is off. Switch on the automatic time in its settings and type the "
        "next code."
    ),
    Verdict.TOO_OFTEN: _l(
        "Too many codes were tried, so we let nobody try more for now. Wait an hour and try again."
    ),
    Verdict.OVER: _l("The time for this step is over. Begin once more, it takes a minute."),
}


@blueprint.get("/profile/passkeys")
@policy.fresh
@policy.signed_in
def passkeys() -> Response:
    """The passkeys, and the button for a new one."""
    person = policy.visitor()
    rows = fetch(connection(), PASSKEYS_OF_USER, {"user_id": person.id})
    (owner,) = fetch(connection(), HANDLE_OF_USER, {"user_id": person.id})
    accepted = {
        "rpId": places.here().rp_id,
        "userId": services.text_of(owner.handle or b""),
        "allAcceptedCredentialIds": [services.text_of(row.credential_id) for row in rows],
    }
    known = accepted if owner.handle else None
    done = request.args.get("done", "")
    return htmx.render(
        "factors/passkeys.html", passkeys=rows, accepted=known, done=done, standing=_standing()
    )


@blueprint.get("/profile/passkeys/<int:passkey_id>")
@policy.fresh
@policy.signed_in
def passkey(passkey_id: int) -> Response:
    """One passkey: its name, and how to revoke it."""
    row = _own_passkey(passkey_id)
    return htmx.render("factors/passkey.html", passkey=row, form=NameForm(data={"name": row.name}))


@blueprint.post("/profile/passkeys/<int:passkey_id>")
@policy.fresh
@policy.signed_in
def rename(passkey_id: int) -> Response:
    """Give it another name."""
    row, form = _own_passkey(passkey_id), NameForm()
    if not form.validate_on_submit():
        return htmx.render("factors/passkey.html", 422, passkey=row, form=form)
    services.rename(policy.visitor().id, passkey_id, form.name.data)
    return htmx.redirect("factors.passkeys", done="renamed")


@blueprint.post("/profile/passkeys/<int:passkey_id>/revoke")
@policy.fresh
@policy.signed_in
def revoke(passkey_id: int) -> Response:
    """Make it worthless."""
    if not services.revoke(policy.visitor().id, passkey_id):
        abort(404)
    return htmx.redirect("factors.passkeys", done="revoked")


@blueprint.post("/profile/passkeys/later")
@policy.signed_in
def later() -> Response:
    """Offer no passkey on this browser any more."""
    response = htmx.leave(safe_next(request.referrer) or url_for("dashboard.home"))
    response.set_cookie(
        OFFER_COOKIE, "no", max_age=_YEAR, secure=True, httponly=True, samesite="Lax"
    )
    return response


@blueprint.get("/profile/totp")
@policy.fresh
@policy.signed_in
def totp() -> Response:
    """The app: what it is for, the picture to scan, or that it is there."""
    return _totp_page(CodeForm())


@blueprint.post("/profile/totp/begin")
@policy.fresh
@policy.signed_in
def begin_totp() -> Response:
    """Make a secret to scan."""
    codes.begin_app(policy.visitor().id)
    return htmx.redirect("factors.totp")


@blueprint.post("/profile/totp")
@policy.fresh
@policy.signed_in
def confirm_totp() -> Response:
    """One code of the app, and it is set up."""
    form = CodeForm()
    if not form.validate_on_submit():
        return _totp_page(form, 422)
    verdict = codes.add_app(policy.visitor(), form.code.data)
    if verdict is Verdict.RIGHT:
        wanted = "factors.codes" if _standing().needs_codes else "factors.totp"
        return htmx.redirect(wanted, done="added")
    form.code.errors = [_SAID[verdict]]
    return _totp_page(form, 422)


@blueprint.post("/profile/totp/remove")
@policy.fresh
@policy.signed_in
def remove_totp() -> Response:
    """Ask for no code any more."""
    codes.remove_app(policy.visitor().id)
    return htmx.redirect("factors.totp", done="removed")


@blueprint.get("/profile/codes", endpoint="codes")
@policy.fresh
@policy.signed_in
def codes_page() -> Response:
    """How many recovery codes are left; a new set."""
    return _codes_page(CodeForm())


@blueprint.post("/profile/codes")
@policy.fresh
@policy.signed_in
def make_codes() -> Response:
    """Show a new set, this once: no redirect, as nobody keeps it in clear for a second page."""
    made = [grouped(code) for code in codes.make_codes(policy.visitor().id)]
    return htmx.render("factors/new_codes.html", made=made, form=CodeForm(formdata=None))


@blueprint.post("/profile/codes/check")
@policy.fresh
@policy.signed_in
def check_codes() -> Response:
    """One of them typed proves that they were kept; that one is used up."""
    form = CodeForm()
    if form.validate_on_submit():
        verdict = codes.prove_codes(policy.visitor().id, form.code.data)
        if verdict is Verdict.RIGHT:
            return htmx.redirect("factors.codes", done="saved")
        form.code.errors = [_SAID[verdict]]
    return _codes_page(form, 422)


@blueprint.get("/profile/second")
@policy.signed_in
def needed() -> Response:
    """An operator has to set up a second factor first."""
    return htmx.render("factors/needed.html", standing=_standing())


@blueprint.get("/login/code")
@policy.anyone
def second() -> Response:
    """The second step of signing in: a code of the app, or one on paper."""
    form = CodeForm(data={"paper": "1" if request.args.get("paper") else ""})
    return _second_page(form)


@blueprint.post("/login/code")
@policy.anyone
def finish() -> Response:
    """Judge the code and let in."""
    form = CodeForm()
    if not form.validate_on_submit():
        return _second_page(form, 422)
    verdict, wanted = codes.sign_in_with(form.code.data)
    if verdict is Verdict.RIGHT:
        return htmx.leave(safe_next(wanted) or url_for("dashboard.home"))
    if verdict is Verdict.OVER:
        return htmx.render("factors/over.html", 422)
    form.code.errors = [_SAID[verdict]]
    return _second_page(form, 429 if verdict is Verdict.TOO_OFTEN else 422)


def _own_passkey(passkey_id: int) -> Any:  # noqa: ANN401 - a row of PASSKEYS_OF_USER
    rows = fetch(connection(), PASSKEYS_OF_USER, {"user_id": policy.visitor().id})
    return next((row for row in rows if row.id == passkey_id), None) or abort(404)


def _standing() -> Standing:
    return standing_of(connection(), policy.visitor().id)


def _totp_page(form: CodeForm, status: int = 200) -> Response:
    person, context = policy.visitor(), {}
    secret = codes.begun_app(person.id)
    if secret is not None:
        issuer = places.here().name
        address = late.apps.address_of(secret, person.login, issuer)
        context = {
            "secret": grouped(secret, 4),
            "address": address,
            "picture": late.apps.picture_of(address),
        }
    return htmx.render(
        "factors/totp.html",
        status,
        form=form,
        standing=_standing(),
        done=request.args.get("done", ""),
        **context,
    )


def _codes_page(form: CodeForm, status: int = 200) -> Response:
    return htmx.render(
        "factors/codes.html",
        status,
        form=form,
        standing=_standing(),
        is_waiting=codes.are_codes_waiting(policy.visitor().id),
        done=request.args.get("done", ""),
    )


def _second_page(form: CodeForm, status: int = 200) -> Response:
    with core().database.work() as work:
        found = codes.waiting(work)
        standing = None if found is None else standing_of(work, found.user_id or 0)
    if found is None or standing is None:
        return htmx.redirect("identity.login")
    return htmx.render(
        "factors/second.html",
        status,
        form=form,
        standing=standing,
        wanted=found.payload.get("next", ""),
    )
