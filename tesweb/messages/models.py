"""The outbox: a message is written with what it tells about, in the same transaction."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, Index, Text
from sqlmodel import Field, SQLModel

from tesweb.database import naming  # noqa: F401 - the naming convention comes first
from tesweb.database.types import BigKey, UtcDateTime


class OutboxMessage(SQLModel, table=True):
    """One message to one address, until it is sent and as a trace afterwards."""

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'sent', 'dead')", name="state"),
        Index("ix_outbox_key", "key", unique=True),
        Index("ix_outbox_state", "state", "next_at"),
    )

    id: int = Field(sa_column=Column(BigKey, primary_key=True))
    #: What it is about, `event 17 email ivanova@…` hashed: the same key again is no second message.
    key: str = Field(max_length=64)
    #: `email` or `sms`.
    channel: str = Field(max_length=16)
    recipient: str = Field(max_length=254)
    language: str = Field(max_length=8)
    #: `templates/messages/<template>.txt`.
    template: str = Field(max_length=48)
    #: The template's values as JSON; wiped once the message is sent.
    payload: str = Field(sa_column=Column(Text, nullable=False))
    state: str = Field(default="waiting", max_length=8)
    tries: int = Field(default=0)
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    #: When it may be tried next; a worker that takes it moves it on, so that no other does.
    next_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    #: After this it is of no use to anybody: an old code.
    expires_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    sent_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
