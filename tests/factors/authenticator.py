"""An authenticator in software: it answers as a phone would, or as a forger might."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm

from tesweb.testing.client import ORIGIN

UP, UV, BE, BS, AT = 1, 4, 8, 16, 64
#: What an authenticator tells of a passkey that is synchronised, and of one that is not.
SYNCED, LONELY = UP | UV | BE | BS, UP | UV

Credential = dict[str, Any]


def text(value: bytes) -> str:
    return urlsafe_b64encode(value).decode().rstrip("=")


def raw(value: str) -> bytes:
    return urlsafe_b64decode(value + "=" * (-len(value) % 4))


@dataclass
class Authenticator:
    """One passkey. Whatever is changed is changed before it is signed: only the check of the
    changed part itself can refuse it."""

    rp_id: str = "localhost"
    origin: str = ORIGIN
    flags: int = SYNCED
    #: 0 stays 0, as with passkeys that are synchronised.
    count: int = 0
    aaguid: bytes = bytes(16)
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    handle: bytes = b""

    def create(self, options: dict[str, Any], **changes: Any) -> Credential:  # noqa: ANN401 - anything
        """What `navigator.credentials.create()` gives; `changes` are of `_client` and `_data`."""
        self.handle = raw(options["user"]["id"])
        client = self._client("webauthn.create", options["challenge"], changes.pop("client", {}))
        point = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
        cose |= changes.pop("cose", {})
        attested = self.aaguid + len(self.credential_id).to_bytes(2) + self.credential_id
        attested += changes.pop("key_bytes", cbor2.dumps(cose))
        data = self._data(changes.pop("flags", self.flags) | AT, attested, **changes)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        response = {
            "clientDataJSON": text(client),
            "attestationObject": text(attestation),
            "transports": ["internal", "hybrid"],
        }
        return self._credential(response)

    def get(self, options: dict[str, Any], **changes: Any) -> Credential:  # noqa: ANN401 - anything
        """What `navigator.credentials.get()` gives."""
        challenge = changes.pop("challenge", options["challenge"])
        kind = changes.pop("kind", "webauthn.get")
        client = changes.pop("client_bytes", None)
        if client is None:
            client = self._client(kind, challenge, changes.pop("client", {}))
        handle = changes.pop("handle", self.handle)
        key = changes.pop("key", self.key)
        algorithm: HashAlgorithm = changes.pop("algorithm", SHA256())
        cut = changes.pop("cut", None)
        if self.count:
            self.count += 1
        data = self._data(changes.pop("flags", self.flags), changes.pop("extra", b""), **changes)
        data = data[:cut]
        signed = data + hashlib.sha256(client).digest()
        response = {
            "clientDataJSON": text(client),
            "authenticatorData": text(data),
            "signature": text(key.sign(signed, ec.ECDSA(algorithm))),
            "userHandle": None if handle is None else text(handle),
        }
        return self._credential(response)

    def _client(self, kind: str, challenge: str, changes: dict[str, Any]) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(told | changes).encode()

    def _data(
        self, flags: int, tail: bytes, *, rp_id: str | None = None, count: int | None = None
    ) -> bytes:
        count = self.count if count is None else count
        site = hashlib.sha256((rp_id or self.rp_id).encode()).digest()
        return site + bytes([flags]) + count.to_bytes(4) + tail

    def _credential(self, response: dict[str, Any]) -> Credential:
        name = text(self.credential_id)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        }
