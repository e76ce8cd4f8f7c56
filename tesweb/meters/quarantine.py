"""Readings that do not count while their sender's owner says that somebody else sent them.

Each function works within the caller's unit of work. A row in quarantine keeps its version; what
it had superseded counts meanwhile, and counts no longer once it is released.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from tesweb.meters.services import MonthClosed
from tesweb.meters.statements import (
    ACCOUNTS_OF_SENDER,
    ACCOUNTS_OF_USER,
    QUARANTINE,
    READ_SINCE,
    RELEASE,
    SETTLE,
    hold,
)


def hold_accounts(work: Connection, user_id: int) -> None:
    """Let what the user is sending right now come to its end, and nothing begin after it."""
    accounts = work.execute(ACCOUNTS_OF_USER, {"sender": user_id}).scalars()
    for account_id in sorted(accounts):  # in one order, so that two do not wait for each other
        hold(work, account_id)


def quarantine(work: Connection, user_id: int, since: datetime) -> int:
    """Put aside what the user has sent since a moment; how many readings that is."""
    hold_accounts(work, user_id)
    asked = {"sender": user_id, "since": since}
    places: list[Any] = []
    for account_id in sorted({*work.execute(ACCOUNTS_OF_SENDER, asked).scalars()}):
        hold(work, account_id)
        places += work.execute(QUARANTINE, asked | {"of_account": account_id}).all()
    _settle(work, places)
    return len(places)


def release(work: Connection, account_id: int, receipt_id: int, put_at: datetime) -> int:
    """Let a receipt's readings count as if they had never been put aside; how many there were.

    `put_at` is when they were put aside. Raises MonthClosed where a later month has been read
    since, and so was charged without them: both would count the same kWh.
    """
    hold(work, account_id)
    asked = {"of_account": account_id, "of_receipt": receipt_id}
    moments = {"put_at": put_at, "put_on": put_at.date()}
    later = work.execute(READ_SINCE, asked | moments).scalar()
    if later is not None:
        raise MonthClosed(later)
    places = work.execute(RELEASE, asked).all()
    _settle(work, places)
    return len(places)


def _settle(work: Connection, places: Sequence[Any]) -> None:
    names = ("of_account", "of_period", "of_meter", "of_register")
    found = [dict(zip(names, place, strict=True)) for place in {tuple(row) for row in places}]
    if found:
        work.execute(SETTLE, found)
