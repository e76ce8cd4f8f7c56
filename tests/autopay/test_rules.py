"""What is judged without a database."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tesweb.autopay.rules import (
    Bounds,
    Held,
    Kind,
    Next,
    Plan,
    Verdict,
    after_failure,
    day_in,
    days_ending,
    dry_run,
    due_after,
    is_unusual,
    judge,
    next_day,
    total,
)
from tesweb.money import Kopecks
from tesweb.payments.protocol import Reason

TYUMEN = ZoneInfo("Asia/Yekaterinburg")
BOUNDS = Bounds(Kopecks(50_00), Kopecks(500_00))
BILLS = [(date(2026, month, 1), 1_000_00) for month in range(10, 0, -1)]


@pytest.mark.parametrize(
    ("owed", "usual", "unusual"),
    [
        # Six times as much as usual, and yet not more than 500 ₽ above it.
        (600_00, 100_00, False),
        (600_01, 100_00, True),
        # More than 500 ₽ above it, and yet no more than twice as much.
        (2_000_00, 1_000_00, False),
        (2_000_01, 1_000_00, True),
    ],
)
def test_unusual_is_twice_the_mean_and_much_above_it(
    *, owed: int, usual: int, unusual: bool
) -> None:
    assert is_unusual(Kopecks(owed), [usual] * 3, Kopecks(500_00)) is unusual


def test_two_bills_are_too_few_to_know_what_is_usual() -> None:
    assert not is_unusual(Kopecks(9_000_00), [100_00] * 2, Kopecks(500_00))


def test_the_last_six_bills_that_were_not_zero_say_what_is_usual() -> None:
    bills = [100_00, 0, 100_00, 100_00, 0, 100_00, 100_00, 100_00, 9_000_00]
    assert is_unusual(Kopecks(601_00), bills, Kopecks(500_00))


@pytest.mark.parametrize(
    ("kind", "owed", "verdict"),
    [
        (Kind.FIXED, 0, Verdict(Kopecks(1_500_00))),
        (Kind.BILL, 49_99, Verdict(Kopecks(0))),
        (Kind.BILL, 50_00, Verdict(Kopecks(50_00))),
        (Kind.BILL, 1_500_00, Verdict(Kopecks(1_500_00))),
        (Kind.BILL, 1_500_01, Verdict(Kopecks(1_500_01), Held.CAP)),
        (Kind.BILL, 2_000_01, Verdict(Kopecks(2_000_01), Held.UNUSUAL)),
    ],
)
def test_what_is_taken_of_what_is_owed(kind: Kind, owed: int, verdict: Verdict) -> None:
    plan = Plan(kind, Kopecks(1_500_00), 15)
    assert judge(plan, Kopecks(owed), [1_000_00] * 3, BOUNDS) == verdict


def test_a_day_that_a_month_has_not_is_its_last_one() -> None:
    assert day_in(date(2026, 2, 1), 31) == date(2026, 2, 28)
    assert day_in(date(2028, 2, 1), 31) == date(2028, 2, 29)
    assert day_in(date(2026, 2, 1), 28) == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("day", "days"),
    [
        (date(2026, 2, 27), (1, 27)),
        (date(2026, 2, 28), (1, 31)),
        (date(2026, 3, 30), (1, 30)),
        (date(2026, 3, 31), (1, 31)),
    ],
)
def test_the_last_day_of_a_month_is_every_later_one_too(day: date, days: tuple[int, int]) -> None:
    assert days_ending(day) == days


def test_money_is_taken_at_ten_in_the_region() -> None:
    ten = datetime(2026, 11, 15, 10, tzinfo=TYUMEN)
    assert due_after(ten, TYUMEN) == ten
    assert due_after(ten + timedelta(seconds=1), TYUMEN) == ten + timedelta(days=1)
    assert due_after(ten - timedelta(hours=10), TYUMEN) == ten


@pytest.mark.parametrize(
    ("day", "begins", "first"),
    [
        (None, datetime(2026, 11, 1, 9, tzinfo=TYUMEN), None),
        (15, datetime(2026, 11, 1, 9, tzinfo=TYUMEN), date(2026, 11, 15)),
        # Told a whole day ahead: at ten it still can be, a second later it is the day after.
        (15, datetime(2026, 11, 14, 10, tzinfo=TYUMEN), date(2026, 11, 15)),
        (15, datetime(2026, 11, 14, 10, 0, 1, tzinfo=TYUMEN), date(2026, 11, 16)),
        (15, datetime(2026, 11, 15, 9, 59, tzinfo=TYUMEN), date(2026, 11, 16)),
        (15, datetime(2026, 11, 15, 10, tzinfo=TYUMEN), date(2026, 12, 15)),
        (31, datetime(2026, 12, 31, 11, tzinfo=TYUMEN), date(2027, 1, 31)),
    ],
)
def test_the_first_day_on_which_money_is_taken(
    day: int | None, begins: datetime, first: date | None
) -> None:
    plan = Plan(Kind.BILL, Kopecks(1_500_00), day)
    assert next_day(plan, begins, TYUMEN) == first


@pytest.mark.parametrize(
    ("reason", "attempts", "failed_before", "then"),
    [
        (Reason.NOT_ENOUGH_MONEY, 1, 0, Next.AGAIN),
        (Reason.NOT_ENOUGH_MONEY, 2, 1, Next.AGAIN),
        (Reason.NOT_ENOUGH_MONEY, 3, 0, Next.OVER),
        (Reason.NOT_ENOUGH_MONEY, 3, 1, Next.END),
        (Reason.CARD_EXPIRED, 1, 0, Next.END),
        # Neither what passes by itself nor what lasts for ever.
        (Reason.FRAUD_SUSPECTED, 1, 0, Next.OVER),
        (Reason.FRAUD_SUSPECTED, 1, 1, Next.END),
    ],
)
def test_what_follows_a_failure(
    reason: Reason, attempts: int, failed_before: int, then: Next
) -> None:
    assert after_failure(reason, attempts, failed_before) is then


@pytest.mark.parametrize(
    ("today", "newest", "months"),
    [
        # The bill of October is taken on 15 November, or would be.
        (date(2026, 11, 15), date(2026, 11, 15), 10),
        (date(2026, 11, 14), date(2026, 10, 15), 9),
    ],
)
def test_the_dry_run_begins_with_the_last_day_that_has_come(
    today: date, newest: date, months: int
) -> None:
    plan = Plan(Kind.BILL, Kopecks(1_500_00), 15)
    trials = dry_run(plan, BILLS, today, BOUNDS)
    assert (trials[0].day, len(trials)) == (newest, months)
    assert total(trials) == months * 1_000_00


def test_the_dry_run_of_a_fixed_sum_is_a_year_whatever_was_owed() -> None:
    plan = Plan(Kind.FIXED, Kopecks(700_00), 31)
    trials = dry_run(plan, BILLS[:1], date(2026, 11, 30), BOUNDS)
    assert [trial.day for trial in trials[:3]] == [
        date(2026, 11, 30),
        date(2026, 10, 31),
        date(2026, 9, 30),
    ]
    assert [trial.bill for trial in trials] == [1_000_00, *[0] * 11]
    assert total(trials) == 12 * 700_00


def test_the_dry_run_leaves_out_what_would_be_held_and_judges_by_what_was_before() -> None:
    bills = [(date(2026, 10, 1), 3_000_00), *BILLS[1:]]
    trials = dry_run(Plan(Kind.BILL, Kopecks(5_000_00), None), bills, date(2026, 11, 1), BOUNDS)
    assert trials[0].verdict == Verdict(Kopecks(3_000_00), Held.UNUSUAL)
    assert total(trials) == 9 * 1_000_00
