"""Whether an answer proves anything, and how much of an address may be shown: no database."""

import hmac
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tesweb.accounts.models import Proof
from tesweb.money import BadSum, parse_rubles

#: What people type between the digits of a number.
_BETWEEN = re.compile(r"[\s\-\u2010-\u2015\u2212.#]")
_AFTER_A_SUM = re.compile(r"\D+$")
#: A settlement with its one letter in front; a street has two or more.
_PLACE = re.compile(r"[^\W\d]\.\s\D+")
#: What says which kind of thing follows: shortened, hyphenated, or a few capitals in a row.
_KIND = re.compile(r"[^\W\d]+\.|[^\W\d]{1,3}-[^\W\d]{1,2}")
_MOST_CAPITALS = 4
#: Format characters turn lines of text around; control characters have no place in one.
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
_INNER_LETTER = re.compile(r"(?<=\w)\w")
_DIGITS: Final = "**"
#: How much later than the cabinet its first account may be linked: it is done in one step.
_WITH_THE_CABINET = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What billing knows that would prove an account; nothing for a number that is nobody's."""

    bill_codes: tuple[str, ...] = ()
    #: Serial numbers of the meters that stand.
    serials: tuple[str, ...] = ()
    #: Kopecks: what was paid on the last day of payment.
    payments: tuple[int, ...] = ()


def proved(evidence: Evidence, answers: Mapping[Proof, str]) -> frozenset[Proof]:
    """Which kinds of proof the answers give. Every kind is looked at, so it takes one time."""
    known: dict[Proof, Collection[str]] = {
        Proof.BILL_CODE: [plain_code(code) for code in evidence.bill_codes],
        Proof.METER: [plain_serial(serial) for serial in evidence.serials],
        Proof.PAYMENT: [str(amount) for amount in evidence.payments],
    }
    given = {
        Proof.BILL_CODE: plain_code(answers.get(Proof.BILL_CODE, "")),
        Proof.METER: plain_serial(answers.get(Proof.METER, "")),
        Proof.PAYMENT: _plain_sum(answers.get(Proof.PAYMENT, "")),
    }
    return frozenset(kind for kind in Proof if _is_among(given[kind], known[kind]))


def plain_code(text: str) -> str:
    """A code as it is compared: without spaces and dashes, small letters."""
    # NFKC makes letters of the numero sign.
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", text.replace("№", ""))).casefold()


def plain_serial(text: str) -> str:
    """A serial number as it is compared; zeros in front do not count, people leave them out."""
    return plain_code(text).lstrip("0")


def mask_address(address: str) -> str:
    """`г. Тюмень, ул. Р*********, д. **, кв. **`: who lives there knows it again."""
    place, *rest = address.split(", ")
    shown = place if rest and _PLACE.fullmatch(place) else _hidden(place)
    return unbroken(", ".join([shown, *map(_hidden, rest)]))


def unbroken(address: str) -> str:
    """The same, with `apt. 17` on one line."""
    return address.replace(". ", ".\u00a0")


def mask_name(name: str) -> str:
    """`Анна П.` of `Анна Петровна Иванова`: people of one household know who is meant."""
    first, *rest = name.split() or [""]
    return f"{first} {rest[-1][0]}." if rest else first


def mask_number(number: str) -> str:
    """The last four digits of an account number, for messages that others may see."""
    return f"…{number[-4:]}"


def is_settled(linked_at: datetime, created_at: datetime, since: datetime) -> bool:
    """Whether nobody who got in to the cabinet after `since` can have linked the account.

    One that came with the cabinet itself is its owner's however new both are.
    """
    return linked_at < since or linked_at - created_at <= _WITH_THE_CABINET


def plain_nickname(text: str) -> str:
    """A name for an account on one line, without signs that nobody sees."""
    line = " ".join(unicodedata.normalize("NFC", text).split())
    seen = "".join(sign for sign in line if unicodedata.category(sign) not in _UNSEEN)
    return " ".join(seen.split())


def _hidden(part: str) -> str:
    return " ".join(map(_hidden_word, part.split()))


def _hidden_word(word: str) -> str:
    if any(sign.isdigit() for sign in word):
        return _DIGITS
    if _KIND.fullmatch(word) or (word.isupper() and len(word) <= _MOST_CAPITALS):
        return word
    return _INNER_LETTER.sub("*", word)


def _plain_sum(text: str) -> str:
    try:
        return str(parse_rubles(_AFTER_A_SUM.sub("", unicodedata.normalize("NFKC", text))))
    except BadSum:
        return ""


def _is_among(given: str, known: Collection[str]) -> bool:
    """Whether it is one of them; each is compared, and nothing is never right."""
    same = [hmac.compare_digest(given.encode(), one.encode()) for one in known]
    return bool(given) and any(same)
