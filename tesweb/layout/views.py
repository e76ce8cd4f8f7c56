"""Addresses that belong to no one domain: PWA files, language, health, reports of the browser."""

import hashlib
import json
import logging
from typing import Any, cast

from flask import Blueprint, Response, current_app, jsonify, make_response, request, url_for
from sqlalchemy import Integer, literal_column, select
from werkzeug.exceptions import RequestEntityTooLarge

from tesweb import htmx
from tesweb.current import connection, core
from tesweb.database.rows import fetch
from tesweb.identity import policy
from tesweb.identity.safety import safe_next
from tesweb.identity.services import choose_language
from tesweb.layout.assets import Assets
from tesweb.layout.languages import COOKIE, LANGUAGES, in_language, language
from tesweb.plugins import State
from tesweb.resources import MANIFEST

log = logging.getLogger(__name__)
blueprint = Blueprint("layout", __name__)
#: What the service worker keeps: public files and the offline page, nothing of anybody's.
SHELL = ("css/app.css", "vendor/htmx-4.0.1.min.js", "vendor/hx-csp-4.0.1.min.js", "icons.svg")

#: No honest report of a breach is larger, in bytes.
_LONGEST_REPORT = 10_000
#: How many breaches of one report are logged: a browser sends few at once, a flood tells no more.
_LOGGED = 10
_ALIVE = select(literal_column("1", Integer))


@blueprint.get("/more")
@policy.signed_in
def more() -> Response:
    """The whole menu as a page, for phones."""
    return htmx.render("layout/more.html")


@blueprint.get("/offline")
@policy.anyone
def offline() -> Response:
    """What the service worker shows without a network."""
    return make_response(_offline_page(language().code))


@blueprint.get("/sw.js")
@policy.anyone
def service_worker() -> Response:
    """The service worker; its version changes with any static file and with the offline page."""
    assets = _assets()
    # Of every language: choosing another one must not look like a new version.
    pages = "".join(_offline_page(code) for code in LANGUAGES)
    mark = hashlib.sha256(pages.encode()).hexdigest()[:8]
    scripts = sorted(name for name in assets.names if name.startswith("js/"))
    shell = [assets.url(name) for name in (*SHELL, *scripts)]
    facts = {"version": f"{assets.version}-{mark}", "shell": [*shell, url_for("layout.offline")]}
    response = make_response(language().template("sw.js").render(facts))
    response.mimetype = "text/javascript"
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/manifest.webmanifest")
@policy.anyone
def manifest() -> Response:
    """The web app manifest in the region's name and colours."""
    facts = json.loads(MANIFEST.read_text("utf-8"))
    region, code = core().default_region, language().code
    facts["name"] = region.title(code)
    facts["short_name"] = region.brand.short_name.in_language(code)
    facts["lang"] = code
    facts["theme_color"] = region.brand.primary
    for picture in (*facts.get("icons", ()), *facts.get("screenshots", ())):
        picture["src"] = _assets().url(picture["src"])
    response = jsonify(facts)
    response.mimetype = "application/manifest+json"
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.post("/language/<code>")
@policy.anyone
def choose(code: str) -> Response:
    """Speak another language from now on, and stay on the page."""
    person = policy.visitor_or_none()
    response = htmx.leave(safe_next(request.referrer) or url_for("dashboard.home"))
    if code in LANGUAGES:
        if person is not None:
            choose_language(person.id, code)
        response.set_cookie(
            COOKIE, code, max_age=31_536_000, secure=True, httponly=True, samesite="Lax"
        )
    return response


@blueprint.get("/healthz")
@policy.anyone
def health() -> tuple[dict[str, Any], int]:
    """Whether the database answers, and which plugins do not work; for the operator's monitor."""
    fetch(connection(), _ALIVE, {})
    broken = [p.name for p in core().plugins.known.values() if p.state is State.BROKEN or p.faults]
    return {"status": "degraded" if broken else "ok", "plugins": broken}, 200


@blueprint.post("/csp")
@policy.anyone
def report() -> tuple[str, int]:
    """A browser reports a breach of the content policy: log what and where from, nothing else."""
    request.max_content_length = _LONGEST_REPORT
    try:
        body = request.get_json(force=True, silent=True)
    except RequestEntityTooLarge:
        return "", 413
    for entry in body[:_LOGGED] if isinstance(body, list) else [body]:
        log.warning("content policy: %s", _breach(entry))
    return "", 204


def _breach(entry: object) -> str:
    facts = entry.get("body") or entry.get("csp-report") if isinstance(entry, dict) else None
    if not isinstance(facts, dict):
        return "an unreadable report"
    directive = facts.get("effectiveDirective") or facts.get("violated-directive")
    return ascii(str(directive)[:60])


def _offline_page(code: str) -> str:
    template = in_language(code).template("layout/offline.html")
    return template.render(region=core().default_region)


def _assets() -> Assets:
    return cast("Assets", current_app.extensions["tesweb_assets"])
