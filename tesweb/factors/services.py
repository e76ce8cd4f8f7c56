"""Passkeys: making, using and revoking them; each function is one transaction, or two.

A challenge is spent before the answer is looked at, in a transaction of its own, so that no answer
is looked at twice.
"""

import secrets
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

from flask import request
from flask_babel import gettext as _
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from tesweb.current import core
from tesweb.factors import late
from tesweb.factors.places import here
from tesweb.factors.rules import Refused, bytes_of, challenge_of, name_of, part_of
from tesweb.factors.standing import Standing, guard_operator, standing_of
from tesweb.factors.statements import (
    DELETE_CODES,
    DELETE_PASSKEY,
    HANDLE_OF_USER,
    HAS_PASSKEY,
    INSERT_PASSKEY,
    PASSKEY_BY_CREDENTIAL,
    PASSKEY_USED,
    PASSKEYS_OF_USER,
    RENAME_PASSKEY,
    SET_HANDLE,
)
from tesweb.identity import challenges
from tesweb.identity.challenges import Open, Purpose
from tesweb.identity.devices import device_of
from tesweb.identity.limits import count, network_of
from tesweb.identity.policy import STRONG
from tesweb.identity.services import admit, enter, prove_again
from tesweb.identity.statements import Visitor
from tesweb.journal import services as journal
from tesweb.journal.rules import What

#: Longer than the browser lets a person look for the phone.
_CHALLENGE_LIVES = timedelta(minutes=10)
#: A network that asks more often within five minutes is a program.
_MOST_ASKED = 300
_ASKED_WITHIN = timedelta(minutes=5)
#: More passkeys than anybody has devices are somebody's mistake.
MOST_PASSKEYS = 20
#: `passkeys.credential_id` holds no longer one, nor does WebAuthn allow it.
_LONGEST_ID = 1023


class UnknownPasskey(Refused):
    """There is no such passkey here, any more or at all: the browser may forget it."""


class Copied(Refused):
    """The counter went back, so there are two of this passkey; its owner has been told."""


class AlreadyHere(Refused):
    """The passkey is known, this user's or another's."""


class TooMany(Exception):
    """More than anybody needs."""


def ask_for_new(person: Visitor) -> dict[str, Any]:
    """What the browser needs to make a passkey for the visitor. Raises TooMany."""
    with core().database.work() as work:
        work.execute(SET_HANDLE, {"owner": person.id, "random": secrets.token_bytes(32)})
        handle = work.execute(HANDLE_OF_USER, {"user_id": person.id}).scalar_one()
        known = _known(work, person.id)
        if len(known) >= MOST_PASSKEYS:
            raise TooMany
        owner = late.ceremonies.Person(handle, person.login, person.name)
        asked = late.ceremonies.ask_for_new(here(), owner, known)
        _remember(work, Purpose.PASSKEY_MAKE, asked.challenge, person.id)
    return asked.options


def ask_for_known(person: Visitor | None = None) -> dict[str, Any]:
    """What the browser needs to use a passkey: anybody's to sign in, the visitor's to confirm.

    Raises TooMany.
    """
    with core().database.work() as work:
        _count_network(work)
        known = _known(work, person.id) if person else []
        asked = late.ceremonies.ask_for_known(here(), known)
        _remember(work, Purpose.PASSKEY_USE, asked.challenge, person.id if person else None)
    return asked.options


def add(person: Visitor, credential: dict[str, Any]) -> Standing:
    """Keep the passkey that the visitor's browser has made, and say what the visitor has now.

    Raises Refused.
    """
    challenge = _spend(Purpose.PASSKEY_MAKE, credential, person.id)
    made = late.ceremonies.made(credential, bytes_of(challenge), here())
    if len(made.credential_id) > _LONGEST_ID:
        raise Refused
    values = {
        "user_id": person.id,
        "credential_id": made.credential_id,
        "public_key": made.public_key,
        "sign_count": made.sign_count,
        "device_type": made.device_type,
        "is_backed_up": made.is_backed_up,
        "aaguid": made.aaguid,
        "transports": _transports(credential),
        "name": name_of(made.aaguid, device_of(request), _("Passkey")),
        "created_at": core().clock.now(),
        "used_at": None,
    }
    try:
        with core().database.work() as work:
            before = standing_of(work, person.id)
            work.execute(INSERT_PASSKEY, values)
            journal.record(work, person.id, What.PASSKEY_ADDED, passkey=str(values["name"]))
            guard_operator(work, person)
            after = standing_of(work, person.id)
    except IntegrityError as error:
        raise AlreadyHere from error
    if not before.has_any and person.factors not in STRONG:
        prove_again(person.id, "passkey")  # the finger or the PIN of a moment ago
    return after


def sign_in_with(credential: dict[str, Any]) -> None:
    """Sign in whoever's passkey it is: it counts as two factors. Raises Refused."""
    row, used = _verified(credential, None)
    with core().database.work() as work:
        sid = admit(work, row.user_id, "passkey") if _use_up(work, row, used) else None
    if sid is None:
        raise Copied
    enter(sid)


def confirm_with(person: Visitor, credential: dict[str, Any]) -> None:
    """Take the visitor's passkey as a fresh proof. Raises Refused."""
    row, used = _verified(credential, person.id)
    with core().database.work() as work:
        is_used = _use_up(work, row, used)
    if not is_used:
        raise Copied
    prove_again(person.id, "passkey")


def rename(user_id: int, passkey_id: int, name: str) -> bool:
    """Give a passkey another name; False where it is not the user's."""
    values = {"owner": user_id, "number": passkey_id, "text": name}
    with core().database.work() as work:
        return work.execute(RENAME_PASSKEY, values).rowcount == 1


def revoke(user_id: int, passkey_id: int) -> bool:
    """Make a passkey worthless; False where it is not the user's."""
    with core().database.work() as work:
        if work.execute(DELETE_PASSKEY, {"owner": user_id, "number": passkey_id}).rowcount != 1:
            return False
        # Without its name: people write into it what they like, and the journal keeps it for ever.
        journal.record(work, user_id, What.PASSKEY_REMOVED)
        if not standing_of(work, user_id).has_any:
            work.execute(DELETE_CODES, {"owner": user_id})  # there is nothing left to replace
    return True


def text_of(value: bytes) -> str:
    """Bytes as browsers write them: base64url without padding."""
    return urlsafe_b64encode(value).decode().rstrip("=")


def _verified(credential: dict[str, Any], user_id: int | None) -> tuple[Any, Any]:
    """The passkey's row and what it told; `user_id` is whose it has to be, if that is known."""
    challenge = _spend(Purpose.PASSKEY_USE, credential, user_id)
    with core().database.read() as reader:
        values = {"credential": bytes_of(credential.get("id"))}
        row: Any = reader.execute(PASSKEY_BY_CREDENTIAL, values).first()
    if row is None:
        raise UnknownPasskey
    handle = part_of(credential.get("response")).get("userHandle")
    # An authenticator that was told which passkey to use need not say whose it is.
    if not (handle is None and user_id is not None) and bytes_of(handle) != row.handle:
        raise Refused
    if user_id is not None and row.user_id != user_id:
        raise Refused
    used = late.ceremonies.used(credential, bytes_of(challenge), here(), row.public_key)
    if used.device_type != row.device_type:
        raise Refused  # a passkey is made for one device or for several and stays so
    return row, used


def _use_up(work: Connection, row: Any, used: Any) -> bool:  # noqa: ANN401 - of `_verified`
    """Note the use; False for a passkey that was copied. Raises Refused for one just revoked."""
    values = {
        "number": row.id,
        "count": used.sign_count,
        "copied": used.is_backed_up,
        "moment": core().clock.now(),
    }
    if work.execute(PASSKEY_USED, values).rowcount == 1:
        return True
    if work.execute(HAS_PASSKEY, {"number": row.id}).first() is None:
        raise Refused
    journal.record(work, row.user_id, What.PASSKEY_COPIED)
    return False


def _spend(purpose: Purpose, credential: dict[str, Any], user_id: int | None) -> str:
    """Use up the challenge that the answer names, whatever comes of the answer. Raises Refused."""
    challenge = challenge_of(credential)
    try:
        with core().database.work() as work:
            found: Open = challenges.by_secret(work, purpose, challenge)
            challenges.spend(work, found)
    except challenges.Refused as error:
        raise Refused from error
    if found.user_id != user_id:
        raise Refused
    return challenge


def _remember(work: Connection, purpose: Purpose, challenge: str, user_id: int | None) -> None:
    challenges.issue(work, purpose, challenge, lifetime=_CHALLENGE_LIVES, user_id=user_id)


def _known(work: Connection, user_id: int) -> list[tuple[bytes, str]]:
    rows = work.execute(PASSKEYS_OF_USER, {"user_id": user_id})
    return [(row.credential_id, row.transports) for row in rows]


def _transports(credential: dict[str, Any]) -> str:
    told = part_of(credential.get("response")).get("transports")
    names = {name for name in told if isinstance(name, str)} if isinstance(told, list) else set()
    return " ".join(sorted(names & {"ble", "cable", "hybrid", "internal", "nfc", "usb"}))


def _count_network(work: Connection) -> None:
    key = f"passkey {network_of(request.remote_addr or '')}"
    if count(work, key, core().clock.now(), _ASKED_WITHIN) > _MOST_ASKED:
        raise TooMany
