"""What the browser's script asks about passkeys: options, and what came of an answer, as JSON."""

from collections.abc import Callable
from typing import Any

from flask import Response, jsonify, request, url_for
from flask_babel import gettext as _

from tesweb.factors import services
from tesweb.factors.routes import blueprint
from tesweb.factors.rules import Refused, answer_of, bytes_of, part_of
from tesweb.identity import policy
from tesweb.identity.safety import safe_next
from tesweb.identity.services import choose_language
from tesweb.identity.statements import Visitor
from tesweb.layout.languages import COOKIE, LANGUAGES


@blueprint.post("/login/passkey/options")
@policy.anyone
def login_options() -> Response:
    """What the browser needs to sign somebody in."""
    return _options(services.ask_for_known)


@blueprint.post("/login/passkey")
@policy.anyone
def login() -> Response:
    """Sign in whoever's passkey has answered."""

    def used(credential: dict[str, Any], wanted: str | None) -> str:
        services.sign_in_with(credential)
        chosen, person = request.cookies.get(COOKIE), policy.visitor()
        if chosen in LANGUAGES and chosen != person.language:
            choose_language(person.id, chosen)  # on this browser, before it was known who comes
        return wanted or url_for("dashboard.home")

    return _answer(used)


@blueprint.post("/confirm/passkey/options")
@policy.while_locked
def confirm_options() -> Response:
    """What the browser needs for a fresh proof by one of the visitor's passkeys."""
    person = policy.visitor()
    return _options(lambda: services.ask_for_known(person))


@blueprint.post("/confirm/passkey")
@policy.while_locked
def confirm() -> Response:
    """Take the visitor's passkey as a fresh proof."""
    person = policy.visitor()

    def used(credential: dict[str, Any], wanted: str | None) -> str:
        services.confirm_with(person, credential)
        return wanted or url_for("dashboard.home")

    return _answer(used)


@blueprint.post("/profile/passkeys/options")
@policy.fresh
@policy.signed_in
def make_options() -> Response:
    """What the browser needs to make a passkey."""
    person = policy.visitor()
    return _options(lambda: services.ask_for_new(person))


@blueprint.post("/profile/passkeys")
@policy.fresh
@policy.signed_in
def make() -> Response:
    """Keep the passkey that was made."""
    person = policy.visitor()
    return _answer(lambda credential, _wanted: _made(person, credential))


def _made(person: Visitor, credential: dict[str, Any]) -> str:
    standing = services.add(person, credential)
    if standing.needs_codes:
        return url_for("factors.codes", done="passkey")
    return url_for("factors.passkeys", done="added")


def _options(ask: Callable[[], dict[str, Any]]) -> Response:
    try:
        return jsonify(ask())
    except services.TooMany:
        message = _("Too many passkeys. Wait five minutes, or revoke one that you do not use.")
        return _refusal(message, 429)


def _answer(use: Callable[[dict[str, Any], str | None], str]) -> Response:
    """Where to go on, or a sentence; 400 for whatever is not proved."""
    try:
        said = answer_of(request.get_data())
        credential = part_of(said.get("credential"))
        wanted = said.get("next")
        return jsonify(go=use(credential, safe_next(wanted if isinstance(wanted, str) else None)))
    except services.UnknownPasskey:
        bytes_of(credential.get("id"))
        message = _("This passkey does not open an account any more. Sign in with the password.")
        return _refusal(message, unknown=str(credential["id"]))
    except services.Copied:
        return _refusal(
            _("This passkey may have been copied, so we refuse it. Sign in with the password.")
        )
    except services.AlreadyHere:
        return _refusal(_("This passkey is set up already."))
    except Refused:
        return _refusal(_("The passkey was not accepted. Try again, or use the password."))


def _refusal(message: str, status: int = 400, **more: str) -> Response:
    response = jsonify(message=message, **more)
    response.status_code = status
    return response
