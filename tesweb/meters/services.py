"""Taking readings in; each function is one transaction or works within the caller's."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from tesweb.clock import local_day
from tesweb.current import core
from tesweb.meters.dials import Standing
from tesweb.meters.models import Source, State
from tesweb.meters.rules import Judgement, Limits, RegisterId, Verdict, judge_all
from tesweb.meters.statements import (
    INSERT_READINGS,
    INSERT_RECEIPT,
    RECEIPT_OF_ID,
    RECEIPT_OF_KEY,
    SUPERSEDE,
    find_standing,
    hold,
)
from tesweb.regions.region import Region

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Submission:
    """What a person sends: a value for each register of one or more of the account's meters."""

    account_id: int
    user_id: int
    #: Made with the form, at most 64 characters: the same key again is the same submission.
    key: str
    values: Mapping[RegisterId, Decimal]
    #: `Standing.mark` of what the person had before the eyes.
    seen: str
    #: The doubts that the person has said are right.
    confirmed: frozenset[tuple[RegisterId, Verdict]] = field(default=frozenset())


@dataclass(frozen=True, slots=True)
class Accepted:
    """The proof that readings were taken."""

    #: The number that the person gets.
    receipt_id: int
    period: date
    accepted_at: datetime
    #: They had been taken before; nothing was written now.
    is_replay: bool = False


@dataclass(frozen=True, slots=True)
class Now:
    """The present moment and the calendar day it is in a region."""

    moment: datetime
    day: date

    @classmethod
    def in_region(cls, region: Region) -> "Now":
        """By the application's clock."""
        moment = core().clock.now()
        return cls(moment, local_day(moment, region.timezone))


class NotAccepted(Exception):
    """Nothing was written."""


class ChangedMeanwhile(NotAccepted):
    """Somebody else sent readings, or billing did, while the person filled in the form."""

    def __init__(self, standing: Standing) -> None:
        """Carry what is there now."""
        super().__init__("the readings have changed meanwhile")
        self.standing = standing


class Doubted(NotAccepted):
    """A value is refused, or a doubt was not confirmed."""

    def __init__(self, judgements: Sequence[Judgement]) -> None:
        """Carry the verdict on each value."""
        super().__init__("refused, or a doubt not confirmed")
        self.judgements = judgements


class MonthClosed(NotAccepted):
    """A later month has a reading already, so that only billing can put one in before it."""

    def __init__(self, later: date) -> None:
        """Carry the later month."""
        super().__init__(f"there is a reading for {later:%Y-%m}")
        self.later = later


class SenderLocked(NotAccepted):
    """The sender's cabinet was locked after the request had begun."""


class KeyTaken(NotAccepted):
    """Another account's submission has this key; an honest form never makes one twice."""


class Incomplete(NotAccepted):
    """The values are not those of the registers that the account has."""


def accept(submission: Submission, region: Region, limits: Limits) -> Accepted:
    """Take a resident's readings for the month that today counts for in the region.

    The same key, and the same values once more, give the same receipt and write nothing. Raises
    what NotAccepted stands for, and BadValue for a value that its register cannot show.
    """
    now = Now.in_region(region)
    period = region.period_for(now.day)
    try:
        with core().database.work() as work:
            hold(work, submission.account_id)
            standing = find_standing(work, submission.account_id, period)
            if standing.mark == submission.seen:
                judged = _judge(submission, standing, limits)
                return _write(work, submission, judged, period, now)
            return _accept_late(work, submission, standing)
    except IntegrityError as error:
        log.info("receipt key %s was there already", submission.key)
        refused = error
    with core().database.work() as work:
        hold(work, submission.account_id)
        standing = find_standing(work, submission.account_id, period)
        try:
            return _accept_late(work, submission, standing)
        except ChangedMeanwhile:
            if standing.mark == submission.seen:  # nobody was faster: it is a fault of ours
                raise refused from None
            raise


@dataclass(frozen=True, slots=True)
class Entry:
    """A reading that the supplier puts in."""

    account_id: int
    register: RegisterId
    value: Decimal
    read_on: date
    source: Source
    #: kWh to charge where they do not follow from the values, as after a slip; else None.
    consumed: Decimal | None = None


class LowerThanBefore(NotAccepted):
    """The value is lower than the one before; the supplier has to say what was consumed."""

    def __init__(self, register: RegisterId, rolled_over: Decimal) -> None:
        """Carry the register, and the kWh it would be if the dial had started at zero again."""
        super().__init__(f"register {register} is lower than before")
        self.register = register
        self.rolled_over = rolled_over


def record(work: Connection, entry: Entry, region: Region) -> date:
    """Put in a reading within the given unit of work and return the month it counts for.

    No doubt is asked about: somebody has looked. Raises LookupError for a register that the account
    does not have, MonthClosed, LowerThanBefore, and BadValue for what it cannot show.
    """
    hold(work, entry.account_id)
    standing = find_standing(work, entry.account_id, region.period_for(entry.read_on))
    dial = next((dial for dial in standing.dials if dial.id == entry.register), None)
    if dial is None:
        raise LookupError(entry.register)
    if standing.later is not None:
        raise MonthClosed(standing.later)
    judgement = judge_all([dial], {dial.id: entry.value}, Limits())[0]
    if entry.consumed is None and judgement.value < dial.previous:
        raise LowerThanBefore(dial.id, judgement.consumed)
    consumed = judgement.consumed if entry.consumed is None else entry.consumed
    _supersede(work, entry.account_id, standing.period, [judgement])
    row = _row(entry.account_id, standing.period, judgement, entry.read_on)
    work.execute(INSERT_READINGS, [row | {"consumed": consumed, "source": entry.source.value}])
    return standing.period


def _accept_late(work: Connection, submission: Submission, standing: Standing) -> Accepted:
    """What is left when somebody was faster: the same submission, or another one."""
    known = _known(work, submission) or _the_same(work, submission, standing)
    if known is None:
        raise ChangedMeanwhile(standing)
    return known


def _known(connection: Connection, submission: Submission) -> Accepted | None:
    """The receipt of this key, if there is one."""
    found = connection.execute(RECEIPT_OF_KEY, {"key": submission.key}).first()
    if found is None:
        return None
    if found.account_id != submission.account_id:
        raise KeyTaken
    return Accepted(found.id, found.period, found.accepted_at, is_replay=True)


def _the_same(
    connection: Connection, submission: Submission, standing: Standing
) -> Accepted | None:
    """The receipt with which just these values were taken: the form was sent from another tab."""
    dials = [dial for dial in standing.dials if dial.id in submission.values]
    numbers = {dial.receipt_id for dial in dials}
    equal = all(dial.settled(submission.values[dial.id]) == dial.present for dial in dials)
    if len(dials) != len(submission.values) or not equal or len(numbers) != 1 or None in numbers:
        return None
    asked = {"id": numbers.pop(), "account_id": submission.account_id}
    found = connection.execute(RECEIPT_OF_ID, asked).one()
    return Accepted(found.id, found.period, found.accepted_at, is_replay=True)


def _judge(submission: Submission, standing: Standing, limits: Limits) -> tuple[Judgement, ...]:
    if standing.later is not None:
        raise MonthClosed(standing.later)
    chosen = {meter_no for meter_no, _ in submission.values}
    dials = [dial for dial in standing.dials if dial.meter_no in chosen]
    if not dials or {dial.id for dial in dials} != submission.values.keys():
        raise Incomplete
    judgements = judge_all(dials, submission.values, limits)
    for each in judgements:
        agreed = (each.dial.id, each.verdict) in submission.confirmed
        if each.is_refused or (each.is_to_confirm and not agreed):
            raise Doubted(judgements)
    return judgements


def _write(
    work: Connection, submission: Submission, judged: Sequence[Judgement], period: date, now: Now
) -> Accepted:
    receipt = {
        "key": submission.key,
        "account_id": submission.account_id,
        "user_id": submission.user_id,
        "accepted_at": now.moment,
        "period": period,
    }
    receipt_id = work.execute(INSERT_RECEIPT, receipt).scalar()
    if receipt_id is None:
        raise SenderLocked
    _supersede(work, submission.account_id, period, judged)
    rows = [_row(submission.account_id, period, each, now.day) for each in judged]
    work.execute(INSERT_READINGS, [row | {"receipt_id": receipt_id} for row in rows])
    return Accepted(receipt_id, period, now.moment)


def _supersede(
    work: Connection, account_id: int, period: date, judgements: Sequence[Judgement]
) -> None:
    stale = [
        {
            "of_account": account_id,
            "of_period": period,
            "of_meter": each.dial.meter_no,
            "of_register": each.dial.register_no,
        }
        for each in judgements
        if each.dial.version
    ]
    if stale:
        work.execute(SUPERSEDE, stale)


def _row(account_id: int, period: date, judgement: Judgement, read_on: date) -> dict[str, object]:
    dial = judgement.dial
    return {
        "account_id": account_id,
        "period": period,
        "meter_no": dial.meter_no,
        "register_no": dial.register_no,
        "version": dial.last_version + 1,
        "value": judgement.value,
        "consumed": judgement.consumed,
        "read_on": read_on,
        "source": Source.RESIDENT.value,
        "state": State.ACCEPTED.value,
        "receipt_id": None,
    }
