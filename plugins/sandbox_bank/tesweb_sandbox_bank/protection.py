"""What keeps the pages from others' forms and scripts."""

import hmac
import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, request
from werkzeug.urls import iri_to_uri

from tesweb_sandbox_bank.bank import bank
from tesweb_sandbox_bank.guard import LOOPBACK

_COOKIE = "sandbox-bank"
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'{shop}; base-uri 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)
_SAME = frozenset({"same-origin", "none"})


def install(app: Flask) -> None:
    """Check every request, and give every answer its headers."""
    app.before_request(_check_host)
    app.after_request(_protect)
    app.jinja_env.globals["csrf_token"] = form_token


def form_token() -> str:
    """Goes into each form; it is good in this browser only."""
    return _token(_browser())


def check_form() -> None:
    """400 for a form that does not come from a page of ours in this browser."""
    own = request.headers.get("Sec-Fetch-Site", "same-origin") in _SAME
    known = request.cookies.get(_COOKIE, "")
    given = request.form.get("csrf_token", "")
    if not own or not known or not hmac.compare_digest(given.encode(), _token(known).encode()):
        abort(400)


def check_program() -> None:
    """403 for a page of another origin that posts JSON."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in _SAME:
        abort(403)


def goes_back_to(url: str) -> None:
    """A form of this page may lead to the shop: browsers ask the policy about redirects too."""
    place = urlsplit(url)
    g.shop = f"{place.scheme}://{place.netloc}" if url else ""


def go(url: str) -> Response:
    """On to another page by GET."""
    return Response(status=303, headers={"Location": iri_to_uri(url)})


def _browser() -> str:
    known = request.cookies.get(_COOKIE, "") or g.get("browser", "")
    if not known:
        known = g.browser = secrets.token_urlsafe(24)
    return known


def _token(browser: str) -> str:
    return hmac.new(bank().secret, browser.encode(), "sha256").hexdigest()


def _check_host() -> None:
    if (urlsplit(f"//{request.host}").hostname or "") not in LOOPBACK:
        abort(400)


def _protect(answer: Response) -> Response:
    shop = g.get("shop", "")
    answer.headers["Content-Security-Policy"] = _POLICY.format(shop=f" {shop}" if shop else "")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if request.endpoint != "static":
        answer.headers["Cache-Control"] = "no-store"
    if "browser" in g:
        answer.set_cookie(_COOKIE, g.browser, httponly=True, samesite="Lax")
    return answer
