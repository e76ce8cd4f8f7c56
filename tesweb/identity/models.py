"""Tables of the people who sign in, of their devices, and of secrets that work once."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Text, false
from sqlmodel import Field, SQLModel

from tesweb.database import naming  # noqa: F401 - the naming convention comes first
from tesweb.database.types import BigKey, UtcDateTime


class User(SQLModel, table=True):
    """Somebody who signs in."""

    __tablename__ = "users"
    __table_args__ = (
        Index("ix_users_email", "email", unique=True),
        Index("ix_users_phone", "phone", unique=True),
    )

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
    #: As it is compared: case-folded. Proved by a letter, so nobody has another's.
    email: str | None = Field(default=None, max_length=254)
    #: `+7` and ten digits. Proved by a code.
    phone: str | None = Field(default=None, max_length=16)
    #: The region and the place that were chosen when registering.
    region: str | None = Field(default=None, max_length=32)
    city: str | None = Field(default=None, max_length=64)
    #: What passkeys know the person by: 32 random bytes, made with the first passkey.
    handle: bytes | None = Field(default=None, sa_column=Column(LargeBinary(32), nullable=True))
    #: Since when the cabinet is locked by its owner.
    frozen_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    #: Whether the person works for the supplier and may see the back office.
    is_operator: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    #: When the person asked to be forgotten; the row stays, as receipts name it, without the rest.
    deleted_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))


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
    #: When the person last proved who they are on this device; what is sensitive wants it fresh.
    proved_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    #: How: names of factors separated by spaces, `password totp`.
    factors: str = Field(default="", max_length=64, sa_column_kwargs={"server_default": ""})
    #: The browser and system in words, `Chrome, Android`.
    device: str = Field(default="", max_length=64, sa_column_kwargs={"server_default": ""})
    #: The /24 or /64 it signed in from.
    network: str = Field(default="", max_length=64, sa_column_kwargs={"server_default": ""})


class Challenge(SQLModel, table=True):
    """A secret that works once, for one purpose, until an hour: a link, a code, a nonce."""

    __tablename__ = "challenges"
    __table_args__ = (
        Index("ix_challenges_secret_hash", "secret_hash", "purpose"),
        Index("ix_challenges_binding", "binding", "purpose"),
        Index("ix_challenges_user_id", "user_id", "purpose"),
        Index("ix_challenges_account_id", "account_id", "purpose"),
        Index("ix_challenges_expires_at", "expires_at"),
        # An id that comes back would be the key of a letter that has been sent already.
        {"sqlite_autoincrement": True},
    )

    id: int = Field(sa_column=Column(BigKey, primary_key=True))
    #: One of `identity.challenges.Purpose`; a secret for one purpose opens nothing else.
    purpose: str = Field(max_length=24)
    #: HMAC-SHA256 of the secret.
    secret_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    #: The hash of the session that it was given to; None where another device may use it.
    binding: bytes | None = Field(default=None, sa_column=Column(LargeBinary(32), nullable=True))
    user_id: int | None = Field(
        default=None,
        sa_column=Column(BigKey, ForeignKey("users.id", ondelete="CASCADE"), nullable=True),
    )
    account_id: int | None = Field(
        default=None, sa_column=Column(BigKey, ForeignKey("accounts.id"), nullable=True)
    )
    #: What goes with it, as JSON.
    payload: str = Field(default="{}", sa_column=Column(Text, nullable=False))
    #: How often a wrong secret was given.
    tries: int = Field(default=0)
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    expires_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    spent_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))


class RateCount(SQLModel, table=True):
    """How often something was tried within a window of time; shared by all processes."""

    __tablename__ = "rate_counts"
    __table_args__ = (Index("ix_rate_counts_expires_at", "expires_at"),)

    key: str = Field(max_length=255, primary_key=True)
    count: int
    expires_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
