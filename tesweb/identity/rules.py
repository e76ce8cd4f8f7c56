"""What a new password must not be: short, one of those tried first, or made of what is known."""

import gzip
import string
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from tesweb.identity.passwords import LONGEST

SHORTEST = 8
_WORDS = Path(__file__).parent / "words"
#: A shorter part of a name or an address stands in half of all words.
_SHORTEST_OWN = 4
#: So many digits and signs around a common word make it no better.
_DECORATION = 4
#: Most people write the letter yo as ye.
_YO_AS_YE = {0x451: 0x435}
_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", string.ascii_lowercase)
#: Of a number, what follows its +7 or 8.
_PHONE_DIGITS = 10


def check_new_password(password: str, own_words: Iterable[str] = ()) -> LazyString | None:
    """Why the password cannot be taken, with the next step; None where it can.

    `own_words` are what others know or guess of the person: login, e-mail, phone, city, supplier.
    """
    text = unicodedata.normalize("NFKC", password)
    if len(text) < SHORTEST:
        return _l("A password has 8 characters or more. Three words in a row are easy to remember.")
    if max(len(password), len(text)) > LONGEST:
        return _l("A password is not longer than 128 characters")
    typed = _as_typed(_folded(text))
    if any(_is_common(form) for form in typed):
        return _l(
            "This password is among those that strangers try first. "
            "Think of three words that do not belong together."
        )
    own = _parts(own_words)
    if any(_left_without(own, form) < SHORTEST for form in typed):
        return _l(
            "This password is made of your name, address or city, which others know. "
            "Think of three words that do not belong together."
        )
    return None


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return plain.translate(_YO_AS_YE)


def _as_typed(text: str) -> tuple[str, ...]:
    """The text, and what it would be on the other layout of a Russian keyboard."""
    latin, russian = _keyboard()
    return text, _folded(text.translate(russian)), text.translate(latin)


def _is_common(text: str) -> bool:
    word = _repeated(text)
    if len(word) < _SHORTEST_OWN or _is_run(word):
        return True
    core = text.strip(string.digits + string.punctuation + string.whitespace)
    is_decorated = len(text) - len(core) <= _DECORATION
    return not _common().isdisjoint((text, word, core if is_decorated else text))


def _repeated(text: str) -> str:
    """The shortest word that makes the text when it is written again and again."""
    return text[: (text + text).find(text, 1)]


def _is_run(text: str) -> bool:
    both = (line for row in _ROWS for line in (row * 2, row[::-1] * 2))
    return any(text in line for line in both)


def _parts(own_words: Iterable[str]) -> list[str]:
    """What to look for, the longest first: each word, its parts, a number without its `+7`."""
    found = set()
    for word in map(_folded, own_words):
        spaced = "".join(sign if sign.isalnum() else " " for sign in word)
        whole = spaced.replace(" ", "")
        found |= {whole, *spaced.split()}
        if whole.isdigit():
            found.add(whole[-_PHONE_DIGITS:])
    return sorted((part for part in found if len(part) >= _SHORTEST_OWN), key=len, reverse=True)


def _left_without(own: list[str], text: str) -> int:
    """How many characters stay when the person's own words are taken out."""
    dense = "".join(sign for sign in text if sign.isalnum())
    rest = dense
    for part in own:
        rest = rest.replace(part, "")
    return len(text) - len(dense) + len(rest) if rest == dense else len(rest)


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    # Read when the first password is chosen: most workers' hours pass without one.
    known = gzip.decompress((_WORDS / "common.txt.gz").read_bytes()).decode().split()
    return frozenset(known) | frozenset(map(_folded, _lines("russian.txt")))


@lru_cache(maxsize=1)
def _keyboard() -> tuple[dict[int, int], dict[int, int]]:
    latin, russian = _lines("keyboard.txt")
    return str.maketrans(russian, latin), str.maketrans(latin, russian)


def _lines(name: str) -> list[str]:
    return (_WORDS / name).read_text("utf-8").split()
