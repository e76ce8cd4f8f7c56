"""One address, two dresses: a whole page, or the same template as the fragment htmx asked for.

The only module that touches `htmx_flask`, whose gaps are mended here: it knows neither htmx 4's
`HX-Request-Type` nor `Vary`, and breaks on a header that is not ASCII.
"""

from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

from flask import Flask, Response, make_response, request, url_for
from flask import redirect as flask_redirect
from htmx_flask import Htmx  # noqa: TID251 - this is the one place
from htmx_flask import request as htmx_request  # noqa: TID251 - this is the one place
from markupsafe import escape

from tesweb.layout.languages import language
from tesweb.layout.shell import dress, page_context

#: Gives the title and the main part of a template, with a cut between them.
_LAYOUT = "layout/parts.html"
_CUT = "\ue002"
#: What a URL may hold unquoted; a plus sign is a space and must stay one.
_URL_SAFE = "/?&=%#:+,;@!$'()*"
_VARY = "Cookie, HX-Request, HX-Request-Type"


def install(app: Flask) -> None:
    """Give requests their `htmx` attribute."""
    Htmx(app)


def is_fragment() -> bool:
    """Whether htmx asked for a part of a page that is already there."""
    headers = htmx_request.headers
    return (
        bool(htmx_request.htmx)
        and headers.get("HX-Request-Type") == "partial"
        and not htmx_request.htmx.history_restore_request
    )


def render(template: str, status: int = 200, **context: Any) -> Response:  # noqa: ANN401 - a template takes anything
    """The page, or its fragment. The template extends `layout` and fills `title` and `main`.

    A page that a form leads to is shown in the address bar, also where htmx swaps it in: a reload
    and the way back do what they do without scripts.
    """
    text = language().template(template).render(page_context(), layout=_LAYOUT, **context)
    title, _, main = text.partition(_CUT)
    if is_fragment():
        name = page_context()["region"].title(language().code)
        page = f"<title>{title} — {escape(name)}</title>\n{main}"
    else:
        page = dress(title, main)
    response = make_response(page, status)
    response.headers["Vary"] = _VARY
    here = request.full_path.rstrip("?")
    if is_fragment() and request.method == "GET" and status == HTTPStatus.OK and here != _shown():
        push(response, here)
    return response


def _shown() -> str:
    """What the address bar has: a page that asks for itself again is no step of the way."""
    shown: str = htmx_request.headers.get("HX-Current-URL", "").partition("#")[0]
    return "/" + shown.partition("://")[2].partition("/")[2]


def redirect(endpoint: str, **values: Any) -> Response:  # noqa: ANN401 - a route's own values
    """Go to another route by GET (303); htmx follows it and gets the fragment."""
    response = make_response("", 303)
    response.headers["Location"] = url_for(endpoint, **values)
    return response


def leave(url: str) -> Response:
    """Make the browser load `url` as a whole page, also when htmx asked.

    htmx follows a redirect by itself, and the new page would land inside the old one.
    """
    if not htmx_request.htmx:
        return cast("Response", flask_redirect(url, code=303))
    response = make_response("", 401)
    response.headers["HX-Redirect"] = quote(url, safe=_URL_SAFE)
    return response


def push(response: Response, url: str) -> Response:
    """Let the address bar show `url` once the fragment is in place."""
    response.headers["HX-Push-Url"] = quote(url, safe=_URL_SAFE)
    return response
