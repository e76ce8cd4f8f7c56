"""The core's own card: what is owed. It uses the same hook that a plugin has."""

from datetime import date
from functools import lru_cache

from tesweb.accounts.statements import LinkedAccount
from tesweb.clock import add_months, local_day, month_of
from tesweb.current import core
from tesweb.hookspecs import Card, hookimpl
from tesweb.regions.region import Region


@hookimpl
def dashboard_cards(account: LinkedAccount) -> list[Card]:
    """The balance and the day it is due."""
    region = core().region(account.region)
    today = local_day(core().clock.now(), region.timezone)
    due = _next_due(region, today)
    context = {"balance": account.balance, "due": due, "balance_on": account.balance_on}
    return [Card("ledger/balance_card.html", order=0, context=context)]


@lru_cache(maxsize=64)
def _next_due(region: Region, today: date) -> date:
    """The next day on which a bill has to be paid; the same for everybody of a region."""
    due = region.due_date(add_months(month_of(today), -1))
    return due if due >= today else region.due_date(month_of(today))
