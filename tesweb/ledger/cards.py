"""The core's own card: what is owed. It uses the same hook that a plugin has."""

from datetime import date
from functools import lru_cache, partial

from tesweb.accounts.models import Role
from tesweb.accounts.statements import LinkedAccount
from tesweb.clock import add_months, local_day, month_of
from tesweb.current import connection, core
from tesweb.database.rows import fetch
from tesweb.hookspecs import Card, hookimpl
from tesweb.ledger.rules import Overdue, overdue
from tesweb.ledger.statements import CHARGED
from tesweb.regions.region import Region

#: Months of bills to look at: most people owe the last one; of debtors, nobody is asked for what is
#: older than three years (ГК РФ, ст. 196).
_MONTHS = (2, 36)


@hookimpl
def dashboard_cards(account: LinkedAccount) -> list[Card]:
    """The balance and the day it is due, or since when it is overdue."""
    region = core().region(account.region)
    today = local_day(core().clock.now(), region.timezone)
    late = _overdue(account, region, today) if account.balance > 0 else None
    context = {
        "balance": account.balance,
        "due": _next_due(region, today),
        "balance_on": account.balance_on,
        "overdue": late,
        "account": account,
        "may_pay": account.permits(Role.PAYER),
    }
    return [Card("ledger/balance_card.html", order=0, context=context)]


def _overdue(account: LinkedAccount, region: Region, today: date) -> Overdue | None:
    charged: list[tuple[date, int]] = []
    for months in _MONTHS:
        since = add_months(month_of(today), -months)
        charged = fetch(connection(), CHARGED, {"account_id": account.id, "since": since})
        if sum(amount for _, amount in charged) >= account.balance:
            break
    return overdue(account.balance, charged, partial(_due, region), today)


@lru_cache(maxsize=256)
def _due(region: Region, period: date) -> date:
    return region.due_date(period)


@lru_cache(maxsize=64)
def _next_due(region: Region, today: date) -> date:
    """The next day on which a bill has to be paid; the same for everybody of a region."""
    due = region.due_date(add_months(month_of(today), -1))
    return due if due >= today else region.due_date(month_of(today))
