"""Which bills of an account are late, and what that has cost by now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection

from tesweb.accounts.statements import LinkedAccount
from tesweb.clock import add_months, month_of
from tesweb.database.rows import fetch
from tesweb.ledger.penalty import debts, penalty, penalty_rate
from tesweb.ledger.statements import CHARGED, PAID
from tesweb.money import Kopecks
from tesweb.regions.region import Region

#: Nobody is asked for what is older than three years (ГК РФ, ст. 196).
_MONTHS = 36


@dataclass(frozen=True, slots=True)
class LateBill:
    """A bill that was not paid in time."""

    period: date
    due: date
    left: Kopecks
    #: Days since it was due.
    days: int
    penalty: Kopecks


@dataclass(frozen=True, slots=True)
class Late:
    """All of them, with the rate, percent a year, that counts today."""

    bills: tuple[LateBill, ...]
    rate: Decimal

    @property
    def penalty(self) -> Kopecks:
        """What all of them have cost."""
        return Kopecks(sum(bill.penalty for bill in self.bills))


def late_bills(
    connection: Connection, account: LinkedAccount, region: Region, today: date
) -> Late | None:
    """The late bills, the oldest first; None where no key rate is known for today."""
    key_rates = region.facts.penalty.key_rates
    rate = penalty_rate([(each.since, each.percent) for each in key_rates], today)
    if rate is None:
        return None
    since = add_months(month_of(today), -_MONTHS)
    asked = {"account_id": account.id, "since": since}
    charged = [(row.period, row.amount) for row in reversed(fetch(connection, CHARGED, asked))]
    paid = [(row.paid_on, row.amount) for row in fetch(connection, PAID, asked)]
    months, money = _with_what_was_before(account.balance, charged, paid, since)
    found = debts(months, money, region.due_date)
    bills = []
    for (period, _), debt in zip([one for one in months if one[1] > 0], found, strict=True):
        if debt.left > 0 and debt.due < today and period >= since:
            days = (today - debt.due).days
            cost = penalty(debt, today, rate)
            bills.append(LateBill(period, debt.due, debt.left, days, cost))
    return Late(tuple(bills), rate)


def _with_what_was_before(
    balance: int,
    charged: Sequence[tuple[date, int]],
    paid: Sequence[tuple[date, int]],
    since: date,
) -> tuple[list[tuple[date, int]], list[tuple[date, int]]]:
    """The same, with what was owed or overpaid before `since`, so that the balance comes out."""
    before = balance - sum(sum_ for _, sum_ in charged) + sum(sum_ for _, sum_ in paid)
    day = add_months(since, -1)
    owed = [(day, before)] if before > 0 else []
    overpaid = [(day, -before)] if before < 0 else []
    return [*owed, *charged], [*overpaid, *paid]
