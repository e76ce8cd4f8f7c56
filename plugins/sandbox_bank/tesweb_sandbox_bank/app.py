"""The Flask application: nothing of tesweb's own, no database but the bank's."""

import logging
from http import HTTPStatus
from pathlib import Path

from flask import Flask, Response, render_template, request
from flask_babel import Babel
from werkzeug.exceptions import HTTPException

from tesweb_sandbox_bank import api, pages, panel, protection, register, sbp_pages, wording
from tesweb_sandbox_bank.bank import Bank
from tesweb_sandbox_bank.bank import bank as running
from tesweb_sandbox_bank.errors import ApiError, NotFound
from tesweb_sandbox_bank.faults import Kind
from tesweb_sandbox_bank.misbehaviour import hang_up

log = logging.getLogger(__name__)
_CATALOGS = Path(__file__).with_name("catalogs")
_LARGEST_BODY = 512 * 1024
#: These work while the bank is down: somebody has to bring it up again.
_ALWAYS = frozenset({"panel.show", "panel.switch", "static"})


def build(bank: Bank) -> Flask:
    """The application that serves this bank."""
    app = Flask(__name__, static_url_path="/static")
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST_BODY
    app.extensions["bank"] = bank
    Babel(app, default_locale="ru", default_translation_directories=str(_CATALOGS))
    app.before_request(_be_down)
    protection.install(app)
    for room in (api, pages, sbp_pages, panel, register):
        app.register_blueprint(room.blueprint)
    app.add_url_rule("/", "home", _home)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _failed)
    app.jinja_env.globals.update(
        sum_of=wording.sum_of,
        brand_title=wording.brand_title,
        title_of=wording.title,
        reason_of=wording.reason,
        outcome_of=wording.outcome,
    )
    return app


def _be_down() -> Response | None:
    """The API looks for itself: there the fault may be for some requests only."""
    if request.endpoint in _ALWAYS or request.blueprint == "api":
        return None
    return hang_up() if running().faults.take({Kind.DOWN}, "read") else None


def _home() -> str:
    return render_template("sandbox_bank/home.html")


def _http_error(error: HTTPException) -> Response | tuple[dict[str, object], int]:
    status = error.code or 500
    if request.path.startswith("/v3/"):
        known = {404: NotFound("There is no such method"), 405: NotFound("There is no such method")}
        told = known.get(status, ApiError(status, "invalid_request", HTTPStatus(status).phrase))
        return told.body(), told.status
    text = render_template("sandbox_bank/error.html", status=status)
    return Response(text, status)


def _failed(error: Exception) -> Response | tuple[dict[str, object], int]:
    """Our own fault. A traceback may show values, so the log has the place alone."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else "?"
    log.error("%s at %s", type(error).__name__, where)
    if request.path.startswith("/v3/"):
        return ApiError(500, "internal_server_error", "Something went wrong").body(), 500
    return Response(render_template("sandbox_bank/error.html", status=500), 500)
