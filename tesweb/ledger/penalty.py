"""What late payment costs (пени): ЖК РФ, ст. 155, ч. 14. Pure decisions; an estimate for the page.

The law says what a day costs and not how to round: here each debt is added up exactly and rounded
once, half up. The day of the payment counts as a day of delay, as courts see it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from tesweb.money import Kopecks

#: Days of delay that cost nothing, and those that cost 1/300 of the rate; later ones cost 1/130.
_FREE, _CHEAP = 30, 90
#: No rate above that of 27 February 2022 (ПП РФ 474 of 26.03.2022, 2382 of 28.12.2023, 329 of
#: 18.03.2025), and the first day on which the key rate is taken as it is again.
CAP, CAP_ENDS = Decimal("9.5"), date(2027, 1, 1)
#: Days that cost nothing, the last included (ПП РФ 424 of 02.04.2020, 497 of 28.03.2022).
MORATORIA = (
    (date(2020, 4, 6), date(2021, 1, 1)),
    (date(2022, 4, 1), date(2022, 10, 1)),
)


@dataclass(frozen=True, slots=True)
class Debt:
    """A bill, the last day on which it could be paid in time, and what was paid of it when."""

    amount: Kopecks
    due: date
    paid: tuple[tuple[date, Kopecks], ...] = ()

    @property
    def left(self) -> Kopecks:
        """What is still unpaid."""
        return Kopecks(self.amount - sum(sum_ for _, sum_ in self.paid))


def penalty(debt: Debt, on: date, rate: Decimal) -> Kopecks:
    """What the debt has cost by the end of the day `on`, at a rate of percent a year."""
    cheap = dear = 0
    changes = [debt.due + timedelta(days=days) for days in (_FREE, _CHEAP)]
    changes += [day for day, _ in debt.paid]
    changes += [edge for first, last in MORATORIA for edge in (first - timedelta(days=1), last)]
    # Between two of these days nothing changes; each stretch begins with the day after one.
    ends = sorted({day for day in changes if debt.due < day < on} | {on})
    before = debt.due
    for end in ends:
        days = (end - before).days
        unpaid = debt.amount - sum(sum_ for day, sum_ in debt.paid if day <= before)
        if days > 0 and unpaid > 0 and not _is_free(debt.due, end):
            if (end - debt.due).days <= _CHEAP:
                cheap += unpaid * days
            else:
                dear += unpaid * days
        before = end
    exact = (Fraction(cheap, 300) + Fraction(dear, 130)) * Fraction(rate) / 100
    return Kopecks(int(exact + Fraction(1, 2)))


def _is_free(due: date, day: date) -> bool:
    return (day - due).days <= _FREE or any(first <= day <= last for first, last in MORATORIA)


def penalty_rate(key_rates: Iterable[tuple[date, Decimal]], on: date) -> Decimal | None:
    """The rate for what is paid on a day, percent a year; None where the key rate is not known.

    `key_rates` are those of the Bank of Russia, each with its first day. Where none is known, the
    cap is taken while it lasts: the key rate has been above it since 2023.
    """
    known = key_rate(key_rates, on)
    if date(2022, 2, 27) <= on < CAP_ENDS:
        return CAP if known is None else min(CAP, known)
    return known


def key_rate(key_rates: Iterable[tuple[date, Decimal]], on: date) -> Decimal | None:
    """The key rate in force on a day; None before the first that is known."""
    known = [(since, percent) for since, percent in key_rates if since <= on]
    return max(known)[1] if known else None


def debts(
    charged: Iterable[tuple[date, int]],
    paid: Iterable[tuple[date, int]],
    due_date: Callable[[date], date],
) -> list[Debt]:
    """The bills with what was paid of each; both are given oldest first, by month and by day.

    Money goes to the oldest bill (ГК РФ, ст. 319.1, п. 3). A recalculation in the customer's favour
    is money too; money that went back to the payer was not paid.
    """
    bills = [(month, amount) for month, amount in charged if amount > 0]
    moves = [(month, -amount) for month, amount in charged if amount < 0]
    money = _kept(sorted([*moves, *paid]))
    found = []
    for month, amount in bills:
        parts: list[tuple[date, Kopecks]] = []
        left = amount
        while left and money:
            day, sum_ = money.pop(0)
            taken = min(left, sum_)
            parts.append((day, Kopecks(taken)))
            left -= taken
            if sum_ > taken:
                money.insert(0, (day, sum_ - taken))
        found.append(Debt(Kopecks(amount), due_date(month), tuple(parts)))
    return found


def _kept(moves: Iterable[tuple[date, int]]) -> list[tuple[date, int]]:
    """What came and stayed: what went back takes the newest money before it along, or the next."""
    kept: list[tuple[date, int]] = []
    for move in moves:
        kept.append(move)
        while len(kept) > 1 and min(kept[-1][1], kept[-2][1]) <= 0:
            (day, new), (before, old) = kept.pop(), kept.pop()
            kept.append((before if old > 0 else day, old + new))
    return [(day, amount) for day, amount in kept if amount > 0]
