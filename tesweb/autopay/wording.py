"""Autopays in words for the people who have them."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from tesweb.autopay.rules import Held, Kind, Plan
from tesweb.money import format_rubles
from tesweb.payments.wording import brand

__all__ = ["HELD", "STATES", "brand", "what", "when"]

#: How a month of an autopay stands, and the colour of its tag.
STATES: dict[str, tuple[LazyString, str]] = {
    "noticed": (_l("will be taken"), "warn"),
    "skipped": (_l("passed over"), ""),
    "held": (_l("held back, nothing was taken"), "bad"),
    "nothing": (_l("there was nothing to pay"), ""),
    "charging": (_l("the bank is being asked"), "warn"),
    "paid": (_l("paid"), "good"),
    "failed": (_l("not paid"), "bad"),
}
HELD: dict[str, LazyString] = {
    Held.UNUSUAL.value: _l("The bill is far above the usual one."),
    Held.CAP.value: _l("The bill is above the sum that you allowed."),
}
#: Every month has so many days.
_SHORTEST = 28


def what(plan: Plan) -> str:
    """What is taken."""
    amount = format_rubles(plan.amount)
    if plan.kind is Kind.FIXED:
        return str(_("%(sum)s each month", sum=amount))
    return str(_("the bill’s sum, up to %(sum)s", sum=amount))


def when(plan: Plan) -> str:
    """When it is taken."""
    if plan.day is None:
        return str(_("when a bill comes, a day after our message"))
    if plan.day > _SHORTEST:
        return str(_("on day %(day)s of the month, in a shorter month on its last", day=plan.day))
    return str(_("on day %(day)s of the month", day=plan.day))
