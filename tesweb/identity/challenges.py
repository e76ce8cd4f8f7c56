"""Secrets that work once: links in letters, codes in messages, nonces of passkeys.

The database keeps an HMAC of the secret. A secret opens what it was made for and nothing else;
where it is bound to a session, another browser cannot use it. Each function works within the
caller's unit of work, so that a secret is spent together with what it allowed.
"""

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from tesweb.current import core
from tesweb.identity.session import current_session, hash_of
from tesweb.identity.statements import (
    CHALLENGE_BY_BINDING,
    CHALLENGE_BY_SECRET,
    COUNT_TRY,
    DROP_CHALLENGES,
    INSERT_CHALLENGE,
    PURGE_CHALLENGES,
    SET_PAYLOAD,
    SPEND_CHALLENGE,
)

#: Wrong codes after which the right one is worthless too (ASVS 5.0, 6.6.3).
TRIES = 5
_DIGITS = 6


class Purpose(StrEnum):
    """What a secret is for."""

    #: A registration under way, from its first page to the activation.
    REGISTRATION = "registration"
    #: The link or the code that activates it.
    ACTIVATION = "activation"
    #: A password was right, a second factor is still to come.
    SECOND_FACTOR = "second_factor"
    PASSKEY_MAKE = "passkey_make"
    PASSKEY_USE = "passkey_use"
    TOTP_MAKE = "totp_make"
    #: Recovery codes of which none was typed yet.
    CODES_MAKE = "codes_make"
    #: A new password for somebody who forgot it.
    RECOVERY = "recovery"
    #: A new contact for somebody who has lost the old one, and the link that stops it.
    ACCESS = "access"
    ACCESS_STOP = "access_stop"
    #: A new password for a locked cabinet, given out by the office; the link that stops it; and
    #: what the office's word counts for once the password was set.
    OFFICE = "office"
    OFFICE_STOP = "office_stop"
    OFFICE_PROOF = "office_proof"
    #: A new address or number that has to be proved.
    EMAIL_CHANGE = "email_change"
    PHONE_CHANGE = "phone_change"
    #: A code for the unlocking of a cabinet, by e-mail and by text message.
    UNFREEZE = "unfreeze"
    UNFREEZE_SMS = "unfreeze_sms"
    #: A proof that has been given for it.
    UNFREEZE_PROOF = "unfreeze_proof"
    #: What a browser that locked a cabinet by a link is told about it.
    FREEZE_DONE = "freeze_done"
    #: An operator's look at the cabinets that are locked.
    OPERATOR_LOOK = "operator_look"
    #: The link in each security message that locks the cabinet.
    FREEZE_LINK = "freeze_link"
    #: Access to an account, offered by its owner, or asked of the owner.
    INVITATION = "invitation"
    CONSENT = "consent"
    #: An account that is being linked, between its number and the proof.
    LINKING = "linking"


class Refused(Exception):
    """The secret opens nothing."""


class Unknown(Refused):
    """There is no such secret, or it belongs to another purpose or another browser."""


class Expired(Refused):
    """It was right once and its time is over."""


class Spent(Refused):
    """It has been used before."""


class Exhausted(Refused):
    """Too many wrong ones were tried; a new one has to be asked for."""


@dataclass(frozen=True, slots=True)
class Open:
    """A secret as the database knows it."""

    id: int
    user_id: int | None
    account_id: int | None
    payload: dict[str, Any] = field(default_factory=dict)


def token() -> str:
    """A secret for a link: 256 bits."""
    return secrets.token_urlsafe(32)


def code() -> str:
    """A secret for a person to type: six digits."""
    return f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"


def issue(  # noqa: PLR0913 - each says something of its own, all but three by name
    work: Connection,
    purpose: Purpose,
    secret: str,
    *,
    lifetime: timedelta,
    bound: bool = True,
    user_id: int | None = None,
    account_id: int | None = None,
    payload: dict[str, Any] | None = None,
) -> int:
    """Remember a secret and return its id; `bound` ties it to the browser of this request."""
    now = core().clock.now()
    work.execute(PURGE_CHALLENGES, {"moment": now - timedelta(days=2)})
    values = {
        "purpose": purpose.value,
        "secret_hash": digest(secret),
        "binding": hash_of(current_session().sid) if bound else None,
        "user_id": user_id,
        "account_id": account_id,
        "payload": json.dumps(payload or {}, ensure_ascii=False),
        "tries": 0,
        "created_at": now,
        "expires_at": now + lifetime,
    }
    return int(work.execute(INSERT_CHALLENGE, values).scalar_one())


def by_secret(work: Connection, purpose: Purpose, secret: str) -> Open:
    """What a long secret opens, not spent yet. Raises Unknown, Expired or Spent."""
    return by_digest(work, purpose, digest(secret))


def by_digest(work: Connection, purpose: Purpose, known: bytes) -> Open:
    """The same for a secret of which only the digest was kept."""
    values = {"purpose": purpose.value, "secret_hash": known}
    row = work.execute(CHALLENGE_BY_SECRET, values).first()
    return _checked(row, strange=row is not None and not _is_ours(row.binding))


def of_browser(work: Connection, purpose: Purpose) -> Open:
    """The newest of that purpose that this browser was given. Raises Unknown, Expired or Spent."""
    values = {"purpose": purpose.value, "binding": hash_of(current_session().sid)}
    return _checked(work.execute(CHALLENGE_BY_BINDING, values).first())


def try_code(work: Connection, purpose: Purpose, typed: str) -> Open | None:
    """Spend the newest code of this browser; None where it is another one, which is counted.

    No exception for a wrong code: it would roll back the count with the unit of work. Raises
    Unknown where no code was given, Expired, Spent, or Exhausted after `TRIES` wrong ones.
    """
    values = {"purpose": purpose.value, "binding": hash_of(current_session().sid)}
    row: Any = work.execute(CHALLENGE_BY_BINDING, values).first()
    found = _checked(row)
    if row.tries >= TRIES:
        raise Exhausted
    if not hmac.compare_digest(row.secret_hash, digest(typed)):
        work.execute(COUNT_TRY, {"challenge_id": found.id})
        return None
    spend(work, found)
    return found


def spend(work: Connection, found: Open) -> None:
    """Use it up. Raises Spent where another request was quicker."""
    values = {"challenge_id": found.id, "moment": core().clock.now()}
    if work.execute(SPEND_CHALLENGE, values).rowcount != 1:
        raise Spent


def keep(work: Connection, found: Open, payload: dict[str, Any]) -> None:
    """Replace what goes with a secret: the answers of a form of several pages."""
    text = json.dumps(payload, ensure_ascii=False)
    work.execute(SET_PAYLOAD, {"challenge_id": found.id, "text": text})


def forget(work: Connection, purpose: Purpose, user_id: int) -> bool:
    """Make every secret of that purpose of a user worthless; whether one still worked."""
    rows = work.execute(DROP_CHALLENGES, {"purpose": purpose.value, "owner": user_id}).all()
    now = core().clock.now()
    return any(row.spent_at is None and row.expires_at > now for row in rows)


def digest(secret: str) -> bytes:
    """What the database keeps of a secret; worthless without `secret_key`."""
    key = core().settings.secret_key.get_secret_value().encode()
    return hmac.new(key, b"challenge " + secret.encode(), hashlib.sha256).digest()


def _is_ours(binding: bytes | None) -> bool:
    return binding is None or hmac.compare_digest(binding, hash_of(current_session().sid))


def _checked(row: Any, *, strange: bool = False) -> Open:  # noqa: ANN401 - a row of the statement
    if row is None or strange:
        raise Unknown
    if row.spent_at is not None:
        raise Spent
    if row.expires_at <= core().clock.now():
        raise Expired
    return Open(row.id, row.user_id, row.account_id, json.loads(row.payload))
