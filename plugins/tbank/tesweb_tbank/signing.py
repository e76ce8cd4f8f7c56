"""T-Bank's signature, `Token`: SHA-256 over the root's plain values and the password."""

import hashlib
import hmac
from collections.abc import Mapping

from pydantic import SecretStr


def token(body: Mapping[str, object], password: SecretStr) -> str:
    """The signature of a request or a notification; what is nested takes no part."""
    plain = {
        name: _written(value)
        for name, value in body.items()
        if name != "Token" and isinstance(value, str | int | float)
    }
    plain["Password"] = password.get_secret_value()
    joined = "".join(plain[name] for name in sorted(plain))
    return hashlib.sha256(joined.encode()).hexdigest()


def is_genuine(body: Mapping[str, object], password: SecretStr) -> bool:
    """Whether a notification carries the signature that only T-Bank and we can make."""
    told = body.get("Token")
    if not isinstance(told, str):
        return False
    return hmac.compare_digest(told.encode(), token(body, password).encode())


def _written(value: str | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
