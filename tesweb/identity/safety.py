"""Guards that stand before every view: where a form comes from, where a link may lead."""

import re
from urllib.parse import urlsplit

from flask import Request

#: A path on this server: one slash, then no second one and no backslash, no control characters.
_LOCAL = re.compile(r"/(?![/\\])[^\x00-\x20\\]*")
#: They change nothing (RFC 9110, 9.2.1).
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def comes_from_elsewhere(request: Request) -> bool:
    """Whether another site made the browser send this form (Fetch Metadata, else Origin)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site != "same-origin"
    origin = request.headers.get("Origin")
    return origin is not None and origin != request.host_url.rstrip("/")


def safe_next(wanted: str | None) -> str | None:
    """The path to return to after signing in, if it is one of ours; None otherwise."""
    if not wanted:
        return None
    try:
        parts = urlsplit(wanted)
    except ValueError:  # as for `//[`
        return None
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return path if _LOCAL.fullmatch(path) else None
