"""Tables of passkeys, one-time code apps and recovery codes."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary
from sqlmodel import Field, SQLModel

from tesweb.database import naming
from tesweb.database.types import BigKey, UtcDateTime


def _owner(*, is_key: bool) -> Column[int]:
    return Column(
        BigKey, ForeignKey("users.id", ondelete="CASCADE"), primary_key=is_key, nullable=False
    )


class Passkey(SQLModel, table=True):
    """A WebAuthn credential."""

    __tablename__ = "passkeys"
    __table_args__ = (
        Index("ix_passkeys_credential_id", "credential_id", unique=True),
        Index("ix_passkeys_user_id", "user_id"),
    )

    id: int = Field(sa_column=Column(BigKey, primary_key=True))
    user_id: int = Field(sa_column=_owner(is_key=False))
    credential_id: bytes = Field(sa_column=Column(LargeBinary(1023), nullable=False))
    #: COSE, as the authenticator gave it.
    public_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    #: Grows with each use, or stays 0 where the passkey is synchronised.
    sign_count: int = Field(sa_column=Column(BigInteger, nullable=False))
    #: `single_device` or `multi_device`; never changes for a credential.
    device_type: str = Field(max_length=16)
    #: Whether a copy is kept elsewhere.
    is_backed_up: bool
    aaguid: str = Field(max_length=36)
    #: Separated by spaces.
    transports: str = Field(default="", max_length=128)
    name: str = Field(max_length=64)
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    used_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))


class Totp(SQLModel, table=True):
    """An app that shows a new code every half minute (RFC 6238)."""

    __tablename__ = "totps"

    user_id: int = Field(sa_column=_owner(is_key=True))
    #: Encrypted with a key that derives from `secret_key`.
    secret: bytes = Field(sa_column=Column(LargeBinary(255), nullable=False))
    #: The half minute of the last code that was accepted; only a later one is accepted again.
    counter: int = Field(sa_column=Column(BigInteger, nullable=False))
    added_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class RecoveryCode(SQLModel, table=True):
    """A code on paper that replaces the second factor once."""

    __tablename__ = "recovery_codes"
    __table_args__ = (naming.CLUSTERED,)

    user_id: int = Field(sa_column=_owner(is_key=True))
    number: int = Field(primary_key=True)
    #: Argon2id in PHC form.
    code_hash: str = Field(max_length=256)
    used_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
