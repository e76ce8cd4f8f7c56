"""What a factor proves, decided from what is given: codes of an app, codes on paper, passkeys."""

import binascii
import json
import re
import secrets
import unicodedata
from base64 import b64decode
from collections.abc import Iterable
from datetime import datetime
from enum import Enum, auto
from typing import Any

#: RFC 6238: an app shows a new code every half minute.
STEP_SECONDS = 30
#: Somebody types slowly, a clock is a little off: one step before and after (RFC 6238, 5.2).
_NEAR = (0, -1, 1)
#: Where no near step fits, one of these tells that the phone's clock is wrong.
_FAR = tuple(step for step in range(-20, 21) if step not in _NEAR)
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212.]")
_APP_CODE = re.compile(r"[0-9]{6}", re.ASCII)
#: Digits only, so that no keyboard layout is in the way: 20 of them are 66 bits.
_PAPER_CODE = re.compile(r"[0-9]{20}", re.ASCII)
_PAPER_DIGITS = 20
_GROUP = 5
#: How many recovery codes a set has.
CODES = 10
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
#: No authenticator answers with more; what is deeper than its parser is not read at all.
LONGEST_ANSWER = 64 * 1024

#: Who keeps a passkey, by what its authenticator calls itself (AAGUID). For the name only.
_KEEPERS = {
    "08987058-cadc-4b81-b6e1-30de50dcbe96": "Windows Hello",
    "9ddd1817-af5a-4672-a2b9-3e3dd95000a9": "Windows Hello",
    "6028b017-b1d4-4c02-b4b3-afcdafc96bb2": "Windows Hello",
    "adce0002-35bc-c60a-648b-0b25f1f05503": "Chrome, macOS",
    "b5397666-4885-aa6b-cebf-e52262a439a2": "Chromium",
    "bada5566-a7aa-401f-bd96-45619a55120d": "1Password",
    "d548826e-79b4-db40-a3d8-11116f7e8349": "Bitwarden",
    "dd4ec289-e01d-41c9-bb89-70fa845d4bf2": "iCloud",
    "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4": "Google",
    "fbfc3007-154e-4ecc-8c0b-6e020557d7bd": "iCloud",
    "fdb141b2-5d84-443e-8a35-4698c205a502": "KeePassXC",
    "53414d53-554e-4700-0000-000000000000": "Samsung Pass",
    "531126d6-e717-415c-9320-3d9aa6981239": "Dashlane",
}


class Verdict(Enum):
    """What came of a typed code."""

    RIGHT = auto()
    WRONG = auto()
    #: It was right and has been used.
    USED = auto()
    #: Right for another time: the clock of the phone is off.
    CLOCK_OFF = auto()
    #: Too many codes of this user were tried lately.
    TOO_OFTEN = auto()
    #: The sign-in, or whatever the code was for, is over; it has to be begun anew.
    OVER = auto()


class Refused(Exception):
    """A passkey's answer proves nothing; why is not told, it would only help a forger."""


class Malformed(Refused):
    """It is not even an answer."""


def step_of(moment: datetime) -> int:
    """The half minute that a moment belongs to."""
    return int(moment.timestamp()) // STEP_SECONDS


def near_steps(moment: datetime) -> Iterable[int]:
    """The half minutes whose codes are accepted at a moment, the likeliest first."""
    now = step_of(moment)
    return [now + away for away in _NEAR]


def far_steps(moment: datetime) -> Iterable[int]:
    """Half minutes whose codes tell that a clock is up to ten minutes off."""
    now = step_of(moment)
    return [now + away for away in _FAR]


def digits_of(typed: str) -> str:
    """What was typed, without the spaces and dashes that help to read it."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", typed))


def is_app_code(digits: str) -> bool:
    """Whether it looks like what an app shows."""
    return _APP_CODE.fullmatch(digits) is not None


def is_paper_code(digits: str) -> bool:
    """Whether it looks like a recovery code."""
    return _PAPER_CODE.fullmatch(digits) is not None


def new_codes() -> list[str]:
    """A set of recovery codes, each as it is stored: 20 digits."""
    return [f"{secrets.randbelow(10**_PAPER_DIGITS):0{_PAPER_DIGITS}d}" for _ in range(CODES)]


def grouped(text: str, size: int = _GROUP) -> str:
    """`12345 67890`: as people read and type it."""
    return " ".join(text[start : start + size] for start in range(0, len(text), size))


def name_of(aaguid: str, device: str, fallback: str) -> str:
    """What a new passkey is called until its owner says otherwise."""
    return _KEEPERS.get(aaguid) or device or fallback


def bytes_of(text: object) -> bytes:
    """Base64url as browsers write it, without padding. Raises Malformed."""
    if not isinstance(text, str) or not _BASE64URL.fullmatch(text):
        raise Malformed
    try:
        return b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise Malformed from error


def answer_of(body: bytes) -> dict[str, Any]:
    """The JSON object that a browser sends. Raises Malformed."""
    if len(body) > LONGEST_ANSWER:
        raise Malformed
    try:
        read = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed from error
    return part_of(read)


def part_of(value: object) -> dict[str, Any]:
    """The value, where it is an object. Raises Malformed."""
    if not isinstance(value, dict):
        raise Malformed
    return value


def challenge_of(credential: dict[str, Any]) -> str:
    """The challenge that an authenticator says it has signed; nothing of it is proved yet.

    Raises Refused where the page that asked stood inside a page of another site: the library reads
    `crossOrigin` and goes on. Raises Malformed.
    """
    text = bytes_of(part_of(credential.get("response")).get("clientDataJSON"))
    client = answer_of(text)
    if client.get("crossOrigin", False) is not False or "topOrigin" in client:
        raise Refused
    challenge = client.get("challenge")
    if not isinstance(challenge, str) or not challenge.isascii():
        raise Malformed
    return challenge
