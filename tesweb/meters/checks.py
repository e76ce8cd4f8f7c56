"""Invariants of readings: accepted once, superseded in order, never lost."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, and_, case, exists, func, select, type_coerce

from tesweb.database.naming import table_of
from tesweb.findings import Finding
from tesweb.meters.models import Meter, Reading, Receipt, Register, State

meters = table_of(Meter)
readings = table_of(Reading)
registers = table_of(Register)
receipts = table_of(Receipt)

_PLACE = (
    readings.c.account_id,
    readings.c.period,
    readings.c.meter_no,
    readings.c.register_no,
)
_ACCEPTED = case((readings.c.state == State.ACCEPTED.value, readings.c.version))
_LAST = func.max(readings.c.version)
_OUTSIDE = case((readings.c.state != State.QUARANTINED.value, readings.c.version))
#: Places whose versions have a gap, or where not just the last one outside quarantine is accepted.
DISORDERED = (
    select(*_PLACE, func.count(), _LAST, func.count(_ACCEPTED), func.max(_ACCEPTED))
    .group_by(*_PLACE)
    .having(
        (func.min(readings.c.version) != 1)
        | (func.count() != _LAST)
        | (func.count(_ACCEPTED) > 1)
        | (func.coalesce(func.max(_ACCEPTED), 0) != func.coalesce(func.max(_OUTSIDE), 0))
    )
    .order_by(*_PLACE)
)
ORPHANS = (
    select(*_PLACE)
    .where(
        ~exists().where(
            and_(
                registers.c.account_id == readings.c.account_id,
                registers.c.meter_no == readings.c.meter_no,
                registers.c.register_no == readings.c.register_no,
            )
        )
    )
    .order_by(*_PLACE)
)
EMPTY_RECEIPTS = (
    select(receipts.c.id, receipts.c.account_id)
    .where(
        ~exists().where(
            and_(
                readings.c.account_id == receipts.c.account_id,
                readings.c.period == receipts.c.period,
                readings.c.receipt_id == receipts.c.id,
            )
        )
    )
    .order_by(receipts.c.id)
)
FOREIGN_RECEIPTS = (
    select(*_PLACE, receipts.c.id)
    .select_from(readings.join(receipts, receipts.c.id == readings.c.receipt_id))
    .where(
        (receipts.c.account_id != readings.c.account_id) | (receipts.c.period != readings.c.period)
    )
    .order_by(*_PLACE)
)
#: The first watt-hour that a register of so many digits cannot show.
_BEYOND = {digits: 10 ** (digits + 3) for digits in range(3, 10)}
_FULL_SCALE = case(_BEYOND, value=registers.c.digits)
#: What counts: a value that was replaced has been seen to.
_COUNTS = readings.c.state == State.ACCEPTED.value
TOO_LARGE = (
    select(*_PLACE, readings.c.value, registers.c.digits)
    .select_from(
        readings.join(
            registers,
            (registers.c.account_id == readings.c.account_id)
            & (registers.c.meter_no == readings.c.meter_no)
            & (registers.c.register_no == readings.c.register_no),
        )
    )
    .where(_COUNTS, type_coerce(readings.c.value, BigInteger) >= _FULL_SCALE)
    .order_by(*_PLACE)
)
ABSENT_METERS = (
    select(*_PLACE, readings.c.read_on, meters.c.installed_on, meters.c.removed_on)
    .select_from(
        readings.join(
            meters,
            (meters.c.account_id == readings.c.account_id)
            & (meters.c.meter_no == readings.c.meter_no),
        )
    )
    .where(
        _COUNTS,
        (readings.c.read_on < meters.c.installed_on) | (readings.c.read_on > meters.c.removed_on),
    )
    .order_by(*_PLACE)
)


def readings_have_registers(connection: Connection) -> Iterator[Finding]:
    """Every reading belongs to a register of its account."""
    for row in connection.execute(ORPHANS):
        yield Finding("reading-register", f"{_where(row)}: there is no such register")


def versions_are_in_order(connection: Connection) -> Iterator[Finding]:
    """The versions of a month are 1, 2, …; the last one outside quarantine alone is accepted."""
    for row in connection.execute(DISORDERED):
        count, last, accepted, accepted_last = row[4:]
        text = (
            f"{_where(row)}: {count} versions up to {last}, "
            f"{accepted} accepted, the last of them {accepted_last}"
        )
        yield Finding("reading-versions", text)


def receipts_have_readings(connection: Connection) -> Iterator[Finding]:
    """Every receipt stands for at least one reading of its account and month."""
    for receipt_id, account_id in connection.execute(EMPTY_RECEIPTS):
        yield Finding("receipt-empty", f"account {account_id}, receipt {receipt_id}: no reading")


def readings_have_their_own_receipts(connection: Connection) -> Iterator[Finding]:
    """A reading's receipt is one of its own account and month."""
    for row in connection.execute(FOREIGN_RECEIPTS):
        yield Finding("reading-receipt", f"{_where(row)}: receipt {row[4]} is not of this month")


def values_fit_their_registers(connection: Connection) -> Iterator[Finding]:
    """A reading that counts is one that its register has the digits to show."""
    for row in connection.execute(TOO_LARGE):
        text = f"{_where(row)}: the value {row.value} has more than {row.digits} digits"
        yield Finding("reading-digits", text)


def readings_are_of_meters_that_stood(connection: Connection) -> Iterator[Finding]:
    """A reading that counts was read from its installation to its removal, both days included."""
    for row in connection.execute(ABSENT_METERS):
        stay = f"from {row.installed_on}" + (f" to {row.removed_on}" if row.removed_on else "")
        text = f"{_where(row)}: read on {row.read_on}, the meter stood {stay}"
        yield Finding("reading-day", text)


def _where(row: Sequence[Any]) -> str:
    account_id, period, meter_no, register_no = row[:4]
    return f"account {account_id}, {period:%Y-%m}, meter {meter_no}, register {register_no}"


#: Every invariant of this package.
CHECKS: tuple[Callable[[Connection], Iterator[Finding]], ...] = (
    readings_have_registers,
    versions_are_in_order,
    receipts_have_readings,
    readings_have_their_own_receipts,
    values_fit_their_registers,
    readings_are_of_meters_that_stood,
)
