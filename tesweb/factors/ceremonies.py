"""WebAuthn: what a browser is asked, and whether its answer proves anything.

Reached through `late`: the library takes half a second to import. What it leaves to its user (whose
passkey, from which frame, the age of the challenge, the counter, the kind of passkey) is checked in
`services`.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import webauthn
from webauthn.helpers import options_to_json_dict
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from tesweb.factors.places import Place
from tesweb.factors.rules import Refused

log = logging.getLogger(__name__)

#: How long the browser lets a person look for the phone, in milliseconds.
_PATIENCE = 300_000
_VERIFIED = UserVerificationRequirement.REQUIRED


@dataclass(frozen=True, slots=True)
class Asked:
    """What the browser gets, and the challenge in it."""

    options: dict[str, Any]

    @property
    def challenge(self) -> str:
        """As the browser will give it back."""
        return str(self.options["challenge"])


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a passkey is made for."""

    handle: bytes
    login: str
    name: str


@dataclass(frozen=True, slots=True)
class Made:
    """A new passkey."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    device_type: str
    is_backed_up: bool
    aaguid: str


@dataclass(frozen=True, slots=True)
class Used:
    """What a passkey told when it was used."""

    sign_count: int
    device_type: str
    is_backed_up: bool


def ask_for_new(place: Place, person: Person, known: Sequence[tuple[bytes, str]]) -> Asked:
    """Options for `navigator.credentials.create()`; `known` passkeys are not made twice."""
    options = webauthn.generate_registration_options(
        rp_id=place.rp_id,
        rp_name=place.name,
        user_id=person.handle,
        user_name=person.login,
        user_display_name=person.name,
        timeout=_PATIENCE,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
        ),
        exclude_credentials=_descriptors(known),
    )
    return Asked(options_to_json_dict(options))


def ask_for_known(place: Place, known: Sequence[tuple[bytes, str]] = ()) -> Asked:
    """Options for `navigator.credentials.get()`; without `known` the person chooses whose."""
    options = webauthn.generate_authentication_options(
        rp_id=place.rp_id,
        timeout=_PATIENCE,
        allow_credentials=_descriptors(known),
        user_verification=_VERIFIED,
    )
    return Asked(options_to_json_dict(options))


def made(credential: dict[str, Any], challenge: bytes, place: Place) -> Made:
    """The passkey that was made. Raises Refused."""
    try:
        found = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=place.rp_id,
            expected_origin=place.origin,
            require_user_verification=True,
        )
    except Exception as error:  # its parsers raise whatever bad bytes make them raise
        log.info("a new passkey was refused: %s", type(error).__name__)
        raise Refused from error
    return Made(
        found.credential_id,
        found.credential_public_key,
        found.sign_count,
        found.credential_device_type.value,
        found.credential_backed_up,
        found.aaguid,
    )


def used(credential: dict[str, Any], challenge: bytes, place: Place, public_key: bytes) -> Used:
    """What the passkey tells. Raises Refused.

    The counter is not compared: the library's refusal would not say that it was the reason.
    """
    try:
        found = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=place.rp_id,
            expected_origin=place.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception as error:  # its parsers raise whatever bad bytes make them raise
        log.info("a passkey was refused: %s", type(error).__name__)
        raise Refused from error
    return Used(
        found.new_sign_count, found.credential_device_type.value, found.credential_backed_up
    )


def _descriptors(known: Sequence[tuple[bytes, str]]) -> list[PublicKeyCredentialDescriptor]:
    names = {transport.value for transport in AuthenticatorTransport}
    return [
        PublicKeyCredentialDescriptor(
            id=credential_id,
            transports=[AuthenticatorTransport(one) for one in told.split() if one in names],
        )
        for credential_id, told in known
    ]
