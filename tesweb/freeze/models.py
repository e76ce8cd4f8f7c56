"""The requests by which people locked their cabinets."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, false
from sqlmodel import Field, SQLModel

from tesweb.database import naming  # noqa: F401 - the naming convention comes first
from tesweb.database.types import BigKey, UtcDateTime


class Freeze(SQLModel, table=True):
    """A cabinet locked by its owner (заявление о блокировке)."""

    __tablename__ = "freezes"
    __table_args__ = (Index("ix_freezes_user_id", "user_id"),)

    #: Also the number that is shown.
    id: int = Field(sa_column=Column(BigKey, primary_key=True))
    user_id: int = Field(
        sa_column=Column(BigKey, ForeignKey("users.id", ondelete="CASCADE"), nullable=False)
    )
    frozen_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    #: Readings sent since then are in quarantine; None where the owner trusts them all.
    readings_since: datetime | None = Field(
        default=None, sa_column=Column(UtcDateTime, nullable=True)
    )
    #: Whether a commission shall read the meter.
    wants_control: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    #: When an operator noted that it has.
    control_done_at: datetime | None = Field(
        default=None, sa_column=Column(UtcDateTime, nullable=True)
    )
    lifted_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
