"""Tables of the people who sign in."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, LargeBinary
from sqlmodel import Field, SQLModel

from tesweb.database import naming  # noqa: F401 - the naming convention comes first
from tesweb.database.types import BigKey, UtcDateTime


class User(SQLModel, table=True):
    """Somebody who signs in."""

    __tablename__ = "users"

    id: int = Field(sa_column=Column(BigKey, primary_key=True))
    #: As it is compared: case-folded, NFKC.
    login: str = Field(max_length=128, unique=True)
    #: Argon2id in PHC form.
    password_hash: str = Field(max_length=256)
    #: How the pages address the person.
    name: str = Field(max_length=128)
    #: `ru` or `en`; what the person chose.
    language: str = Field(default="ru", max_length=8)
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class Session(SQLModel, table=True):
    """A signed-in device. The cookie holds 32 random bytes, the row only their hash."""

    __tablename__ = "sessions"
    __table_args__ = (
        Index("ix_sessions_user_id", "user_id"),
        Index("ix_sessions_ends_at", "ends_at"),
    )

    #: SHA-256 of the session id in the cookie.
    id_hash: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    user_id: int = Field(
        sa_column=Column(BigKey, ForeignKey("users.id", ondelete="CASCADE"), nullable=False)
    )
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    #: A late request: written once an hour, or four times within a shorter `session_idle_minutes`.
    seen_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    #: The absolute end, whatever happens.
    ends_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class RateCount(SQLModel, table=True):
    """How often something was tried within a window of time; shared by all processes."""

    __tablename__ = "rate_counts"
    __table_args__ = (Index("ix_rate_counts_expires_at", "expires_at"),)

    key: str = Field(max_length=255, primary_key=True)
    count: int
    expires_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
