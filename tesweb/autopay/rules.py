"""What an autopay takes, when, and when it had better not: pure decisions."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from tesweb.clock import add_months, local_day, month_of
from tesweb.money import NOTHING, Kopecks
from tesweb.payments.protocol import Reason

#: People are told so long before money is taken.
AHEAD = timedelta(hours=24)
#: The hour of the region's day in which money is taken.
HOUR = 10
#: So often a payment is tried, each time a day later.
TRIES = 3
AGAIN = timedelta(days=1)
#: After so many months in a row that failed the autopay ends.
MONTHS = 2
#: A bill is far above usual when it is more than twice the mean of the last six that were not
#: zero, and more than the region's bound above it. Of fewer than three nobody can tell.
TIMES = 2
_BILLS, _ENOUGH = 6, 3


class Kind(StrEnum):
    """What is taken."""

    FIXED = "fixed"
    BILL = "bill"


class End(StrEnum):
    """Why an autopay ended."""

    USER = "user"
    CARD = "card"
    FROZEN = "frozen"
    FAILURES = "failures"
    UNLINKED = "unlinked"


class Held(StrEnum):
    """Why nothing is taken in a month though something is owed."""

    UNUSUAL = "unusual"
    CAP = "cap"
    #: It was there, and could be looked at, when the autopay was switched on.
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody allows."""

    kind: Kind
    #: The sum, or the most that a bill may have.
    amount: Kopecks
    #: The day of the month; None for «when the bill comes».
    day: int | None


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the region says about sums."""

    least: Kopecks
    #: A bill is not unusual unless it is so much above the mean.
    above: Kopecks


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is taken in a month: a sum, or nothing because of `held`, or nothing at all."""

    amount: Kopecks
    held: Held | None = None

    @property
    def state(self) -> str:
        """What the month's run begins with."""
        if self.held:
            return "held"
        return "noticed" if self.amount else "nothing"


def judge(plan: Plan, owed: Kopecks, earlier: Sequence[int], bounds: Bounds) -> Verdict:
    """What is taken where so much is owed; `earlier` are the bills before, the newest first."""
    if plan.kind is Kind.FIXED:
        return Verdict(plan.amount)
    if owed < bounds.least:
        return Verdict(NOTHING)
    if is_unusual(owed, earlier, bounds.above):
        return Verdict(owed, Held.UNUSUAL)
    if owed > plan.amount:
        return Verdict(owed, Held.CAP)
    return Verdict(owed)


def is_unusual(owed: Kopecks, earlier: Sequence[int], above: Kopecks) -> bool:
    """Whether a bill is far above what the bills before it were."""
    bills = [bill for bill in earlier if bill > 0][:_BILLS]
    if len(bills) < _ENOUGH:
        return False
    total, number = sum(bills), len(bills)
    return owed * number > TIMES * total and owed * number - total > above * number


def day_in(month: date, day: int) -> date:
    """That day of the month, the last one where the month is shorter."""
    return month.replace(day=min(day, calendar.monthrange(month.year, month.month)[1]))


def moment_of(day: date, zone: ZoneInfo) -> datetime:
    """When money is taken on a day."""
    return datetime.combine(day, time(HOUR), zone)


def due_after(earliest: datetime, zone: ZoneInfo) -> datetime:
    """The next moment at which money is taken, from `earliest` on."""
    day = local_day(earliest, zone)
    at = moment_of(day, zone)
    return at if at >= earliest else moment_of(day + timedelta(days=1), zone)


def day_ahead(now: datetime, zone: ZoneInfo) -> date:
    """The day of which people are told from now on that money is taken."""
    return local_day(now + AHEAD - timedelta(hours=HOUR), zone)


def days_ending(day: date) -> tuple[int, int]:
    """The days of the month that autopays may name and that have come by `day`: `first, last`."""
    is_last = day == day_in(month_of(day), 31)
    return 1, 31 if is_last else day.day


def next_day(plan: Plan, now: datetime, zone: ZoneInfo) -> date | None:
    """The first day on which money is taken by a plan that begins now; None until a bill comes."""
    if plan.day is None:
        return None
    month = month_of(local_day(now, zone))
    if moment_of(day_in(month, plan.day), zone) <= now:
        month = add_months(month, 1)
    day = day_in(month, plan.day)
    return max(day, local_day(due_after(now + AHEAD, zone), zone))


#: What may be otherwise tomorrow.
_PASSES = frozenset(
    {
        Reason.NOT_ENOUGH_MONEY,
        Reason.LIMIT_REACHED,
        Reason.BANK_UNAVAILABLE,
        Reason.TIME_OVER,
        Reason.DECLINED,
    }
)
#: What this card will always be answered with.
_LASTS = frozenset(
    {
        Reason.PERMISSION_REVOKED,
        Reason.CARD_EXPIRED,
        Reason.CARD_RESTRICTED,
        Reason.COUNTRY_FORBIDDEN,
        Reason.WRONG_NUMBER,
    }
)


class Next(StrEnum):
    """What follows a payment that failed."""

    AGAIN = "again"
    #: Not this month any more.
    OVER = "over"
    #: Never again by this autopay.
    END = "end"


def after_failure(reason: Reason, attempts: int, failed_before: int) -> Next:
    """What follows; `failed_before` months in a row have failed before this one."""
    if reason in _LASTS:
        return Next.END
    if reason in _PASSES and attempts < TRIES:
        return Next.AGAIN
    return Next.END if failed_before + 1 >= MONTHS else Next.OVER


@dataclass(frozen=True, slots=True)
class Trial:
    """A month of the dry run."""

    #: When it would have been taken, a day; for «when the bill comes» the month after the bill's.
    day: date
    bill: Kopecks
    verdict: Verdict


def dry_run(
    plan: Plan, bills: Sequence[tuple[date, int]], today: date, bounds: Bounds
) -> list[Trial]:
    """What would have been taken in the twelve months before `today`, the newest first.

    `bills` are the months' sums, the newest first; each is taken as if it alone had been owed.
    """
    sums = dict(bills)
    found = []
    newest = month_of(today)
    if plan.day is not None and day_in(newest, plan.day) > today:
        newest = add_months(newest, -1)
    for back in range(12):
        month = add_months(newest, -back)
        day = day_in(month, plan.day or 1)
        of_bill = add_months(month, -1)
        earlier = [amount for period, amount in bills if period < of_bill]
        bill = Kopecks(sums.get(of_bill, 0))
        if of_bill in sums or plan.kind is Kind.FIXED:
            found.append(Trial(day, bill, judge(plan, bill, earlier, bounds)))
    return found


def total(trials: Sequence[Trial]) -> Kopecks:
    """What the dry run takes in all."""
    return Kopecks(sum(trial.verdict.amount for trial in trials if not trial.verdict.held))


def form_key(autopay_id: int, period: date, attempt: int) -> str:
    """What marks the order of an attempt: the same attempt is the same order, for ever."""
    return f"autopay-{autopay_id}-{period:%Y%m}-{attempt}"
