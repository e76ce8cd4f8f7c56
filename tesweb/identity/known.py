"""Browsers in which a person has signed in before: a cookie that this server has signed.

It opens nothing. Whoever has it is not told about as a new device, and tries passwords in a bucket
of its own, so that a stranger's guesses elsewhere cannot lock the owner out.
"""

import hashlib
import hmac
from datetime import timedelta

from flask import Response, after_this_request, request

from tesweb.current import core

COOKIE = "__Host-known"
_LIFETIME = timedelta(days=365)
#: A family shares a computer; more marks than these would be a list of a whole café.
_MOST = 3
#: Of the password's hash: with another password each browser is a new one.
_PART = 24
#: 128 bits as hex.
_LENGTH = 32


def mark_of(user_id: int, password_hash: str) -> str:
    """What the cookie holds about a user: 128 bits that only this server can make."""
    key = core().settings.secret_key.get_secret_value().encode()
    text = f"known device {user_id} {password_hash[-_PART:]}"
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:_LENGTH]


def is_known(mark: str) -> bool:
    """Whether this browser brings the mark."""
    return any(hmac.compare_digest(mark, brought) for brought in _brought())


def remember(mark: str) -> None:
    """Let the answer to this request give the browser the mark, before those it has."""
    marks = [mark, *(brought for brought in _brought() if brought != mark)]

    @after_this_request
    def mark_browser(response: Response) -> Response:
        response.set_cookie(
            COOKIE,
            ".".join(marks[:_MOST]),
            max_age=_LIFETIME,
            secure=True,
            httponly=True,
            samesite="Lax",
        )
        return response


def _brought() -> list[str]:
    text = request.cookies.get(COOKIE, "")
    # Another length is not ours, and `compare_digest` refuses what is not ASCII.
    return [mark for mark in text.split(".")[:_MOST] if len(mark) == _LENGTH and mark.isascii()]
