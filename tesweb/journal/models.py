"""Tables of the security journal: append-only, sealed day by day."""

from datetime import date, datetime

from sqlalchemy import Column, Index, LargeBinary, Text
from sqlmodel import Field, SQLModel

from tesweb.database import naming  # noqa: F401 - the naming convention comes first
from tesweb.database.types import BigKey, UtcDateTime


class SecurityEvent(SQLModel, table=True):
    """Something that concerns the safety of a cabinet. Triggers refuse to change or delete it."""

    __tablename__ = "security_events"
    __table_args__ = (
        Index("ix_security_events_user_id", "user_id", "id"),
        Index("ix_security_events_happened_at", "happened_at"),
    )

    id: int = Field(sa_column=Column(BigKey, primary_key=True))
    #: No foreign key: the journal outlives whom it is about.
    user_id: int = Field(sa_column=Column(BigKey, nullable=False))
    #: One of `journal.rules.What`.
    what: str = Field(max_length=32)
    happened_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    #: The browser and system in words; empty for what a command did.
    device: str = Field(default="", max_length=64)
    #: The /24 or /64 that it came from.
    network: str = Field(default="", max_length=64)
    #: Further facts as JSON; no secret, and of personal data masked forms only.
    detail: str = Field(default="{}", sa_column=Column(Text, nullable=False))


class JournalDay(SQLModel, table=True):
    """A finished day of the journal with the hash that chains it to the day before."""

    __tablename__ = "journal_days"

    #: By UTC.
    day: date = Field(primary_key=True)
    #: How many events the day has.
    count: int
    #: SHA-256 of the seal before and of each event of the day in the order of ids.
    seal: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
