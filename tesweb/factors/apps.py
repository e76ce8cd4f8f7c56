"""Apps that show codes (RFC 6238): the secret that both sides keep, its picture, its codes.

Reached through `late`: its libraries take a quarter of a second to import.
"""

import secrets

import pyotp
import segno
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tesweb.current import core

#: NIST SP 800-38D: 96 bits, random, never twice with one key.
_NONCE = 12


def new_secret() -> str:
    """160 random bits in base32, as apps take them."""
    return pyotp.random_base32()


def seal(secret: str, user_id: int) -> bytes:
    """The secret as the database keeps it; it opens for this user and with `secret_key` only."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + _cipher().encrypt(nonce, secret.encode(), _place(user_id))


def unseal(sealed: bytes, user_id: int) -> str:
    """The secret. Raises LookupError where `secret_key` is another one by now."""
    try:
        opened = _cipher().decrypt(sealed[:_NONCE], sealed[_NONCE:], _place(user_id))
    except InvalidTag as error:
        raise LookupError("the app's secret was sealed with another secret_key") from error
    return opened.decode()


def code_at(secret: str, step: int) -> str:
    """The code of a half minute."""
    return pyotp.TOTP(secret).generate_otp(step)


def address_of(secret: str, login: str, issuer: str) -> str:
    """What the picture says and what opens the app on the same phone: `otpauth://…`."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


def picture_of(address: str) -> str:
    """The QR code as an image for `src`; dark on white, whatever the colours of the page."""
    return str(segno.make(address, error="m").svg_data_uri(scale=5, border=4, light="#fff"))


def _cipher() -> AESGCM:
    key = core().settings.secret_key.get_secret_value().encode()
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=b"secrets of apps").derive(key))


def _place(user_id: int) -> bytes:
    """What else has to agree: a sealed secret copied into another's row opens nothing."""
    return f"totps:{user_id}:secret".encode()
