"""Which part of a balance is overdue."""

from datetime import date

import pytest

from tesweb.ledger.rules import Overdue, overdue
from tesweb.money import Kopecks

TODAY = date(2026, 11, 22)
MONTHS = {month: date(2026, month, 1) for month in range(7, 11)}


def due(period: date) -> date:
    return period.replace(month=period.month + 1, day=15)


@pytest.mark.parametrize(
    ("balance", "charged", "expected"),
    [
        (0, [(10, 500)], None),
        (500, [], None),
        (500, [(10, 500)], (500, date(2026, 11, 15))),
        (700, [(10, 500), (9, 500)], (700, date(2026, 10, 15))),
        (500, [(10, 500), (9, 500)], (500, date(2026, 11, 15))),
        # More is owed than the known bills say: the oldest of them is the earliest day we know.
        (2000, [(10, 500), (9, 500)], (2000, date(2026, 10, 15))),
        # A month in which billing took something off.
        (400, [(10, -100), (9, 500)], (400, date(2026, 10, 15))),
        (1500, [(10, -500), (9, 2000)], (1500, date(2026, 10, 15))),
        # A kopeck is owed too.
        (501, [(10, 500), (9, 500)], (501, date(2026, 10, 15))),
        (1, [(10, 500)], (1, date(2026, 11, 15))),
        # Owed since before the bills that are known: nobody can tell since when.
        (100, [(10, 0)], None),
    ],
)
def test_payments_are_taken_for_the_oldest_bills(
    balance: int, charged: list[tuple[int, int]], expected: tuple[int, date] | None
) -> None:
    months = [(MONTHS[month], amount) for month, amount in charged]
    found = overdue(Kopecks(balance), months, due, TODAY)
    assert found == (expected and Overdue(Kopecks(expected[0]), expected[1]))


def test_on_the_due_day_nothing_is_overdue() -> None:
    charged = [(MONTHS[10], 500)]
    assert overdue(Kopecks(500), charged, due, date(2026, 11, 15)) is None
    assert overdue(Kopecks(500), charged, due, date(2026, 11, 16)) is not None
