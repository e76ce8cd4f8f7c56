"""What moves an order on: it is given to the bank, the bank is asked, what it says is written.

No transaction is open while a bank is called. Every way back from the bank, its page, a
notification, the clock, ends in `advance`, and every change in `_write`: one transaction for the
state, the books, the accounts and the messages.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from tesweb.current import core
from tesweb.money import Kopecks
from tesweb.payments import effects, wallet
from tesweb.payments.gateways import Teller
from tesweb.payments.models import State
from tesweb.payments.orders import as_order
from tesweb.payments.protocol import (
    Code,
    GatewayError,
    Order,
    Redirect,
    Refused,
    Report,
    Started,
    Unknown,
)
from tesweb.payments.returned import went_back
from tesweb.payments.rules import (
    OPEN,
    PATIENCE,
    RANK,
    TAKEN,
    Alarm,
    Known,
    Learned,
    learn,
    pause_after,
)
from tesweb.payments.statements import (
    ACCOUNT_IDS,
    CLAIM,
    HOLD_ACCOUNTS,
    HOLD_ORDER,
    IS_FISCAL_OPEN,
    ORDER,
    SET_ASK,
    SET_KNOWN,
    SET_STEP,
)

log = logging.getLogger(__name__)
#: How long nobody else asks the bank about an order that somebody is asking about.
LEASE = timedelta(seconds=60)
#: How often pages that wait may ask the bank about one order.
_BREATH = timedelta(seconds=2)

Row = Any
Decide = Callable[[Known], Learned]


class Heard(Enum):
    """What came of a question to a bank."""

    #: Nobody was asked: somebody else is just doing so, or the order's turn has not come.
    NOTHING = auto()
    SILENCE = auto()
    ANSWER = auto()


def advance(order_id: int, *, hurry: bool = False) -> State:
    """Move the order on, as `ask`; the state afterwards."""
    return ask(order_id, hurry=hurry)[0]


def ask(order_id: int, *, hurry: bool = False) -> tuple[State, Heard]:
    """Move the order on by one question to its bank: the state afterwards, and what was heard.

    Does nothing where somebody is just doing so, or its turn has not come; `hurry` is for somebody
    who waits, and for a notification. Raises LookupError for an order that does not exist.
    """
    now = core().clock.now()
    due = datetime.max.replace(tzinfo=now.tzinfo) if hurry else now
    values = {"order_id": order_id, "moment": now, "due": due, "until": now + LEASE}
    with core().database.work() as work:
        row = work.execute(CLAIM, values).first()
        order = None if row is None else as_order(work, row)
    if row is None or order is None:
        return state_of(order_id), Heard.NOTHING
    teller = core().gateways.get(row.gateway)
    if teller is None:
        return _put_off(order_id, f"there is no gateway {row.gateway}"), Heard.SILENCE
    try:
        given = _give(row, order, teller) if _may_be_given(row, teller, now) else None
        if given is None:
            report = teller.report(order)
            given = _write(order_id, lambda known: learn(known, report), report)
    except Unknown:
        given = _not_there(row)
    except GatewayError as error:
        return _put_off(order_id, str(error)), Heard.SILENCE
    return given, Heard.ANSWER


def state_of(order_id: int) -> State:
    """How far the order has come. Raises LookupError."""
    with core().database.read() as reader:
        row = reader.execute(ORDER, {"order_id": order_id}).first()
    if row is None:
        raise LookupError(order_id)
    return State(row.state)


def learn_of(order_id: int, report: Report) -> State:
    """Write down what a report says that has come by another way: a bank's register."""
    return _write(order_id, lambda known: learn(known, report), report)


def _may_be_given(row: Row, teller: Teller, now: datetime) -> bool:
    """Whether the bank still knows the order's key, so that giving it twice is once."""
    is_new = row.reference is None and row.state in {State.SUBMITTING, State.UNKNOWN}
    return bool(is_new and now < row.submitted_at + teller.key_lives)


def _give(row: Row, order: Order, teller: Teller) -> State | None:
    """Give the order to its bank; None where that cannot be done again, and it may have it."""
    try:
        if row.card_id is None:
            return _take_note(row.id, teller.start(order))
        with core().database.read() as reader:
            card = wallet.opened(reader, row.id)
        return _take_note(row.id, teller.charge(order, card))
    except Refused as refused:
        reason = refused.reason
    except LookupError:
        if row.submitted_at < core().clock.now():
            return None
        reason = Refused().reason
    return _write(
        row.id, lambda known: Learned(_risen(known, State.FAILED), reason=reason), report=None
    )


def _take_note(order_id: int, started: Started | str) -> State:
    reference = started if isinstance(started, str) else started.reference
    try:
        return _write(order_id, lambda known: _begun(known, reference), None, started)
    except IntegrityError:
        # The bank has given the number of another order.
        with core().database.work() as work:
            moment = core().clock.now()
            effects.remark(work, Alarm.REFERENCE, effects.subject_of(order_id), moment)
        return _put_off(order_id, "its reference belongs to another order")


def _begun(known: Known, reference: str) -> Learned:
    if known.reference not in {None, reference}:
        return Learned(known, alarms=frozenset({Alarm.REFERENCE}))
    return Learned(_risen(known, State.PENDING, reference))


def _risen(known: Known, state: State, reference: str | None = None) -> Known:
    """The order in a state that it may rise to, with nothing else changed."""
    state = max(known.state, state, key=lambda each: RANK[each])
    return Known(state, known.amount, reference or known.reference, known.paid, known.refunded)


def _not_there(row: Row) -> State:
    """The bank is sure that it has no such order."""
    if row.reference is not None:
        return _put_off(row.id, "the bank has forgotten it")
    return _write(row.id, lambda known: Learned(_risen(known, State.EXPIRED)), report=None)


def _put_off(order_id: int, why: str) -> State:
    """No answer: ask again later, and after a week call somebody."""
    log.warning("order %d: %s", order_id, why)
    now = core().clock.now()
    with core().database.work() as work:
        row = _hold(work, order_id)[0]
        state = State(row.state)
        is_first = state is State.SUBMITTING
        if is_first:
            state = State.UNKNOWN
        looks, at = _next_look(work, row, state, now, is_news=is_first)
        values = {"order_id": order_id, "state": state.value, "at": at, "seen": looks}
        work.execute(SET_ASK, values | {"until": now + _BREATH})
    return state


def _next_look(
    work: Connection, row: Row, state: State, now: datetime, *, is_news: bool
) -> tuple[int, datetime | None]:
    """How often the clock has asked in vain by now, and when it asks again; None for no more.

    Whoever waits before a page asks every few seconds: that is not the clock's patience.
    """
    is_open = state in OPEN
    if not is_open and not work.execute(IS_FISCAL_OPEN, {"order_id": row.id}).scalar():
        return row.looks, None
    if is_news or (row.ask_at is None and not is_open):
        return 0, now + pause_after(0)
    if row.ask_at is None or row.ask_at > now:
        return row.looks, row.ask_at
    looks = row.looks + 1
    if looks < PATIENCE:
        return looks, now + pause_after(looks)
    if is_open:
        effects.sound(work, Alarm.UNCLEAR, effects.subject_of(row.id), now)
    return looks, None


def _hold(work: Connection, order_id: int) -> tuple[Row, list[int]]:
    """The order, with its accounts and itself held until the unit of work ends."""
    ids = [row.account_id for row in work.execute(ACCOUNT_IDS, {"order_id": order_id})]
    work.execute(HOLD_ACCOUNTS, {"account_ids": ids}).all()
    return work.execute(HOLD_ORDER, {"order_id": order_id}).one(), ids


@dataclass(frozen=True, slots=True)
class Change:
    """What is written about an order in one transaction."""

    row: Row
    account_ids: list[int]
    known: Known
    learned: Learned
    report: Report | None
    started: Started | str | None
    now: datetime


def _write(
    order_id: int, decide: Decide, report: Report | None, started: Started | str | None = None
) -> State:
    """The one place where an order changes: state, books, accounts and messages together."""
    now = core().clock.now()
    with core().database.work() as work:
        row, account_ids = _hold(work, order_id)
        known = Known(
            State(row.state),
            Kopecks(row.amount + row.fee),
            row.reference,
            Kopecks(row.paid),
            Kopecks(row.refunded),
        )
        learned = effects.without_twice(work, row, decide(known))
        change = Change(row, account_ids, known, learned, report, started, now)
        _record(work, change)
        _take_effect(work, change)
    return change.learned.known.state


def _record(work: Connection, change: Change) -> None:
    report, started, order_id = change.report, change.started, change.row.id
    if report is not None and report.fiscal is not None:
        effects.note_fiscal(work, order_id, report.fiscal)
    is_news = change.learned.known != change.known
    looks, at = _next_look(
        work, change.row, change.learned.known.state, change.now, is_news=is_news
    )
    work.execute(SET_KNOWN, _values(change) | {"looks": looks, "ask_at": at})
    if isinstance(started, Started) and started.step is not None:
        kind, url = _step(started.step)
        step = {"order_id": order_id, "kind": kind, "url": url, "until": started.expires_at}
        work.execute(SET_STEP, step)


def _take_effect(work: Connection, change: Change) -> None:
    row, learned, report, now = change.row, change.learned, change.report, change.now
    if learned.credit:
        effects.credit(work, row, now)
    if learned.suspense:
        effects.suspend(work, row, learned.suspense, now)
    if learned.known.state not in OPEN and change.known.state in OPEN:
        effects.close(work, row.id, change.account_ids)
    if learned.credit and row.remember and report is not None and report.card is not None:
        wallet.keep(work, row, report.card, now)
    if learned.went_back:
        is_credited = learned.known.state is State.SUCCEEDED
        went_back(work, row, learned.went_back, now, is_credited=is_credited)
    effects.raise_alarms(work, effects.subject_of(row.id), learned, now)


def _values(change: Change) -> dict[str, object]:
    row, old, new, now = change.row, change.known, change.learned.known, change.now
    card = change.report.card if change.report else None
    reason = change.learned.reason
    return {
        "order_id": row.id,
        "state": new.state.value,
        "reference": new.reference,
        "paid": new.paid,
        "refunded": new.refunded,
        "reason": reason.value if reason else row.reason,
        "brand": card.brand[:16] if card else row.brand,
        "last4": card.last4[-4:] if card else row.last4,
        "held_until": now + _BREATH,
        "changed_at": now if new != old else row.changed_at,
        "paid_at": now if new.state in TAKEN and old.state not in TAKEN else row.paid_at,
    }


def _step(step: Redirect | Code) -> tuple[str, str]:
    if isinstance(step, Code):
        return "code", step.link
    return "redirect", step.url
