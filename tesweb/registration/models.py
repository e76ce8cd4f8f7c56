"""The consents that people gave (152-ФЗ, ст. 9): each purpose by itself, each can be withdrawn."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey
from sqlmodel import Field, SQLModel

from tesweb.database import naming
from tesweb.database.types import BigKey, UtcDateTime


class Consent(SQLModel, table=True):
    """A consent to one purpose in the wording of one version."""

    __tablename__ = "consents"
    __table_args__ = (naming.CLUSTERED,)

    user_id: int = Field(
        sa_column=Column(BigKey, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    )
    #: `personal_data`; each is a `rules.Document`.
    purpose: str = Field(max_length=32, primary_key=True)
    given_at: datetime = Field(sa_column=Column(UtcDateTime, primary_key=True))
    #: The day of the wording, `2026-11-20`.
    version: str = Field(max_length=16)
    withdrawn_at: datetime | None = Field(
        default=None, sa_column=Column(UtcDateTime, nullable=True)
    )
