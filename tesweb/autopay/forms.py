"""What people fill in to switch autopay on: what is taken, when, from which card."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from tesweb.autopay.rules import Kind, Plan
from tesweb.money import BadSum, Kopecks, parse_rubles
from tesweb.payments.forms import in_words, plain

_LAST_DAY = 31
_NAMES = ("kind", "amount", "when", "day", "card")


@dataclass(slots=True)
class Filled:
    """The form as it stands."""

    kind: str = Kind.BILL.value
    amount: str = ""
    when: str = "bill"
    day: str = ""
    card: str = ""
    errors: dict[str, LazyString | str] = field(default_factory=dict)
    plan: Plan | None = None
    card_id: int | None = None

    @property
    def address(self) -> dict[str, str]:
        """What the next page's form says."""
        return {name: getattr(self, name) for name in _NAMES}


def empty(cards: Sequence[Any], amount: str, suggested: Kopecks) -> Filled:
    """The form as it comes; a sum that was remembered while paying is a fixed one."""
    card = str(cards[0].id) if cards else ""
    if amount:
        return Filled(kind=Kind.FIXED.value, amount=amount[:32], when="day", card=card)
    return Filled(amount=plain(suggested), card=card)


def read(values: Mapping[str, str], cards: Sequence[Any], least: Kopecks, most: Kopecks) -> Filled:
    """The form as it was sent, judged."""
    found = Filled(**{name: values.get(name, "").strip()[:32] for name in _NAMES})  # type: ignore[arg-type]  # texts all
    chosen = next((card for card in cards if str(card.id) == found.card), None)
    found.card_id = chosen.id if chosen else None
    if chosen is None:
        found.errors["card"] = _l("Choose the card to pay with")
    if found.kind not in set(Kind):
        found.errors["kind"] = _l("Choose what to pay each month")
    amount = _read_amount(found, least, most)
    day = _read_day(found)
    if not found.errors and amount is not None:
        found.plan = Plan(Kind(found.kind), amount, day)
    return found


def _read_amount(found: Filled, least: Kopecks, most: Kopecks) -> Kopecks | None:
    try:
        amount = parse_rubles(found.amount)
    except BadSum:
        found.errors["amount"] = _l("Type rubles and kopecks with a comma, for example 1 500,00")
        return None
    if amount < least:
        found.errors["amount"] = _("We take %(sum)s at least in one payment.", sum=in_words(least))
    elif amount > most:
        found.errors["amount"] = _("The bank takes %(sum)s at most at once.", sum=in_words(most))
    return amount


def _read_day(found: Filled) -> int | None:
    if found.when == "bill":
        if found.kind == Kind.FIXED:
            found.errors["day"] = _l("For a fixed sum choose a day of the month, from 1 to 31")
        return None
    if found.day.isascii() and found.day.isdigit() and 1 <= int(found.day) <= _LAST_DAY:
        return int(found.day)
    found.errors["day"] = _l("Type a day of the month, a number from 1 to 31")
    return None
