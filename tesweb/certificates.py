"""A local authority and a certificate of this machine, so that a phone nearby can be served."""

import getpass
import ipaddress
import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

#: iOS takes no longer one from an authority that its owner added.
_LIFETIME = timedelta(days=820)
AUTHORITY, CERTIFICATE, KEY = "authority.pem", "certificate.pem", "key.pem"


def names_of_this_machine() -> list[str]:
    """How this machine is called by itself and by its neighbours in the network."""
    host = socket.gethostname().lower()
    names = ["localhost", "127.0.0.1", "::1", host]
    if "." not in host:
        names.append(f"{host}.local")  # as telephones find it without a name server
    names += [
        address for address in (_own_address("192.0.2.1"), _own_address("2001:db8::1")) if address
    ]
    return list(dict.fromkeys(names))


def make(folder: Path, names: list[str]) -> None:
    """Write authority, certificate and key into the folder.

    The authority's own key is not kept: who found it could pose as any site to the telephones that
    trust it. A new certificate therefore has a new authority.
    """
    authority = trustme.CA(
        organization_name="tesweb", organization_unit_name=f"{getpass.getuser()}@{names[-1]}"
    )
    made = authority.issue_cert(*names, not_after=datetime.now(UTC) + _LIFETIME)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(folder / AUTHORITY, authority.cert_pem.bytes(), 0o644)
    _write(folder / CERTIFICATE, b"".join(part.bytes() for part in made.cert_chain_pems), 0o644)
    _write(folder / KEY, made.private_key_pem.bytes(), 0o600)


def is_address(name: str) -> bool:
    """Whether it is a number and no name."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _own_address(somewhere: str) -> str:
    """The address from which this machine would speak to another; nothing is sent."""
    family = socket.AF_INET6 if ":" in somewhere else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((somewhere, 9))
            return str(probe.getsockname()[0])
        except OSError:
            return ""


def _write(file: Path, content: bytes, mode: int) -> None:
    """Whole and with these rights from its first byte on."""
    fresh = file.with_name(f"{file.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
        stream.write(content)
    fresh.chmod(mode)
    fresh.replace(file)
