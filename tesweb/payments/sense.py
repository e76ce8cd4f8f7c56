"""Whether what a gateway says can be written down, shown and followed: kinds, lengths, addresses.

Pure: `Teller` asks before it believes an answer, `GatewayContract` before an author ships one, the
reader of registers for a bank's file.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from tesweb.money import Kopecks
from tesweb.payments.protocol import (
    BankState,
    Code,
    Fiscal,
    FiscalState,
    Gateway,
    Notice,
    Reason,
    Redirect,
    Report,
    SavedCard,
    Settled,
    Started,
    Way,
)

#: The longest number that a bank gives an order: what the column holds.
LONGEST_REFERENCE = 64
_LONGEST_ADDRESS = 2048
_LONGEST_TOKEN = 1024
#: Of a brand, and of the last digits: they are cut before they are kept.
_LONGEST_NAME = 64
#: More kopecks than any sum of money here; two of them still fit a column.
_MOST = 2**53
#: Over HTTPS, or to a bank on this machine: the sandbox.
ORIGIN = re.compile(r"https://[a-z0-9.-]+(:\d+)?|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a gateway asks for a sum."""

    #: What the payer pays on top.
    fee: Kopecks
    #: The least and the most of one payment, the fee included.
    least: Kopecks
    most: Kopecks


def is_text(value: object, longest: int, *, empty: bool = False) -> bool:
    """A text that every database takes and every page shows: no NUL, no half of a character."""
    return isinstance(value, str) and (empty or value != "") and _fits(value, longest)


def is_reference(value: object) -> bool:
    """The bank's number of an order: 1 to 64 characters."""
    return is_text(value, LONGEST_REFERENCE)


def is_sum(value: object) -> bool:
    """Whole kopecks, not negative; neither a float nor a truth value."""
    return type(value) is int and 0 <= value < _MOST


def is_moment(value: object) -> bool:
    """A moment with its time zone."""
    return isinstance(value, datetime) and value.utcoffset() is not None


def is_terms(value: Terms) -> bool:
    """A fee and bounds that a payer can be told."""
    sums = all(is_sum(each) for each in (value.fee, value.least, value.most))
    return sums and 0 < value.least <= value.most


def is_started(answer: Started) -> bool:
    """A number, a step of a known kind, and until when."""
    return (
        is_reference(answer.reference)
        and isinstance(answer.step, Redirect | Code | None)
        and (answer.expires_at is None or is_moment(answer.expires_at))
    )


def leads_astray(step: Redirect | Code | None, origins: tuple[str, ...]) -> str:
    """The address where no payer may be sent; empty where the step is right."""
    match step:
        case Redirect(url) if origin(url) not in origins:
            return origin(url) or "no address"
        # The link of SBP leads to a service of all banks, which opens the payer's own one.
        case Code(link) if not ORIGIN.fullmatch(origin(link)):
            return origin(link) or "no address"
    return ""


def is_report(report: Report) -> bool:
    """Everything in it is what it is said to be."""
    return (
        isinstance(report.state, BankState)
        and is_sum(report.paid)
        and is_sum(report.refunded)
        and is_reference(report.reference)
        and is_text(report.currency, 8)
        and isinstance(report.reason, Reason | None)
        and (report.card is None or _is_card(report.card))
        and (report.fiscal is None or _is_fiscal(report.fiscal))
    )


def is_notice(notice: Notice) -> bool:
    """An order's key or number, and an answer that HTTP takes."""
    is_named = notice.reference is None or is_reference(notice.reference)
    is_one = notice.key is not None or notice.reference is not None
    is_answer = isinstance(notice.answer, str) and len(notice.answer) <= _LONGEST_ADDRESS
    return isinstance(notice.key, UUID | None) and is_named and is_one and is_answer


def is_line(line: object) -> bool:
    """A line of a register that has a place in the books."""
    return (
        isinstance(line, Settled)
        and is_reference(line.reference)
        and isinstance(line.key, UUID | None)
        and type(line.amount) is int
        and type(line.fee) is int
        and abs(line.fee) <= abs(line.amount) < _MOST
        and is_moment(line.at)
        and is_text(line.currency, 8)
    )


def origin(address: object) -> str:
    """The origin of an address; empty for what is none."""
    if not isinstance(address, str) or not is_text(address, _LONGEST_ADDRESS) or " " in address:
        return ""
    try:
        place = urlsplit(address)
    except ValueError:
        return ""
    return f"{place.scheme}://{place.netloc}"


def fault_of(gateway: object) -> str:
    """Why an object is no gateway that can be used; empty where it is one.

    Looks at what it says of itself; a property of it may raise anything.
    """
    if not _tried(lambda it: isinstance(it, Gateway), gateway):
        return f"{type(gateway).__name__} is no gateway"
    wrong = [name for name, is_right in _FACTS.items() if not _tried(is_right, gateway)]
    return f"its `{wrong[0]}` cannot be used: see docs/gateways.md" if wrong else ""


def _tried(is_right: Callable[[Any], bool], gateway: object) -> bool:
    try:
        return is_right(gateway)
    except Exception:  # a stranger's property may raise anything
        return False


def _are(values: Any, is_right: Callable[[Any], bool]) -> bool:  # noqa: ANN401 - a stranger's
    return isinstance(values, tuple) and all(is_right(value) for value in values)


_FACTS: dict[str, Callable[[Any], bool]] = {
    "name": lambda it: re.fullmatch("[a-z][a-z0-9_]{0,31}", it.name) is not None,
    "title": lambda it: is_text(it.title, 64) and it.title.strip() != "",
    "ways": lambda it: it.ways != () and _are(it.ways, lambda way: isinstance(way, Way)),
    "origins": lambda it: _are(it.origins, lambda each: ORIGIN.fullmatch(each) is not None),
    "key_lives": lambda it: isinstance(it.key_lives, timedelta) and it.key_lives > timedelta(0),
}


def _fits(value: str, longest: int) -> bool:
    return len(value) <= longest and value.isprintable()


def _is_card(card: object) -> bool:
    return (
        isinstance(card, SavedCard)
        and is_text(card.token, _LONGEST_TOKEN, empty=True)
        and is_text(card.brand, _LONGEST_NAME, empty=True)
        and is_text(card.last4, _LONGEST_NAME, empty=True)
    )


def _is_fiscal(fiscal: object) -> bool:
    return (
        isinstance(fiscal, Fiscal)
        and isinstance(fiscal.state, FiscalState)
        and is_text(fiscal.number, 16, empty=True)
        and is_text(fiscal.storage, 32, empty=True)
        and is_text(fiscal.sign, 16, empty=True)
        and (fiscal.registered_at is None or is_moment(fiscal.registered_at))
    )
