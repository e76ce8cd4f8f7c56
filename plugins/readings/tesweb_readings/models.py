"""Tables of readings that a resident sent and the rules refused: somebody has to look."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

from tesweb.api import CLUSTERED, BigKey, KilowattHours, UtcDateTime


class Answer(StrEnum):
    """Where a request stands."""

    #: Nobody has looked yet.
    OPEN = "open"
    #: The reading was taken as the resident sent it.
    ACCEPTED = "taken"
    REFUSED = "refused"


class Dispute(SQLModel, table=True):
    """A resident says that the meter shows what the rules do not believe."""

    __tablename__ = "readings_disputes"
    __table_args__ = (
        UniqueConstraint("key"),
        Index("ix_readings_disputes_account_id", "account_id", "period"),
        CheckConstraint("answer IN ('open', 'taken', 'refused')", name="answer"),
    )

    #: Also the number that is shown.
    id: int = Field(sa_column=Column(BigKey, primary_key=True))
    #: The idempotency key of the form; the same key again is the same request.
    key: str = Field(max_length=64)
    account_id: int = Field(sa_column=Column(BigKey, ForeignKey("accounts.id"), nullable=False))
    user_id: int = Field(sa_column=Column(BigKey, ForeignKey("users.id"), nullable=False))
    sent_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    #: The day the dial was read, in the region.
    read_on: date
    #: The first day of the month it would count for.
    period: date
    comment: str = Field(max_length=1000)
    #: A JPEG that this server has made from what was sent; None without one.
    photo: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    answer: str = Field(default=Answer.OPEN, max_length=8)
    #: What the operator tells the resident.
    reason: str = Field(default="", max_length=1000)
    answered_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))


class DisputedValue(SQLModel, table=True):
    """One register's value within a request."""

    __tablename__ = "readings_disputed_values"
    __table_args__ = (
        ForeignKeyConstraint(
            ["account_id", "meter_no", "register_no"],
            ["registers.account_id", "registers.meter_no", "registers.register_no"],
        ),
        CheckConstraint("value >= 0", name="value"),
        CLUSTERED,
    )

    account_id: int = Field(sa_column=Column(BigKey, primary_key=True))
    dispute_id: int = Field(
        sa_column=Column(BigKey, ForeignKey("readings_disputes.id"), primary_key=True)
    )
    meter_no: int = Field(primary_key=True)
    register_no: int = Field(primary_key=True)
    value: Decimal = Field(sa_column=Column(KilowattHours, nullable=False))
