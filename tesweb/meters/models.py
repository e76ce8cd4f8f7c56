"""Tables of meters, registers, readings and receipts.

`account_id` leads every key, so a page reads one place and the tables can be partitioned by it.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, ForeignKeyConstraint, Index
from sqlmodel import Field, SQLModel

from tesweb.database import naming
from tesweb.database.types import BigKey, KilowattHours, UtcDateTime


class Zone(StrEnum):
    """The hours that a register counts. The hours themselves belong to the region's tariff."""

    SINGLE = "single"
    DAY = "day"
    NIGHT = "night"
    PEAK = "peak"
    HALF_PEAK = "half_peak"


class Source(StrEnum):
    """Who a reading comes from."""

    RESIDENT = "resident"
    SUPPLIER = "supplier"
    INSPECTOR = "inspector"
    #: Put in by billing because none was sent (ПП РФ 354, п. 59).
    AVERAGE = "average"
    NORM = "norm"


class State(StrEnum):
    """What became of a reading."""

    ACCEPTED = "accepted"
    #: A newer reading of the same register for the same period counts instead.
    SUPERSEDED = "superseded"
    #: Sent from a cabinet whose owner says that somebody else was in it; does not count meanwhile.
    QUARANTINED = "quarantined"


_ZONES = ", ".join(f"'{zone}'" for zone in Zone)
_SOURCES = ", ".join(f"'{source}'" for source in Source)


class Meter(SQLModel, table=True):
    """A meter (прибор учёта) from its installation to its removal."""

    __tablename__ = "meters"
    __table_args__ = (naming.CLUSTERED,)

    account_id: int = Field(sa_column=Column(BigKey, ForeignKey("accounts.id"), primary_key=True))
    #: 1, 2, … within the account, in the order of installation.
    meter_no: int = Field(primary_key=True)
    serial: str = Field(max_length=32)
    model: str = Field(default="", max_length=64)
    installed_on: date
    #: None while the meter stands.
    removed_on: date | None = Field(default=None)
    #: Readings after this day are not accepted for billing as they are (ПП РФ 354, п. 59).
    verified_until: date | None = Field(default=None)


class Register(SQLModel, table=True):
    """One counter of a meter (шкала)."""

    __tablename__ = "registers"
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "meter_no"], ["meters.account_id", "meters.meter_no"]),
        CheckConstraint(f"zone IN ({_ZONES})", name="zone"),
        CheckConstraint("digits BETWEEN 3 AND 9", name="digits"),
        CheckConstraint("ratio >= 1", name="ratio"),
        naming.CLUSTERED,
    )

    account_id: int = Field(sa_column=Column(BigKey, primary_key=True))
    meter_no: int = Field(primary_key=True)
    #: 1, 2, … as on the meter's own display (T1, T2, T3).
    register_no: int = Field(primary_key=True)
    zone: str = Field(max_length=16)
    #: Digits before the comma; the ones after it, often red, are not reported.
    digits: int
    #: Transformation ratio: kWh consumed for each kWh counted.
    ratio: int = Field(default=1)
    #: What the register showed when the meter was installed.
    initial: Decimal = Field(sa_column=Column(KilowattHours, nullable=False))
    #: What it showed when the meter was removed.
    final: Decimal | None = Field(default=None, sa_column=Column(KilowattHours))


class Receipt(SQLModel, table=True):
    """One sending of readings: what the resident gets a number for."""

    __tablename__ = "receipts"
    __table_args__ = (Index("ix_receipts_account_id", "account_id"),)

    #: Also the number that is shown.
    id: int = Field(sa_column=Column(BigKey, primary_key=True))
    #: The idempotency key of the form; the same key again is the same receipt.
    key: str = Field(max_length=64, unique=True)
    account_id: int = Field(sa_column=Column(BigKey, ForeignKey("accounts.id"), nullable=False))
    user_id: int = Field(sa_column=Column(BigKey, ForeignKey("users.id"), nullable=False))
    accepted_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    #: The first day of the month the readings count for.
    period: date


class Reading(SQLModel, table=True):
    """What a register showed (показание). A row is superseded, never changed or deleted."""

    __tablename__ = "readings"
    __table_args__ = (
        ForeignKeyConstraint(
            ["account_id", "meter_no", "register_no"],
            ["registers.account_id", "registers.meter_no", "registers.register_no"],
        ),
        CheckConstraint(f"source IN ({_SOURCES})", name="source"),
        CheckConstraint("state IN ('accepted', 'superseded', 'quarantined')", name="state"),
        CheckConstraint("value >= 0", name="value"),
        naming.CLUSTERED,
    )

    account_id: int = Field(sa_column=Column(BigKey, primary_key=True))
    #: The first day of the month it counts for.
    period: date = Field(primary_key=True)
    meter_no: int = Field(primary_key=True)
    register_no: int = Field(primary_key=True)
    #: 1 for the first reading of a period, one more for each that supersedes it.
    version: int = Field(primary_key=True)
    value: Decimal = Field(sa_column=Column(KilowattHours, nullable=False))
    #: kWh since the reading before, ratio and rollover included.
    consumed: Decimal = Field(sa_column=Column(KilowattHours, nullable=False))
    #: The day the dial was read.
    read_on: date
    source: str = Field(max_length=16)
    state: str = Field(default=State.ACCEPTED, max_length=16)
    #: The receipt it was sent with; None for what billing sent.
    receipt_id: int | None = Field(
        default=None, sa_column=Column(BigKey, ForeignKey("receipts.id"), nullable=True)
    )
