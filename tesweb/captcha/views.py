"""The picture and the sound of a captcha."""

from threading import Lock

from flask import Blueprint, Response, abort, request

from tesweb.captcha import late
from tesweb.captcha.services import key, mark_of
from tesweb.current import core
from tesweb.identity import policy
from tesweb.layout.languages import language_code

blueprint = Blueprint("captcha", __name__)
#: A sound costs a third of a second: strangers may keep one core busy with it, and no more.
_speaking = Lock()


@blueprint.get("/captcha/picture")
@policy.anyone
def picture() -> Response:
    """The digits of a mark, drawn."""
    return Response(late.media.picture(_digits()), mimetype="image/png")


@blueprint.get("/captcha/sound")
@policy.anyone
def sound() -> Response:
    """The digits of a mark, spoken in the language of the page."""
    digits = _digits()
    if not _speaking.acquire(timeout=1):  # who waits longer keeps a thread from everybody else
        abort(503)
    try:
        return Response(late.media.sound(digits, language_code()), mimetype="audio/wav")
    finally:
        _speaking.release()


def _digits() -> str:
    mark = mark_of(request.args.get("mark", ""))
    if mark is None or not mark.is_good(mark.form, core().clock.now()):
        abort(404)
    return mark.digits(key())
