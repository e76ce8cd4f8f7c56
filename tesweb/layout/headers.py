"""The headers that every answer carries, errors and static files included."""

import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from flask import Flask, Response, g, request

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

#: OWASP Secure Headers; this set scores A+ with the MDN HTTP Observatory.
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Origin-Agent-Cluster": "?1",
    "Reporting-Endpoints": 'csp="/csp"',
}
_FIXED = list(FIXED.items())
#: Two years, as the preload lists ask; sent over HTTPS only (RFC 6797, 7.2).
HSTS = "max-age=63072000; includeSubDomains; preload"
_POLICY = (
    "default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; media-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "worker-src 'self'; frame-src 'none'; form-action 'self'; base-uri 'none'; object-src 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types htmx app; "
    "report-to csp; report-uri /csp"
)
_BEFORE_NONCE, _AFTER_NONCE = _POLICY.split("{scripts}")
_FORMS = "form-action 'self'"
#: The policy of an answer that is no page: it may run nothing.
STATIC_POLICY = f"{_BEFORE_NONCE}'none'{_AFTER_NONCE}"
#: Ends a policy over HTTPS: in clear a browser would look for a server that is not there.
UPGRADE = "; upgrade-insecure-requests"


def install(app: Flask) -> None:
    """Put the headers on every answer of the application."""
    app.response_class = ProtectedResponse
    app.after_request(_protect)


class ProtectedResponse(Response):
    """An answer with the fixed headers, put in last: they need no checking at each answer."""

    def get_wsgi_response(
        self, environ: "WSGIEnvironment"
    ) -> tuple[Iterable[bytes], str, list[tuple[str, str]]]:
        """What the server sends."""
        body, status, headers = super().get_wsgi_response(environ)
        return body, status, headers + _FIXED


def nonce() -> str:
    """The random mark of this answer's own scripts and htmx elements."""
    if "tesweb_nonce" not in g:
        g.tesweb_nonce = secrets.token_hex(16)
    return cast("str", g.tesweb_nonce)


class Nonce:
    """The present answer's `nonce()` where a template writes it, imported macros included."""

    def __html__(self) -> str:
        """The mark itself."""
        return nonce()


def let_forms_lead_to(origins: Iterable[str]) -> None:
    """Let this page's forms end at other sites too: a redirect to a bank counts as its form's."""
    g.tesweb_form_origins = " ".join(origins)


def _protect(response: Response) -> Response:
    headers = response.headers
    policy = STATIC_POLICY
    if "tesweb_nonce" in g:
        policy = f"{_BEFORE_NONCE}'nonce-{g.tesweb_nonce}'{_AFTER_NONCE}"
    if "tesweb_form_origins" in g:
        policy = policy.replace(_FORMS, f"{_FORMS} {g.tesweb_form_origins}")
    if request.is_secure:
        headers["Strict-Transport-Security"] = HSTS
        policy += UPGRADE
    headers["Content-Security-Policy"] = policy
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    return response
