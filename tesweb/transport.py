"""Nothing in clear but on this machine itself: whoever comes in clear is sent to HTTPS."""

import ipaddress
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote

from werkzeug.sansio.utils import host_is_trusted

from tesweb.config import Settings
from tesweb.layout.headers import FIXED, STATIC_POLICY

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Programs on this machine ask it whether the server lives; it says nothing of anybody.
_ALWAYS = "/healthz"
_PORT = re.compile(r":[0-9]*$", re.ASCII)
HEADERS = [
    *FIXED.items(),
    ("Content-Security-Policy", STATIC_POLICY),
    ("Cache-Control", "no-store"),
    ("Content-Length", "0"),
]
_PATH = "/!$&'()*+,;=:@~-._"
_QUERY = f"{_PATH}?%"


def is_loopback(address: str) -> bool:
    """Whether only programs on this machine reach the address."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def is_reached_by_others(settings: Settings) -> bool:
    """Whether others than this machine may reach the server, by a proxy or by itself."""
    return settings.trusted_proxies > 0 or not is_loopback(settings.address)


def insists_on_https(settings: Settings) -> bool:
    """Whether requests in clear are answered by the address in HTTPS alone."""
    return is_reached_by_others(settings) or settings.tls_certificate is not None


def is_ours(settings: Settings, host: str) -> bool:
    """Whether the server answers to this host."""
    return host_is_trusted(host, settings.trusted_hosts)


def secure_address(settings: Settings, host: str) -> str:
    """Where HTTPS is spoken, for who asked `host`, one of ours, in clear."""
    if settings.public_address.startswith("https://"):
        return settings.public_address
    name = _PORT.sub("", host)
    own_port = settings.tls_certificate is not None and settings.port != 443  # noqa: PLR2004 - HTTPS
    return f"https://{name}" + (f":{settings.port}" if own_port else "")


class Door:
    """Around the whole application: only our hosts are answered to, in HTTPS where it insists.

    The status 308 keeps the method and the form, so nothing gets lost.
    """

    def __init__(self, inner: "WSGIApplication", settings: Settings) -> None:
        """Let through to `inner` what may come in."""
        self._inner = inner
        self._settings = settings
        self._insists = insists_on_https(settings)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a request."""
        host, path = environ.get("HTTP_HOST", ""), environ.get("PATH_INFO", "")
        if not is_ours(self._settings, host):
            start_response("400 Bad Request", HEADERS)
            return []
        if environ["wsgi.url_scheme"] == "https" or not self._insists or path == _ALWAYS:
            return self._inner(environ, start_response)
        target = quote(path.encode("latin-1"), safe=_PATH) or "/"
        query = quote(environ.get("QUERY_STRING", ""), safe=_QUERY)
        location = secure_address(self._settings, host) + target + (f"?{query}" if query else "")
        start_response("308 Permanent Redirect", [("Location", location), *HEADERS])
        return []
