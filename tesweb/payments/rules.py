"""What becomes of an order: pure decisions about states, sums and times."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from tesweb.money import NOTHING, Kopecks
from tesweb.payments.models import State
from tesweb.payments.protocol import BankState, Reason, Report

#: A state is left for one of a higher rank only.
RANK: Mapping[State, int] = {
    State.CREATED: 0,
    State.SUBMITTING: 1,
    State.UNKNOWN: 2,
    State.PENDING: 3,
    State.AUTHORIZED: 4,
    State.FAILED: 5,
    State.CANCELED: 5,
    State.EXPIRED: 5,
    State.SUCCEEDED: 6,
    State.MISMATCHED: 6,
}
#: The bank may still take the money: ask it.
OPEN = frozenset({State.CREATED, State.SUBMITTING, State.UNKNOWN, State.PENDING, State.AUTHORIZED})
#: The bank has not taken the money, as far as is known.
LOST = frozenset({State.FAILED, State.CANCELED, State.EXPIRED})
#: Money came.
TAKEN = frozenset({State.SUCCEEDED, State.MISMATCHED})

_OF_BANK: Mapping[BankState, State] = {
    BankState.PENDING: State.PENDING,
    BankState.HELD: State.AUTHORIZED,
    BankState.PAID: State.SUCCEEDED,
    BankState.FAILED: State.FAILED,
    BankState.CANCELED: State.CANCELED,
    BankState.EXPIRED: State.EXPIRED,
}


class Alarm(StrEnum):
    """What a person at the supplier has to look at."""

    #: The sum or the currency is another one.
    AMOUNT = "amount"
    #: The bank calls the order by another number than before.
    REFERENCE = "reference"
    #: Money came after the payer had been told that it had not.
    LATE_SUCCESS = "late_success"
    #: The bank takes back that it was paid.
    TAKEN_BACK = "taken_back"
    #: Money went back that nobody here has asked for.
    FOREIGN_REFUND = "foreign_refund"
    #: More went back than had come.
    TOO_MUCH_REFUNDED = "too_much_refunded"
    #: A notification about an order that is not there.
    STRANGER = "stranger"
    #: The bank does not give money back that it should.
    REFUND_REFUSED = "refund_refused"
    #: An operator has put the register's line of it to an account before we knew it to be paid.
    BY_HAND = "by_hand"
    #: The bank's answers make no sense, or none comes for days.
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about an order."""

    state: State
    #: What the payer was asked for, the fee included.
    amount: Kopecks
    reference: str | None = None
    paid: Kopecks = NOTHING
    refunded: Kopecks = NOTHING


@dataclass(frozen=True, slots=True)
class Learned:
    """What a report changes: the new knowledge, and what has to be done about it."""

    known: Known
    #: Put the money to the accounts' credit.
    credit: bool = False
    #: Put this into suspense.
    suspense: Kopecks = NOTHING
    #: This much more than before has gone back.
    went_back: Kopecks = NOTHING
    reason: Reason | None = None
    alarms: frozenset[Alarm] = frozenset()


def learn(known: Known, report: Report) -> Learned:
    """What a bank's report means. The same reports in any order end in the same knowledge."""
    if known.reference is not None and report.reference != known.reference:
        return Learned(known, alarms=frozenset({Alarm.REFERENCE}))
    if known.state in TAKEN:
        return _learn_after(known, report)
    if report.state is BankState.PAID:
        return _learn_paid(known, report)
    state = _OF_BANK[report.state]
    if RANK[state] <= RANK[known.state]:
        state = known.state
    reason = report.reason if state in LOST else None
    return Learned(_changed(known, state, report), reason=reason)


def _learn_paid(known: Known, report: Report) -> Learned:
    alarms = {Alarm.LATE_SUCCESS} if known.state in LOST else set()
    if report.currency != "RUB" or report.paid != known.amount:
        # Foreign money has no place in the books; the alarm is all that can be done.
        paid = report.paid if report.currency == "RUB" else NOTHING
        state, suspense = State.MISMATCHED, paid
        alarms.add(Alarm.AMOUNT)
    else:
        paid, state, suspense = report.paid, State.SUCCEEDED, NOTHING
    now = Known(state, known.amount, report.reference, paid)
    later = _learn_after(now, report)
    return Learned(
        later.known,
        credit=state is State.SUCCEEDED,
        suspense=suspense,
        went_back=later.went_back,
        alarms=frozenset(alarms | later.alarms),
    )


def not_again(learned: Learned) -> Learned:
    """An operator has credited the same money: it waits in suspense for somebody who compares."""
    return replace(
        learned,
        known=replace(learned.known, state=State.MISMATCHED),
        credit=False,
        suspense=learned.known.paid,
        alarms=learned.alarms | {Alarm.BY_HAND},
    )


def _learn_after(known: Known, report: Report) -> Learned:
    """Once money came, only what went back can change."""
    if report.state is not BankState.PAID:
        lost = _OF_BANK[report.state] in LOST
        return Learned(known, alarms=frozenset({Alarm.TAKEN_BACK} if lost else ()))
    alarms = set()
    if report.currency == "RUB" and report.paid != known.paid:
        alarms.add(Alarm.AMOUNT)
    if report.refunded > known.paid:
        return Learned(known, alarms=frozenset(alarms | {Alarm.TOO_MUCH_REFUNDED}))
    refunded = Kopecks(max(known.refunded, report.refunded))
    now = Known(known.state, known.amount, report.reference, known.paid, refunded)
    went_back = Kopecks(refunded - known.refunded)
    return Learned(now, went_back=went_back, alarms=frozenset(alarms))


def _changed(known: Known, state: State, report: Report) -> Known:
    return Known(state, known.amount, report.reference, known.paid, known.refunded)


#: When an order is asked about after it was last asked about in vain.
_PAUSES = (
    timedelta(seconds=5),
    timedelta(seconds=15),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(hours=1),
)
_DAY = timedelta(days=1)
#: After so many looks, a week and more, a person has to look.
PATIENCE = len(_PAUSES) + 7


def pause_after(looks: int) -> timedelta:
    """How long to wait after the order was looked at so many times: 5 s at first, days at last."""
    return _PAUSES[looks] if looks < len(_PAUSES) else _DAY


#: Nothing below can be paid unless a region says otherwise (50 ₽).
LEAST = Kopecks(50_00)


class BadAmount(ValueError):
    """The sum cannot be paid; which bound it breaks is in `least` or `most`."""

    def __init__(self, *, least: Kopecks | None = None, most: Kopecks | None = None) -> None:
        """Carry the bound that is broken."""
        super().__init__("the sum is out of bounds")
        self.least = least
        self.most = most


def check_amount(amount: Kopecks, least: Kopecks, most: Kopecks) -> None:
    """Raise BadAmount for a sum below the least or above the most."""
    if amount < least:
        raise BadAmount(least=least)
    if amount > most:
        raise BadAmount(most=most)


def suggested(balance: Kopecks) -> Kopecks:
    """What stands in the field: what is owed, nothing where nothing is."""
    return Kopecks(max(0, balance))


@dataclass(frozen=True, slots=True)
class Source:
    """An order whose money can go back."""

    order_id: int
    #: As much of it.
    most: Kopecks


@dataclass(frozen=True, slots=True)
class Back:
    """Whose money a refund has taken that nobody here asked for."""

    accounts: dict[int, Kopecks]
    #: Of what the payer had paid on top.
    fee: Kopecks = NOTHING
    #: A person has to find out.
    unknown: Kopecks = NOTHING


def shares_back(amount: Kopecks, credited: Mapping[int, Kopecks], fee: Kopecks) -> Back:
    """Whose the money is, by what an order has credited to each account so far, and its fee.

    Everything that was left, with the fee or without it, is each account's own share. A part is
    clear where the order was for one account.
    """
    left = {account_id: most for account_id, most in credited.items() if most > 0}
    total = sum(left.values())
    if amount in {total, total + fee}:
        return Back(left, Kopecks(amount - total))
    if len(left) != 1:
        return Back({}, unknown=amount)
    (account_id,) = left
    part = Kopecks(min(amount, total))
    of_fee = Kopecks(min(amount - part, fee))
    return Back({account_id: part}, of_fee, Kopecks(amount - part - of_fee))


def split(amount: Kopecks, sources: Iterable[Source]) -> list[tuple[int, Kopecks]]:
    """Which orders give how much back, in the order of the sources; less than asked if need be."""
    parts, left = [], int(amount)
    for source in sources:
        part = min(left, source.most)
        if part > 0:
            parts.append((source.order_id, Kopecks(part)))
            left -= part
    return parts
