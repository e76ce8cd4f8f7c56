"""What the clock does: people are told a day ahead, money is taken, what came of it is written.

A month of an autopay is one row, which each step changes only where it is still as it was; an
attempt's order has a key that the attempt alone can have. So two processes, or one that is killed
and started again, take money once.
"""

import hmac
import logging
import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from tesweb.autopay import letters
from tesweb.autopay.rules import (
    AGAIN,
    AHEAD,
    MONTHS,
    Bounds,
    End,
    Kind,
    Next,
    after_failure,
    day_ahead,
    day_in,
    days_ending,
    due_after,
    form_key,
    judge,
    moment_of,
)
from tesweb.autopay.services import end, end_of, plan_of
from tesweb.autopay.statements import (
    BALANCE,
    BEGIN_ATTEMPT,
    BROKEN,
    BROKEN_ONE,
    DUE_RUNS,
    FAILED_MONTHS,
    GO_ON,
    INSERT_RUN,
    SET_RUN,
    WHOLE,
    WITH_A_BILL,
    WITH_A_DAY,
)
from tesweb.clock import add_months, local_day, month_of
from tesweb.current import core
from tesweb.ledger.statements import CHARGED
from tesweb.money import Kopecks
from tesweb.payments import engine
from tesweb.payments.models import State
from tesweb.payments.protocol import Reason, Unclear, Way
from tesweb.payments.rules import LOST, TAKEN, BadAmount
from tesweb.payments.services import (
    Changed,
    NotPlaced,
    OwesLess,
    PayerLocked,
    UnderWay,
    Wish,
    place,
)
from tesweb.payments.statements import ORDER, ORDER_OF_FORM

log = logging.getLogger(__name__)
#: As many are taken at a time.
_MOST = 200
#: How long people are told at a stretch, in seconds.
_PATIENCE = 30
#: How long nobody else goes on with a month that somebody is at.
_LEASE = timedelta(seconds=60)
#: How long to wait where somebody is just paying by hand.
_BUSY = timedelta(hours=1)
#: Bills are looked for so many months back; as many are needed to know what is usual.
_MONTHS = 12

Row = Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt has come to."""

    state: str
    order_id: int | None = None
    #: When to go on; None where nothing is to be done any more.
    at: datetime | None = None
    #: Why it failed: one of `protocol.Reason`.
    reason: str = ""


def remind() -> int:
    """End what must not go on, and tell people whose day is tomorrow; how many were told.

    What half a minute does not suffice for is left to the next time: payments wait meanwhile.
    """
    _end_broken()
    end_at, told = time.monotonic() + _PATIENCE, 0
    while True:
        begun = _begin_some()
        told += begun
        if not begun or time.monotonic() > end_at:
            return told


def _begin_some() -> int:
    """Begin months that are due to be told, some of each region; how many were begun."""
    now, begun = core().clock.now(), 0
    for region in core().regions.values():
        day = day_ahead(now, region.timezone)
        first, last = days_ending(day)
        asked = {"region": region.name, "first": first, "last": last, "period": month_of(day)}
        with core().database.read() as reader:
            found = [row.id for row in reader.execute(WITH_A_DAY, asked | {"most": _MOST})]
        begun += sum(_begun(autopay_id, month_of(day)) for autopay_id in found)
    since = add_months(month_of(local_day(now, core().default_region.timezone)), -_MONTHS)
    with core().database.read() as reader:
        bills = reader.execute(WITH_A_BILL, {"since": since, "most": _MOST}).all()
    return begun + sum(_begun(row.id, add_months(row.bill, 1)) for row in bills)


def sweep() -> int:
    """Go on with every month that is due; how many."""
    values = {"moment": core().clock.now(), "most": _MOST}
    with core().database.read() as reader:
        due = reader.execute(DUE_RUNS, values).all()
    for row in due:
        _carry(row.autopay_id, row.period)
    return len(due)


def bounds_of(region: str) -> Bounds:
    """What the region says about sums."""
    facts = core().region(region).facts.payment
    return Bounds(Kopecks(facts.least), Kopecks(facts.unusual))


def bills_of(reader: Connection, account_id: int, since: date) -> list[tuple[date, int]]:
    """The bills of an account by month, the newest first."""
    asked = {"account_id": account_id, "since": since}
    return [(row.period, int(row.amount)) for row in reader.execute(CHARGED, asked)]


def _end_broken() -> None:
    with core().database.read() as reader:
        found = reader.execute(BROKEN).all()
    for row in found:
        with core().database.work() as work:
            end(work, row.id, end_of(row))


def _begun(autopay_id: int, period: date) -> int:
    """Begin a month; not now where the gateway cannot say what it will cost."""
    try:
        return _begin(autopay_id, period)
    except Unclear as error:
        log.warning("autopay %d: %s", autopay_id, error)
        return 0


def _begin(autopay_id: int, period: date) -> int:
    """Write the month down and tell what will be taken, or why nothing is; 0 where it was there."""
    now = core().clock.now()
    with core().database.work() as work:
        row = work.execute(WHOLE, {"autopay_id": autopay_id}).one()
        if row.live_account_id is None:
            return 0
        region = core().region(row.region)
        due = due_after(now + AHEAD, region.timezone)
        if row.day is not None:
            due = max(now + AHEAD, moment_of(day_in(period, row.day), region.timezone))
        since = add_months(period, -_MONTHS)
        earlier = [amount for _month, amount in bills_of(work, row.account_id, since)]
        found = judge(plan_of(row), Kopecks(row.balance), earlier[1:], bounds_of(row.region))
        run = {
            "autopay_id": autopay_id,
            "period": period,
            "state": found.state,
            "amount": found.amount,
            "moment": now,
            "due": due if found.state == "noticed" else None,
            "reason": found.held.value if found.held else "",
        }
        if work.execute(INSERT_RUN, run).first() is None:
            return 0
        if found.held:
            letters.tell(work, row, period, "held", found.amount, held=found.held.value)
        elif found.amount:
            total = Kopecks(found.amount + _fee(row.gateway, found.amount))
            letters.tell(work, row, period, "notice", total, due=due.isoformat())
    return 1


def _fee(gateway: str | None, amount: Kopecks) -> Kopecks:
    teller = core().gateways.get(gateway or "")
    return Kopecks(0) if teller is None else teller.terms(amount, Way.CARD).fee


def _carry(autopay_id: int, period: date) -> None:
    """Go on with a month: an order for its attempt, what the bank says, what follows."""
    now = core().clock.now()
    this = {"which": autopay_id, "month": period, "moment": now, "until": now + _LEASE}
    with core().database.work() as work:
        run = work.execute(BEGIN_ATTEMPT, this).first() or work.execute(GO_ON, this).first()
        row = work.execute(WHOLE, {"autopay_id": autopay_id}).one()
    if run is None:
        return
    for attempt in range(1, run.attempts):
        # What failed yesterday may have come through since.
        earlier = _order_of(autopay_id, period, attempt)
        if earlier is not None and engine.advance(earlier, hurry=True) in TAKEN:
            _write(run, Outcome("paid", earlier))
            return
    order_id = _order_of(autopay_id, period, run.attempts)
    if order_id is None:
        order_id = _place(run, row)
    if order_id is not None:
        _judge(run, row, order_id, engine.advance(order_id))


def _order_of(autopay_id: int, period: date, attempt: int) -> int | None:
    asked = {"form_key": form_key(autopay_id, period, attempt)}
    with core().database.read() as reader:
        found = reader.execute(ORDER_OF_FORM, asked).first()
    return None if found is None else int(found.id)


def _place(run: Row, row: Row) -> int | None:
    """The order of the attempt; None where there is none, and what follows is written."""
    if not _may_go_on(run, row):
        return None
    amount = _sum_now(run, row)
    if amount is None:
        _write(run, Outcome("nothing"))
        return None
    wish = Wish(
        user_id=row.user_id,
        shares={row.account_id: amount},
        gateway=row.gateway,
        way=Way.CARD,
        contact=letters.contact_of(row),
        form_key=form_key(run.autopay_id, run.period, run.attempts),
        language=row.language,
        card_id=row.card_id,
        key=_key(run, row),
        within_debt=row.kind != Kind.FIXED,
    )
    return _write_down(run, row, wish)


def _key(run: Row, row: Row) -> UUID:
    """The same key for the same attempt, also where our database was put back to before it.

    The bank then knows that it has taken the money. An autopay of a new database is another one.
    """
    mark = form_key(run.autopay_id, run.period, run.attempts)
    words = f"{mark} {row.user_id} {row.account_id} {row.started_at.isoformat()}"
    secret = core().settings.secret_key.get_secret_value().encode()
    return UUID(bytes=hmac.digest(secret, words.encode(), "sha256")[:16], version=4)


def _write_down(run: Row, row: Row, wish: Wish) -> int | None:
    try:
        return place(wish).order_id
    except (Changed, IntegrityError):
        log.info("autopay %d: its order is being made elsewhere", run.autopay_id)
    except UnderWay:
        _write(run, Outcome("charging", at=core().clock.now() + _BUSY))
    except OwesLess:
        # It was paid by hand a moment ago: what is owed now is asked at the next look.
        _write(run, Outcome("charging", at=core().clock.now()))
    except PayerLocked:
        _finish(run, End.FROZEN)
    except BadAmount:
        _fail(run, row, None, Reason.LIMIT_REACHED)
    except NotPlaced:
        _fail(run, row, None, Reason.BANK_UNAVAILABLE)
    return None


def _may_go_on(run: Row, row: Row) -> bool:
    """Whether it is still allowed; where it is not, it ends."""
    with core().database.read() as reader:
        broken = reader.execute(BROKEN_ONE, {"autopay_id": run.autopay_id}).first()
    if broken is not None:
        _finish(run, end_of(broken))
    elif row.live_account_id is None:
        _write(run, Outcome("skipped"))
    return broken is None and row.live_account_id is not None


def _sum_now(run: Row, row: Row) -> Kopecks | None:
    """What is taken: never more than was told, and of a bill no more than is still owed."""
    if row.kind == Kind.FIXED:
        return Kopecks(run.amount)
    with core().database.read() as reader:
        owed = int(reader.execute(BALANCE, {"account_id": row.account_id}).scalar_one())
    amount = Kopecks(min(run.amount, owed))
    return amount if amount >= bounds_of(row.region).least else None


def _judge(run: Row, row: Row, order_id: int, state: State) -> None:
    """Write down what became of the attempt's order."""
    if state in TAKEN:
        _write(run, Outcome("paid", order_id))
        return
    with core().database.read() as reader:
        order = reader.execute(ORDER, {"order_id": order_id}).one()
    if state in LOST:
        said = order.reason
        reason = Reason(said) if said in set(Reason) else Reason.BANK_UNAVAILABLE
        _fail(run, row, order_id, reason)
    else:
        # One that the clock has given up is a person's; what they find out is seen the day after.
        again = _LEASE if order.ask_at else AGAIN
        _write(run, Outcome("charging", order_id, core().clock.now() + again))


def _fail(run: Row, row: Row, order_id: int | None, reason: Reason) -> None:
    """Try again tomorrow, or give up, and say which and why."""
    now = core().clock.now()
    with core().database.work() as work:
        current = work.execute(WHOLE, {"autopay_id": run.autopay_id}).one()
        if current.live_account_id is None:
            _set(work, run, Outcome("skipped", order_id))
            return
        then = after_failure(reason, run.attempts, _failed_before(work, run))
        at = now + AGAIN if then is Next.AGAIN else None
        state = "noticed" if then is Next.AGAIN else "failed"
        if not _set(work, run, Outcome(state, order_id, at, reason.value)):
            return
        due = at.isoformat() if at else ""
        facts = {"then": then.value, "reason": reason.value, "due": due, "attempt": run.attempts}
        letters.tell(work, row, run.period, "failed", Kopecks(run.amount), **facts)
        if then is Next.END:
            end(work, run.autopay_id, End.FAILURES)


def _failed_before(work: Connection, run: Row) -> int:
    """How many months in a row have failed before this one."""
    since = add_months(run.period, -MONTHS)
    asked = {"autopay_id": run.autopay_id, "period": run.period, "since": since}
    failed = {row.period for row in work.execute(FAILED_MONTHS, asked)}
    months = [add_months(run.period, -back) for back in range(1, MONTHS + 1)]
    return next((count for count, month in enumerate(months) if month not in failed), MONTHS)


def _finish(run: Row, why: End) -> None:
    """Nothing is taken, and the autopay ends."""
    with core().database.work() as work:
        _set(work, run, Outcome("skipped"))
        end(work, run.autopay_id, why)


def _write(run: Row, outcome: Outcome) -> None:
    with core().database.work() as work:
        _set(work, run, outcome)


def _set(work: Connection, run: Row, outcome: Outcome) -> bool:
    """Whether it was still this attempt's to write."""
    values = {
        "which": run.autopay_id,
        "month": run.period,
        "attempt": run.attempts,
        "state_now": outcome.state,
        "order_now": outcome.order_id,
        "at": outcome.at,
        "why": outcome.reason,
    }
    return bool(work.execute(SET_RUN, values).rowcount)
