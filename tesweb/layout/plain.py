"""A page that needs neither the database nor the visitor: for when either is the trouble."""

from flask import Response, make_response, request

from tesweb.current import core
from tesweb.layout.headers import nonce
from tesweb.layout.languages import COOKIE, LANGUAGES, in_language


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "translate it later"
    """Mark a message for the catalogs without translating it yet."""
    return message


def plain_page(code: int, title: str, text: str) -> Response:
    """An error page without menu and account; `title` and `text` are message ids."""
    wanted = request.cookies.get(COOKIE, "")
    language = wanted if wanted in LANGUAGES else LANGUAGES[0]
    template = in_language(language).template("errors/plain.html")
    page = template.render(
        nonce=nonce(),
        region=core().default_region,
        code=code,
        title=title,
        text=text,
    )
    return make_response(page, code)
