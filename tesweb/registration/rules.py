"""What a login may be, and which consents are asked for: no database."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from tesweb.identity.passwords import canonical_login, canonical_phone

_SHORTEST, _LONGEST = 3, 64
_SIGNS = frozenset("._-")
#: Digits with what people write between them: a number, and no name.
_NUMBER = re.compile(r"[+\d\s().-]+")


class Way(StrEnum):
    """How the person proves that messages reach them."""

    EMAIL = "email"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Document:
    """What somebody consents to, in the wording of one day (152-ФЗ, ст. 9)."""

    #: `consents.purpose`; the wording is `templates/registration/consents/<purpose>.html`.
    purpose: str
    #: The day of the wording. Whoever changes a word changes it.
    version: str
    is_required: bool

    @property
    def day(self) -> date:
        """The day of the wording."""
        return date.fromisoformat(self.version)

    def given(self, user_id: int, at: datetime) -> dict[str, object]:
        """The row that keeps that somebody consents; a consent is never given by changing one."""
        return {
            "user_id": user_id,
            "purpose": self.purpose,
            "given_at": at,
            "version": self.version,
            "withdrawn_at": None,
        }


#: Each purpose has a document of its own, and a line of its own to tick. What nothing uses is not
#: asked for (152-ФЗ, ст. 5): every message there is is about safety, bills or what its reader does.
DOCUMENTS = (Document("personal_data", "2026-11-20", is_required=True),)


def document(purpose: str) -> Document | None:
    """The document of that purpose."""
    return next((each for each in DOCUMENTS if each.purpose == purpose), None)


def is_login(text: str) -> bool:
    """Whether it may be somebody's login: letters of any script, digits, dots and dashes.

    No `@`, as in an address, and no number, as of a phone: one field takes all three at sign-in.
    """
    name = canonical_login(text)
    if not _SHORTEST <= len(name) <= _LONGEST or canonical_phone(name) or _NUMBER.fullmatch(name):
        return False
    return all(sign in _SIGNS or unicodedata.category(sign)[0] in "LMN" for sign in name)
