"""Account numbers as people type them and as a region writes them."""

import re
import unicodedata
from dataclasses import dataclass

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from tesweb.regions.facts import AccountFacts

#: Longer than any number with every digit spaced; the rest is a paste gone wrong.
_LONGEST = 100
_MINUS = "\u2212"
#: Spaces of every width, dashes of every length, and the invisible marks that a PDF leaves behind.
_IGNORED = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Pd"})


class BadAccount(ValueError):
    """The text is not an account number of the region."""

    def __init__(self, code: str, reason: LazyString, fault: str) -> None:
        """Keep the code for programs, the reason for the person, the fault for the operator."""
        super().__init__(fault)
        #: `empty`, `not_digits` or `wrong_form`.
        self.code = code
        #: A sentence with the next step, translated when it is shown.
        self.reason = reason


@dataclass(frozen=True, slots=True)
class AccountForm:
    """The form of a region's account numbers."""

    pattern: re.Pattern[str]
    mask: str
    example: str

    @classmethod
    def of(cls, facts: AccountFacts) -> "AccountForm":
        """The form that a region has written down."""
        return cls(re.compile(facts.pattern, re.ASCII), facts.mask, facts.example)

    def canonical(self, text: str) -> str:
        """The digits of what a person typed, leading zeros kept.

        Raises BadAccount for letters, digits of other scripts, and any number of another form.
        """
        digits = "".join(letter for letter in text[:_LONGEST] if not _is_ignored(letter))
        if not digits:
            raise BadAccount("empty", self._empty(), "it is empty")
        if not (digits.isascii() and digits.isdigit()):
            raise BadAccount("not_digits", self._not_digits(), "it has more than digits")
        if len(text) > _LONGEST or not self.pattern.fullmatch(digits):
            fault = f"it is not of the form {self.example}"
            raise BadAccount("wrong_form", self._wrong_form(), fault)
        return digits

    def shown(self, number: str) -> str:
        """The number in the mask's groups; as it is where the mask has another length."""
        if self.mask.count("N") != len(number):
            return number
        return self.mask.replace("N", "%s") % tuple(number)

    def _empty(self) -> LazyString:
        return lazy_gettext(
            "Enter the account number. It stands at the top of the bill, for example %(example)s.",
            example=self.example,
        )

    def _not_digits(self) -> LazyString:
        return lazy_gettext(
            "An account number has only the digits 0 to 9. Look at the top of the bill: "
            "it looks like %(example)s.",
            example=self.example,
        )

    def _wrong_form(self) -> LazyString:
        return lazy_gettext(
            "This is not an account number of ours. Compare it digit by digit with the bill: "
            "it looks like %(example)s.",
            example=self.example,
        )


def _is_ignored(letter: str) -> bool:
    return letter == _MINUS or unicodedata.category(letter) in _IGNORED
