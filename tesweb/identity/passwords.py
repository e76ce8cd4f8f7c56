"""Passwords: Argon2id, and the same time for a login that does not exist."""

import os
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from werkzeug.exceptions import ServiceUnavailable

#: OWASP Password Storage Cheat Sheet, Argon2id with 19 MiB, two passes: 57 ms of one core, so that
#: a small server is not brought down by guesses.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
#: The hash of random bytes that were thrown away; made once, as hashing takes its time.
_NOBODY = (
    "$argon2id$v=19$m=19456,t=2,p=1$hUqU18KoptITMRYMEbgfyQ$Eq7G/v"
    "cPbN8DSnpkDB518RynOLMTCWcoyJvEeWf8XB0"
)
#: Each hash takes 19 MiB: so many are made at a time, and who waited in vain tries again.
_turns = BoundedSemaphore(2 * (os.cpu_count() or 1))
_PATIENCE = 5
_SEPARATORS = re.compile(r"[\s()\-\u2010-\u2015\u2212.]")
_PHONE = re.compile(r"(?:\+?7|8)([0-9]{10})", re.ASCII)
#: A longer one is refused unread: hashing is paid by the byte.
LONGEST = 128


def hash_password(password: str) -> str:
    """The Argon2id hash in PHC form. Any script; NFKC, so that every keyboard types the same."""
    with _turn():
        return _hasher.hash(_plain(password))


def verify_password(stored: str | None, password: str) -> bool:
    """Whether the password is the one that was stored; as slow for None as for a real hash."""
    if len(password) > LONGEST:
        password = ""
    try:
        with _turn():
            matches = _hasher.verify(stored or _NOBODY, _plain(password))
    except (VerificationError, InvalidHashError):
        return False
    return matches and stored is not None


def needs_rehash(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def canonical_login(text: str) -> str:
    """A login as it is stored and compared: NFKC, case-folded, without spaces around it."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def canonical_phone(text: str) -> str | None:
    """A Russian number as it is stored, `+7` and ten digits; None for anything else.

    Spaces, dashes and brackets are dropped; 8 and 7 at the front mean +7. Other countries'
    numbers are not taken: text messages to them are what fraud lives on.
    """
    digits = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    found = _PHONE.fullmatch(digits)
    return f"+7{found[1]}" if found else None


def canonical_name(text: str) -> str:
    """Whom somebody means who signs in: one form for each spelling of a number or a login."""
    return canonical_phone(text) or canonical_login(text)


@contextmanager
def _turn() -> Iterator[None]:
    """One of the few that hash at this moment. Raises ServiceUnavailable after five seconds."""
    if not _turns.acquire(timeout=_PATIENCE):
        raise ServiceUnavailable(retry_after=_PATIENCE)
    try:
        yield
    finally:
        _turns.release()


def _plain(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
