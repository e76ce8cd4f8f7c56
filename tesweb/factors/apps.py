"""Apps that show codes (RFC 6238): the secret that both sides keep, its picture, its codes.

Reached through `late`: its libraries take a quarter of a second to import.
"""

import pyotp
import segno

from tesweb import sealing

_PURPOSE = "secrets of apps"


def new_secret() -> str:
    """160 random bits in base32, as apps take them."""
    return pyotp.random_base32()


def seal(secret: str, user_id: int) -> bytes:
    """The secret as the database keeps it; it opens for this user and with `secret_key` only."""
    return sealing.seal(secret, _PURPOSE, _place(user_id))


def unseal(sealed: bytes, user_id: int) -> str:
    """The secret. Raises LookupError where `secret_key` is another one by now."""
    return sealing.unseal(sealed, _PURPOSE, _place(user_id))


def code_at(secret: str, step: int) -> str:
    """The code of a half minute."""
    return pyotp.TOTP(secret).generate_otp(step)


def address_of(secret: str, login: str, issuer: str) -> str:
    """What the picture says and what opens the app on the same phone: `otpauth://…`."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


def picture_of(address: str) -> str:
    """The QR code as an image for `src`; dark on white, whatever the colours of the page."""
    return str(segno.make(address, error="m").svg_data_uri(scale=5, border=4, light="#fff"))


def _place(user_id: int) -> str:
    """What else has to agree: a sealed secret copied into another's row opens nothing."""
    return f"totps:{user_id}:secret"
