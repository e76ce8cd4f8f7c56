"""Tables of accounts and memberships."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from tesweb.database import naming
from tesweb.database.types import BigKey, UtcDateTime


class Role(StrEnum):
    """What a member may do on an account; each role may do what the ones after it may."""

    OWNER = "owner"
    PAYER = "payer"
    READER = "reader"


class Proof(StrEnum):
    """What only somebody who lives at the address, or gets its bill, can tell."""

    #: The code that billing prints on the paper bill.
    BILL_CODE = "bill_code"
    #: The serial number of the meter.
    METER = "meter"
    #: The sum of the last payment.
    PAYMENT = "payment"


class Account(SQLModel, table=True):
    """The supply contract for one address (лицевой счёт)."""

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("number", "region"),)

    id: int = Field(sa_column=Column(BigKey, primary_key=True))
    #: The name of the region that serves it.
    region: str = Field(max_length=32)
    #: Digits only, leading zeros kept.
    number: str = Field(max_length=32)
    address: str = Field(max_length=256)
    #: The tariff category, one of those that the region lists.
    category: str = Field(max_length=32)
    #: Owed in kopecks, negative when overpaid: the sum of the charges less that of the payments,
    #: kept beside them so that a page need not add up years.
    balance: int = Field(default=0, sa_column=Column(BigKey, nullable=False, server_default="0"))
    #: The day up to which billing has sent what it knows.
    balance_on: date | None = Field(default=None)
    #: The code that billing prints on the paper bill; it proves who holds the bill.
    bill_code: str | None = Field(default=None, max_length=32)


class Membership(SQLModel, table=True):
    """A user's access to an account."""

    __tablename__ = "memberships"
    __table_args__ = (
        CheckConstraint("role IN ('owner', 'payer', 'reader')", name="role"),
        Index("ix_memberships_account_id", "account_id"),
        naming.CLUSTERED,
    )

    user_id: int = Field(
        sa_column=Column(BigKey, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    )
    account_id: int = Field(sa_column=Column(BigKey, ForeignKey("accounts.id"), primary_key=True))
    role: str = Field(max_length=8)
    #: The order in which the user sees the accounts.
    position: int = Field(default=0)
    linked_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    #: What the user calls the account: "Дача".
    nickname: str = Field(default="", max_length=64, sa_column_kwargs={"server_default": ""})
