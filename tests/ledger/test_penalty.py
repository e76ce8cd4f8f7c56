"""What a late bill costs: ЖК РФ, ст. 155, ч. 14, with the vectors of the law's own numbers."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesweb.ledger.penalty import Debt, debts, key_rate, penalty, penalty_rate
from tesweb.money import Kopecks

RATE = Decimal("9.5")
DUE = date(2025, 1, 10)


def after(days: int) -> date:
    return DUE + timedelta(days=days)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0, 0),
        (1, 0),
        (30, 0),
        (31, 317),
        (60, 95_00),
        (89, 186_83),
        (90, 190_00),
        (91, 197_31),
        (120, 409_23),
        (365, 2199_62),
    ],
)
def test_exact_and_rounded_once(days: int, expected: int) -> None:
    """Rounded each day, a year would be 2,200.45; see docs/regions.md."""
    assert penalty(Debt(Kopecks(10_000_00), DUE), after(days), RATE) == expected


def test_a_part_that_is_paid_lowers_what_follows_from_the_next_day() -> None:
    """Days 31 to 45 of the whole, 46 to 60 of the half."""
    debt = Debt(Kopecks(10_000_00), DUE, ((after(45), Kopecks(5_000_00)),))
    assert penalty(debt, after(60), RATE) == 71_25
    assert penalty(debt, after(45), RATE) == 47_50


def test_a_part_that_is_paid_late_lowers_the_dearer_days_too() -> None:
    """60 days at 1/300 and ten at 1/130 of the whole, twenty at 1/130 of the half."""
    debt = Debt(Kopecks(10_000_00), DUE, ((after(100), Kopecks(5_000_00)),))
    assert penalty(debt, after(120), RATE) == 336_15


def test_half_a_kopeck_is_a_kopeck_and_less_is_none() -> None:
    """Of a kopeck, 60 days of 1/300 and 658 or 659 of 1/130 cost 0.4998 or 0.5006."""
    debt = Debt(Kopecks(1), DUE)
    assert penalty(debt, after(748), RATE) == 0
    assert penalty(debt, after(749), RATE) == 1


def test_what_is_paid_in_time_costs_nothing() -> None:
    debt = Debt(Kopecks(10_000_00), DUE, ((DUE, Kopecks(10_000_00)),))
    assert penalty(debt, after(400), RATE) == 0


def test_no_day_of_a_moratorium_counts() -> None:
    """Day 31 is 2022-03-12; the moratorium takes 2022-04-01 to 2022-10-01."""
    debt = Debt(Kopecks(10_000_00), date(2022, 2, 9))
    before = penalty(debt, date(2022, 3, 31), RATE)
    assert before == 63_33  # 20 days
    assert penalty(debt, date(2022, 4, 1), RATE) == before
    assert penalty(debt, date(2022, 10, 1), RATE) == before
    assert penalty(debt, date(2022, 10, 2), RATE) > before


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2026, 12, 31), RATE),
        (date(2027, 1, 1), Decimal(21)),
        (date(2022, 2, 27), RATE),
        (date(2022, 2, 26), Decimal(21)),
        (date(2022, 1, 1), Decimal(21)),
        (date(2021, 12, 31), None),
    ],
)
def test_until_2027_no_rate_is_above_9_5(on: date, expected: Decimal | None) -> None:
    assert penalty_rate([(date(2022, 1, 1), Decimal(21))], on) == expected


def test_a_lower_key_rate_counts_as_it_is() -> None:
    rates = [(date(2022, 9, 19), Decimal("7.5")), (date(2023, 8, 15), Decimal(12))]
    assert penalty_rate(rates, date(2023, 1, 1)) == Decimal("7.5")
    assert penalty_rate(rates, date(2024, 1, 1)) == RATE
    assert key_rate(rates, date(2022, 1, 1)) is None


def test_payments_go_to_the_oldest_bills() -> None:
    charged = [(date(2026, 5, 1), 400_00), (date(2026, 6, 1), 300_00), (date(2026, 7, 1), 200_00)]
    paid = [(date(2026, 6, 20), 100_00), (date(2026, 8, 1), 350_00)]
    found = debts(charged, paid, lambda period: period.replace(day=15))
    assert found == [
        Debt(
            Kopecks(400_00),
            date(2026, 5, 15),
            ((date(2026, 6, 20), Kopecks(100_00)), (date(2026, 8, 1), Kopecks(300_00))),
        ),
        Debt(Kopecks(300_00), date(2026, 6, 15), ((date(2026, 8, 1), Kopecks(50_00)),)),
        Debt(Kopecks(200_00), date(2026, 7, 15)),
    ]


def test_what_is_left_of_a_payment_goes_on_before_the_next_one() -> None:
    charged = [(date(2026, 5, 1), 400), (date(2026, 6, 1), 300)]
    paid = [(date(2026, 6, 20), 500), (date(2026, 8, 1), 150)]
    _, second = debts(charged, paid, lambda period: period.replace(day=15))
    assert second.paid == ((date(2026, 6, 20), 100), (date(2026, 8, 1), 150))


def test_a_kopeck_is_a_bill_and_a_payment_and_nothing_is_neither() -> None:
    charged = [(date(2026, 5, 1), 1), (date(2026, 6, 1), 0), (date(2026, 7, 1), 300)]
    paid = [(date(2026, 5, 20), 1), (date(2026, 8, 1), 1), (date(2026, 8, 2), 2)]
    first, second = debts(charged, paid, lambda period: period.replace(day=15))
    assert (first.amount, first.paid) == (1, ((date(2026, 5, 20), 1),))
    assert second.paid == ((date(2026, 8, 1), 1), (date(2026, 8, 2), 2))


@pytest.mark.parametrize(
    ("came", "kept"),
    [
        ([(1, 400), (5, -150)], [(1, 250)]),
        ([(1, 100), (2, 50), (5, -30)], [(1, 100), (2, 20)]),
        ([(1, 100), (2, 50), (5, -80)], [(1, 70)]),
        ([(1, 100), (5, -100)], []),
        ([(1, 100), (5, -100), (7, 40)], [(7, 40)]),
        # It went back before anything came that we know of.
        ([(1, -100), (5, 100)], []),
        ([(1, -100), (3, 60), (5, 100)], [(5, 60)]),
        ([(1, -100), (3, 60), (5, -20), (7, 100)], [(7, 40)]),
    ],
)
def test_money_that_went_back_was_not_paid(
    came: list[tuple[int, int]], kept: list[tuple[int, int]]
) -> None:
    """What went back is the newest money before it, and what came next where there was none."""
    paid = [(date(2026, 6, day), amount) for day, amount in came]
    charged = [(date(2026, 5, 1), 400_00)]
    (found,) = debts(charged, paid, lambda period: period.replace(day=15))
    assert list(found.paid) == [(date(2026, 6, day), amount) for day, amount in kept]


def test_a_recalculation_pays_the_oldest_bill() -> None:
    charged = [(date(2026, 5, 1), 400_00), (date(2026, 6, 1), -100_00)]
    (found,) = debts(charged, [], lambda period: period.replace(day=15))
    assert found.paid == ((date(2026, 6, 1), Kopecks(100_00)),)


_DAYS = st.dates(date(2023, 1, 1), date(2026, 11, 1))
_MOVES = st.lists(st.tuples(_DAYS, st.integers(-50_000, 200_000)), max_size=12)


@given(charged=_MOVES, paid=_MOVES)
def test_nothing_is_paid_twice_and_no_bill_more_than_once(
    charged: list[tuple[date, int]], paid: list[tuple[date, int]]
) -> None:
    found = debts(sorted(charged), sorted(paid), lambda day: day)
    for debt in found:
        assert 0 <= sum(sum_ for _, sum_ in debt.paid) <= debt.amount
    came = sum(sum_ for _, sum_ in paid if sum_ > 0) - sum(sum_ for _, sum_ in charged if sum_ < 0)
    assert sum(sum_ for debt in found for _, sum_ in debt.paid) <= came


@given(amount=st.integers(1, 10**9), days=st.integers(0, 1200))
def test_it_never_falls_with_time(amount: int, days: int) -> None:
    debt = Debt(Kopecks(amount), DUE)
    assert 0 <= penalty(debt, after(days), RATE) <= penalty(debt, after(days + 1), RATE)
