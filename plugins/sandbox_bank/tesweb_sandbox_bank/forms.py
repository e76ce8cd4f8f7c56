"""Reads what is typed on the page. A card's data go no further than the answer to one request."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from tesweb_sandbox_bank.brands import Brand, brand_of, is_luhn
from tesweb_sandbox_bank.models import Body
from tesweb_sandbox_bank.testcards import CARDS, Outcome
from tesweb_sandbox_bank.texts import gettext as _

_SPACES = re.compile(r"[\s\u00a0\u2009\u202f-]+")
_SHORTEST, _LONGEST = 13, 19
#: No card is good for longer.
_MOST_YEARS = 20
_EXPIRY = re.compile(r"(\d\d)[\s/.-]*(?:20)?(\d\d)", re.ASCII)
_CODE = re.compile(r"\d{3}", re.ASCII)


@dataclass(slots=True)
class Typed:
    """A card as it was typed, with what is wrong beside each field."""

    #: Shown again where something is wrong; the code on the back never is.
    number: str = field(default="", repr=False)
    expiry: str = field(default="", repr=False)
    errors: dict[str, str] = field(default_factory=dict)
    brand: Brand | None = None
    outcome: Outcome | None = field(default=None, repr=False)
    #: What may be kept of it.
    kept: Body = field(default_factory=dict)


def card(form: Mapping[str, str], today: date) -> Typed:
    """Read number, term and code."""
    typed = Typed(form.get("number", "").strip()[:40], form.get("expiry", "").strip()[:10])
    number = _SPACES.sub("", typed.number)
    typed.brand = brand_of(number)
    found = {
        "number": _number_fault(number, typed.brand),
        "expiry": _expiry_fault(typed.expiry, today),
        "code": "" if _CODE.fullmatch(form.get("code", "").strip()) else _("Three digits."),
    }
    typed.errors = {name: fault for name, fault in found.items() if fault}
    if not typed.errors and typed.brand is not None:
        typed.outcome = CARDS[number]
        ends = {"first6": number[:6], "last4": number[-4:]}
        typed.kept = ends | {"card_type": typed.brand.name}
    return typed


def _number_fault(number: str, brand: Brand | None) -> str:
    if not number:
        return _("Type the card's number.")
    if not (number.isascii() and number.isdigit()) or not _SHORTEST <= len(number) <= _LONGEST:
        return _("A card's number has 16 digits, some have up to 19.")
    if brand is None:
        return _("We take MIR, Visa and Mastercard.")
    if len(number) not in brand.lengths or not is_luhn(number):
        return _("There is a slip in the number: please compare it with the card.")
    if number not in CARDS:
        return _("The sandbox takes test cards only. Their list is below.")
    return ""


def _expiry_fault(text: str, today: date) -> str:
    found = _EXPIRY.fullmatch(text)
    if found is None or not 1 <= int(found[1]) <= 12:  # noqa: PLR2004 - months
        return _("Month and year, as 12/30.")
    year, month = 2000 + int(found[2]), int(found[1])
    if (year, month) < (today.year, today.month):
        return _("This card's term is over.")
    if year > today.year + _MOST_YEARS:
        return _("Month and year, as 12/30.")
    return ""
