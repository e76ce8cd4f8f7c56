"""Switching autopay on and off, passing over a month, removing a saved card.

Each function works within the caller's unit of work. The household is told by the journal's own
messages; `letters` tell what they do not say.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from tesweb.accounts.rules import mask_number
from tesweb.autopay.rules import End, Held, Kind, Plan, day_in, moment_of
from tesweb.autopay.statements import (
    BROKEN_OF_ACCOUNT,
    CARD_OF,
    DELETE_CARD,
    DROP_RUNS,
    END,
    INSERT_AUTOPAY,
    INSERT_RUN,
    LIVE_OF_ACCOUNT,
    LIVE_OF_USER,
    NEWEST_BILL,
    PAID_BY_CARD,
    SKIP,
    WHOLE,
)
from tesweb.clock import add_months, local_day, month_of
from tesweb.current import core
from tesweb.journal import services as journal
from tesweb.journal.rules import What
from tesweb.payments import oblivion
from tesweb.payments.statements import CARDS, HOLD_ACCOUNTS, PAYER

Row = Any


class NotSwitchedOn(Exception):
    """There is no autopay."""


class NoCard(NotSwitchedOn):
    """The card is not there any more."""


class OnAlready(NotSwitchedOn):
    """The account has an autopay."""


class Locked(NotSwitchedOn):
    """The cabinet is locked, or has gone."""


def switch_on(work: Connection, user_id: int, account_id: int, card_id: int, plan: Plan) -> int:
    """Allow it from now on; the id of the autopay. Raises NotSwitchedOn with its reason."""
    held = work.execute(HOLD_ACCOUNTS, {"account_ids": [account_id]}).one()
    payer = work.execute(PAYER, {"user_id": user_id}).first()
    if payer is None or payer.frozen_at is not None or payer.deleted_at is not None:
        raise Locked
    if work.execute(CARD_OF, {"card_id": card_id, "user_id": user_id}).first() is None:
        raise NoCard
    for row in work.execute(BROKEN_OF_ACCOUNT, {"account_id": account_id}).all():
        end(work, row.id, end_of(row))
    if work.execute(LIVE_OF_ACCOUNT, {"account_id": account_id}).first() is not None:
        raise OnAlready
    now = core().clock.now()
    values = {
        "account_id": account_id,
        "user_id": user_id,
        "card_id": card_id,
        "kind": plan.kind.value,
        "amount": plan.amount,
        "day": plan.day,
        "started_at": now,
        "live_account_id": account_id,
        "end_reason": "",
    }
    try:
        autopay_id = int(work.execute(INSERT_AUTOPAY, values).scalar_one())
    except IntegrityError:
        raise OnAlready from None
    _pass_over_known(work, autopay_id, held, plan, now)
    journal.record(work, user_id, What.AUTOPAY_ON, account=mask_number(held.number))
    return autopay_id


def _pass_over_known(
    work: Connection, autopay_id: int, account: Row, plan: Plan, now: datetime
) -> None:
    """Neither the day that has gone by nor the bill that is there already is taken for."""
    zone = core().region(account.region).timezone
    if plan.day is None:
        bill = work.execute(NEWEST_BILL, {"account_id": account.id}).scalar()
        period = None if bill is None else add_months(bill, 1)
    else:
        month = month_of(local_day(now, zone))
        has_passed = moment_of(day_in(month, plan.day), zone) <= now
        period = month if has_passed else None
    if period is not None:
        run = {"autopay_id": autopay_id, "period": period, "state": "nothing", "amount": 0}
        work.execute(INSERT_RUN, run | {"moment": now, "due": None, "reason": Held.KNOWN.value})


def end(work: Connection, autopay_id: int, why: End, *, quietly: bool = False) -> bool:
    """End it: what no bank has heard of is not taken; False where it had ended before.

    `quietly` for whoever deletes the cabinet and gets one letter about all of it.
    """
    row = work.execute(WHOLE, {"autopay_id": autopay_id}).one()
    values = {"which": autopay_id, "moment": core().clock.now(), "why": why.value}
    if not work.execute(END, values).rowcount:
        return False
    work.execute(DROP_RUNS, {"which": autopay_id})
    if not quietly:
        number = mask_number(row.number)
        journal.record(work, row.user_id, What.AUTOPAY_OFF, account=number, why=why.value)
    return True


def end_of_user(work: Connection, user_id: int, why: End, *, quietly: bool = False) -> int:
    """End all that somebody has switched on; how many."""
    found = work.execute(LIVE_OF_USER, {"user_id": user_id}).all()
    return sum(end(work, row.id, why, quietly=quietly) for row in found)


def end_of(row: Row) -> End:
    """Why an autopay that must not go on has ended: a row of BROKEN."""
    if row.is_frozen:
        return End.FROZEN
    return End.CARD if row.has_no_card else End.UNLINKED


def skip(work: Connection, autopay_id: int, period: date) -> bool:
    """Take nothing this month; False where it is too late or has been done."""
    return bool(work.execute(SKIP, {"which": autopay_id, "month": period}).rowcount)


def remove_card(work: Connection, user_id: int, card_id: int) -> int:
    """Forget a card and end what takes from it; what its bank is to forget.

    Raises NoCard for one that is not the user's.
    """
    row = work.execute(CARD_OF, {"card_id": card_id, "user_id": user_id}).first()
    if row is None:
        raise NoCard
    for autopay in work.execute(PAID_BY_CARD, {"card_id": card_id}).all():
        end(work, autopay.id, End.CARD)
    work.execute(DELETE_CARD, {"which": card_id, "whose": user_id})
    return oblivion.put_aside(work, row, core().clock.now())


def forget_person(work: Connection, user_id: int) -> list[int]:
    """End every autopay of somebody who goes, and forget the cards; what is for their banks."""
    end_of_user(work, user_id, End.USER, quietly=True)
    rows = work.execute(CARDS, {"user_id": user_id}).all()
    for row in rows:
        work.execute(DELETE_CARD, {"which": row.id, "whose": user_id})
    return [oblivion.put_aside(work, row, core().clock.now()) for row in rows]


def plan_of(row: Row) -> Plan:
    """What a row of autopays allows."""
    return Plan(Kind(row.kind), row.amount, row.day)
