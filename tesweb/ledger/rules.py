"""Which part of a balance should have been paid already: pure decisions."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from tesweb.money import Kopecks


@dataclass(frozen=True, slots=True)
class Overdue:
    """What should have been paid already."""

    amount: Kopecks
    #: The day by which the oldest part of it had to be paid.
    since: date


def overdue(
    balance: Kopecks,
    charged: Iterable[tuple[date, int]],
    due_date: Callable[[date], date],
    today: date,
) -> Overdue | None:
    """The overdue part of a balance; None where nothing is, or where nobody can tell.

    `charged` has the months' sums, the newest first. Payments are taken for the oldest charges, so
    what is owed are the newest ones.
    """
    left, late, since = int(balance), 0, None
    for period, amount in charged:
        if left <= 0:
            break
        due = due_date(period)
        if due < today:
            late += min(left, amount)
            since = due
        left -= amount
    if since is None or late <= 0:
        return None
    return Overdue(Kopecks(min(late + max(left, 0), balance)), since)
