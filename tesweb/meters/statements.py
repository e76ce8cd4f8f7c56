"""Questions about meters and readings, built once; each names the account first."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, insert, or_, select, update

from tesweb.accounts.models import Account, Membership
from tesweb.clock import add_months
from tesweb.database.naming import table_of
from tesweb.database.rows import fetch
from tesweb.identity.models import User
from tesweb.meters.dials import Standing, assemble, is_complete
from tesweb.meters.models import Meter, Reading, Receipt, Register, State

accounts = table_of(Account)
meters = table_of(Meter)
registers = table_of(Register)
readings = table_of(Reading)
receipts = table_of(Receipt)
users = table_of(User)
memberships = table_of(Membership)

#: How many months before a period tell what is usual and make up the chart.
MONTHS = 12
#: Before every reading.
_EVER = date(1, 1, 1)

#: Registers of the meters that stand, and of those removed since a day.
REGISTERS = (
    select(
        meters.c.meter_no,
        meters.c.serial,
        meters.c.model,
        meters.c.installed_on,
        meters.c.removed_on,
        meters.c.verified_until,
        registers.c.register_no,
        registers.c.zone,
        registers.c.digits,
        registers.c.ratio,
        registers.c.initial,
        registers.c.final,
    )
    .select_from(
        meters.join(
            registers,
            (registers.c.account_id == meters.c.account_id)
            & (registers.c.meter_no == meters.c.meter_no),
        )
    )
    .where(
        meters.c.account_id == bindparam("account_id"),
        meters.c.removed_on.is_(None) | (meters.c.removed_on >= bindparam("since")),
    )
    .order_by(meters.c.meter_no, registers.c.register_no)
)
#: Accepted readings from a month on, and those in quarantine, whose versions are taken.
READINGS = select(
    readings.c.period,
    readings.c.meter_no,
    readings.c.register_no,
    readings.c.version,
    readings.c.value,
    readings.c.consumed,
    readings.c.read_on,
    readings.c.source,
    readings.c.state,
    readings.c.receipt_id,
).where(
    readings.c.account_id == bindparam("account_id"),
    readings.c.period >= bindparam("since"),
    or_(
        readings.c.state == State.ACCEPTED.value,
        readings.c.state == State.QUARANTINED.value,
    ),
)
#: Hold the account until the transaction ends. Not FOR UPDATE: that would make whoever refers to
#: the account wait too, billing's charges above all.
HOLD = (
    select(accounts.c.id)
    .where(accounts.c.id == bindparam("account_id"))
    .with_for_update(key_share=True)
)
RECEIPT_OF_KEY = select(
    receipts.c.id, receipts.c.account_id, receipts.c.period, receipts.c.accepted_at
).where(receipts.c.key == bindparam("key"))
RECEIPT_OF_ID = select(
    receipts.c.id,
    receipts.c.account_id,
    receipts.c.period,
    receipts.c.accepted_at,
    receipts.c.user_id,
).where(receipts.c.id == bindparam("id"), receipts.c.account_id == bindparam("account_id"))
_RECEIPT = ("key", "account_id", "user_id", "accepted_at", "period")
#: Writes none for somebody whose cabinet was locked since the request began.
INSERT_RECEIPT = (
    insert(receipts)
    .from_select(
        _RECEIPT,
        select(*(bindparam(name, type_=receipts.c[name].type) for name in _RECEIPT))
        .select_from(users)
        .where(users.c.id == bindparam("user_id"), users.c.frozen_at.is_(None)),
    )
    .returning(receipts.c.id)
)
INSERT_READINGS = insert(readings)
#: What counted so far for a register's month counts no longer; its value stays as it is.
SUPERSEDE = (
    update(readings)
    .where(
        readings.c.account_id == bindparam("of_account"),
        readings.c.period == bindparam("of_period"),
        readings.c.meter_no == bindparam("of_meter"),
        readings.c.register_no == bindparam("of_register"),
        readings.c.state == State.ACCEPTED.value,
    )
    .values(state=State.SUPERSEDED.value)
)
#: What a user has sent since a moment, and all accounts it may be about.
_SENT = select(receipts.c.id).where(
    receipts.c.user_id == bindparam("sender"), receipts.c.accepted_at >= bindparam("since")
)
ACCOUNTS_OF_USER = select(memberships.c.account_id).where(
    memberships.c.user_id == bindparam("sender")
)
ACCOUNTS_OF_SENDER = select(receipts.c.account_id).where(
    receipts.c.user_id == bindparam("sender"), receipts.c.accepted_at >= bindparam("since")
)
_PLACE = (
    readings.c.account_id,
    readings.c.period,
    readings.c.meter_no,
    readings.c.register_no,
)
QUARANTINE = (
    update(readings)
    .where(
        readings.c.account_id == bindparam("of_account"),
        readings.c.receipt_id.in_(_SENT),
        readings.c.state != State.QUARANTINED.value,
    )
    .values(state=State.QUARANTINED.value)
    .returning(*_PLACE)
)
#: Out of quarantine; whether it counts again is `SETTLE`'s.
RELEASE = (
    update(readings)
    .where(
        readings.c.account_id == bindparam("of_account"),
        readings.c.receipt_id == bindparam("of_receipt"),
        readings.c.state == State.QUARANTINED.value,
    )
    .values(state=State.SUPERSEDED.value)
    .returning(*_PLACE)
)
_version = readings.alias("version")
_LAST_OUTSIDE = (
    select(func.max(_version.c.version))
    .where(
        _version.c.account_id == readings.c.account_id,
        _version.c.period == readings.c.period,
        _version.c.meter_no == readings.c.meter_no,
        _version.c.register_no == readings.c.register_no,
        _version.c.state != State.QUARANTINED.value,
    )
    .correlate(readings)
    .scalar_subquery()
)
#: Of a register's month the last version outside quarantine counts, and no other.
SETTLE = (
    update(readings)
    .where(
        readings.c.account_id == bindparam("of_account"),
        readings.c.period == bindparam("of_period"),
        readings.c.meter_no == bindparam("of_meter"),
        readings.c.register_no == bindparam("of_register"),
        readings.c.state != State.QUARANTINED.value,
    )
    .values(
        state=case(
            (readings.c.version == _LAST_OUTSIDE, State.ACCEPTED.value),
            else_=State.SUPERSEDED.value,
        )
    )
)
_later = readings.alias("later")
_its_receipt = receipts.alias("its_receipt")
#: The last month that was read, or put in by billing, after a receipt had gone into quarantine.
READ_SINCE = (
    select(func.max(_later.c.period))
    .select_from(
        readings.join(
            _later,
            (_later.c.account_id == readings.c.account_id)
            & (_later.c.meter_no == readings.c.meter_no)
            & (_later.c.register_no == readings.c.register_no)
            & (_later.c.period > readings.c.period)
            & (_later.c.state == State.ACCEPTED.value),
        ).outerjoin(_its_receipt, _its_receipt.c.id == _later.c.receipt_id)
    )
    .where(
        readings.c.account_id == bindparam("of_account"),
        readings.c.receipt_id == bindparam("of_receipt"),
        readings.c.state == State.QUARANTINED.value,
        or_(
            _its_receipt.c.accepted_at >= bindparam("put_at"),
            _later.c.receipt_id.is_(None) & (_later.c.read_on >= bindparam("put_on")),
        ),
    )
)


def first_month(period: date) -> date:
    """The first of the months that a page about `period` looks at."""
    return add_months(period, -MONTHS)


def find_standing(connection: Connection, account_id: int, period: date) -> Standing:
    """How the account's meters stand, by two questions; a third for readings of long ago."""
    since = {"account_id": account_id, "since": first_month(period)}
    registers_ = fetch(connection, REGISTERS, since)
    readings_ = fetch(connection, READINGS, since)
    return complete(connection, account_id, registers_, readings_, period)


def hold(work: Connection, account_id: int) -> None:
    """Keep everybody else from putting readings on the account until the unit of work ends."""
    if work.dialect.name != "sqlite":  # where a unit of work holds the whole database
        work.execute(HOLD, {"account_id": account_id})


def complete(
    connection: Connection,
    account_id: int,
    registers_: Sequence[Any],
    readings_: Sequence[Any],
    period: date,
) -> Standing:
    """The standing from rows since `first_month`.

    Asks for older readings where a register has none in these months.
    """
    standing = [row for row in registers_ if row.removed_on is None]
    if not is_complete(standing, readings_, period):
        readings_ = fetch(connection, READINGS, {"account_id": account_id, "since": _EVER})
    return assemble(registers_, readings_, period)
