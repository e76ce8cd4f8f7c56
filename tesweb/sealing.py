"""Secrets that have to be read again are kept sealed: AES-GCM with a key derived from `secret_key`.

Imports its library when it is first used: it takes a twentieth of a second, and most requests need
none of it.
"""

import secrets
from importlib import import_module
from typing import Any

from tesweb.current import core

#: NIST SP 800-38D: 96 bits, random, never twice with one key.
_NONCE = 12


def seal(secret: str, purpose: str, place: str) -> bytes:
    """The secret as the database keeps it.

    It opens for the same purpose, in the same place (a table's row) and with `secret_key` only.
    """
    nonce = secrets.token_bytes(_NONCE)
    sealed: bytes = _cipher(purpose).encrypt(nonce, secret.encode(), place.encode())
    return nonce + sealed


def unseal(sealed: bytes, purpose: str, place: str) -> str:
    """The secret. Raises LookupError where `secret_key` is another one by now."""
    invalid: type[Exception] = import_module("cryptography.exceptions").InvalidTag
    try:
        opened: bytes = _cipher(purpose).decrypt(sealed[:_NONCE], sealed[_NONCE:], place.encode())
    except invalid as error:
        raise LookupError("it was sealed with another secret_key") from error
    return opened.decode()


def _cipher(purpose: str) -> Any:  # noqa: ANN401 - an AESGCM, imported late
    aead = import_module("cryptography.hazmat.primitives.ciphers.aead")
    hashes = import_module("cryptography.hazmat.primitives.hashes")
    derivation = import_module("cryptography.hazmat.primitives.kdf.hkdf")
    key = core().settings.secret_key.get_secret_value().encode()
    return aead.AESGCM(
        derivation.HKDF(hashes.SHA256(), 32, salt=None, info=purpose.encode()).derive(key)
    )
