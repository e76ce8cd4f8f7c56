"""Error pages in the same dress, with the next step; nothing of the inside is shown."""

import logging
from dataclasses import dataclass

from flask import Flask, Response, current_app, request, url_for
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException

from tesweb import htmx
from tesweb.current import connection
from tesweb.database.engine import told
from tesweb.factors.standing import standing_of
from tesweb.identity.policy import (
    ProveFirst,
    SignInFirst,
    StrengthenFirst,
    UnlockFirst,
    policy_of,
    visitor,
    visitor_or_none,
)
from tesweb.identity.safety import safe_next
from tesweb.identity.services import SessionEnded
from tesweb.layout.plain import N_, plain_page

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """What an error page says; message ids, translated when it is shown."""

    title: str
    text: str


MESSAGES = {
    400: Message(
        N_("We did not understand the request"),
        N_("Go back and try once more. If it happens again, call us."),
    ),
    403: Message(
        N_("This is not for your role"),
        N_("The owner of the account decides who may do this. Ask the owner, or call us."),
    ),
    404: Message(
        N_("There is no such page"),
        N_("The address may have a typo, or the page has moved. Start from the home page."),
    ),
    405: Message(
        N_("This page is opened in another way"),
        N_("Start from the first page and use the buttons."),
    ),
    413: Message(N_("Too much at once"), N_("The file is too large. Choose one of up to 8 MB.")),
    429: Message(
        N_("Too many tries"), N_("Wait five minutes and try again. Your account is safe.")
    ),
    500: Message(
        N_("Something broke on our side"),
        N_("We already know. What you sent before is kept. Try again in a few minutes."),
    ),
    503: Message(
        N_("We are being repaired"),
        N_("The service will be back soon. Try again in a few minutes."),
    ),
}
_EXPIRED = Message(
    N_("The page has been open for too long"),
    N_("For your safety we did not accept the form. Open the page again and repeat."),
)
_FOREIGN = Message(
    N_("The form came from another site"),
    N_("For your safety we did not accept it. Open the page here and repeat."),
)


class ForeignForm(Exception):
    """Another site made the browser send a form here."""


def install(app: Flask) -> None:
    """Handle every error of the application."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(ForeignForm, lambda error: _page(403, _FOREIGN))  # noqa: ARG005 - Flask passes it
    app.register_error_handler(SignInFirst, _sign_in_first)
    app.register_error_handler(SessionEnded, _sign_in_first)
    app.register_error_handler(ProveFirst, _prove_first)
    app.register_error_handler(StrengthenFirst, _strengthen_first)
    app.register_error_handler(UnlockFirst, lambda error: htmx.leave(url_for("freeze.locked")))  # noqa: ARG005 - Flask passes it
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(InterfaceError, _database_away)
    app.register_error_handler(500, _crash)


def _http(error: HTTPException) -> Response:
    code = error.code or 500
    message = MESSAGES.get(code) or MESSAGES[400 if code < 500 else 500]  # noqa: PLR2004 - the two halves
    response = _page(code, message)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def _expired(error: CSRFError) -> Response:
    """A form whose session has ended: sign in and come back, where that is what was asked for."""
    view = current_app.view_functions.get(request.endpoint or "")
    policy = policy_of(view)
    if policy is not None and policy.name != "anyone" and visitor_or_none() is None:
        return _sign_in_first(error)
    return _page(400, _EXPIRED)


def _sign_in_first(error: Exception) -> Response:
    del error
    return htmx.leave(url_for("identity.login", next=_page_asked_for()))


def _prove_first(error: Exception) -> Response:
    del error
    return htmx.leave(url_for("identity.confirm", next=_page_asked_for()))


def _strengthen_first(error: Exception) -> Response:
    """The operator's page cannot be shown; how to set up a second factor can."""
    del error
    standing = standing_of(connection(), visitor().id)
    return htmx.render("factors/needed.html", 403, standing=standing)


def _page_asked_for() -> str | None:
    """Where the person was going; for a form that was sent, the page with the form."""
    if request.method == "GET":
        return safe_next(request.full_path.rstrip("?"))
    return safe_next(request.headers.get("HX-Current-URL", request.referrer or ""))


def _database_away(error: Exception) -> Response:
    reason = told(getattr(error, "orig", None) or error)
    log.error("the database does not answer: %s: %s", type(error).__name__, reason)
    response = plain_page(503, MESSAGES[503].title, MESSAGES[503].text)
    response.headers["Retry-After"] = "60"
    return response


def _crash(error: Exception) -> Response:
    original = getattr(error, "original_exception", None) or error
    if isinstance(original, OperationalError | InterfaceError):
        return _database_away(original)
    return plain_page(500, MESSAGES[500].title, MESSAGES[500].text)


def _page(code: int, message: Message) -> Response:
    title, text = gettext(message.title), gettext(message.text)
    return htmx.render("errors/error.html", code, code=code, title=title, text=text)
