"""How much work is asked for, and which digits a picture shows: no database."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime

_PART = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MOMENT = re.compile(r"[0-9]{1,12}")
_DIGITS = 5
#: Rounds of PBKDF2 for each try: 2 ms here, 20 ms on a cheap phone.
COST = 5000
#: Tries until it is solved: between one and two times this.
_TRIES = 64
#: So many solved in ten minutes by one network, and the next ones cost twice as much.
_CROWD = 20
_DEAREST = 8


def tries_asked(solved: int) -> int:
    """How many tries a network has to make that has solved so many of late."""
    return int(_TRIES * min(_DEAREST, 2 ** (solved // _CROWD)))


@dataclass(frozen=True, slots=True)
class Mark:
    """What a captcha was made for; its text cannot be made or changed without the key."""

    form: str
    #: Of the browser that it was given to.
    browser: str
    #: When it is worthless, in seconds since 1970.
    until: int
    #: Makes each another one.
    salt: str

    def text(self, key: bytes) -> str:
        """The mark as a form carries it."""
        plain = f"{self.form}.{self.until}.{self.salt}"
        return f"{plain}.{_keyed(key, f'{plain}.{self.browser}')[:32]}"

    def is_good(self, form: str, now: datetime) -> bool:
        """Whether it is of that form and its time is not over."""
        return self.form == form and now.timestamp() < self.until

    def digits(self, key: bytes) -> str:
        """What its picture shows and its sound says: nobody has to remember it."""
        number = int(_keyed(key, f"digits {self.salt} {self.until}"), 16)
        return f"{number % 10**_DIGITS:0{_DIGITS}d}"


def read_mark(text: str, browser: str, key: bytes) -> Mark | None:
    """The mark of a form's field; None for one that was made up, or another browser's."""
    form, _, rest = text.partition(".")
    until, _, rest = rest.partition(".")
    salt = rest.partition(".")[0]
    is_whole = _PART.fullmatch(form) and _MOMENT.fullmatch(until) and _PART.fullmatch(salt)
    if not is_whole:
        return None
    mark = Mark(form, browser, int(until), salt)
    return mark if hmac.compare_digest(mark.text(key).encode(), text.encode()) else None


def _keyed(key: bytes, text: str) -> str:
    return hmac.new(key, b"captcha " + text.encode(), hashlib.sha256).hexdigest()
