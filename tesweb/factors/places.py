"""Which site a passkey is for: the address that the outside knows us by."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import request

from tesweb.current import core
from tesweb.layout.languages import language_code

_USUAL_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Place:
    """The relying party, as WebAuthn calls it."""

    #: The host's name: passkeys are bound to it for ever.
    rp_id: str
    #: The address as the browser writes it, without a slash at the end.
    origin: str
    #: What the browser shows.
    name: str


def here() -> Place:
    """The site of `public_address`; without one, the host that this request is for."""
    parts = urlsplit(core().settings.public_address or f"{request.scheme}://{request.host}")
    host = _as_browsers_write(parts.hostname or "")
    usual = parts.port in {None, _USUAL_PORTS.get(parts.scheme)}
    origin = f"{parts.scheme}://{host}" + ("" if usual else f":{parts.port}")
    return Place(host, origin, core().default_region.title(language_code()))


def _as_browsers_write(host: str) -> str:
    """A host in Cyrillic in its ASCII form; one that is no name at all as it is."""
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host
