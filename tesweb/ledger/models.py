"""Tables of charges and payments as billing sends them; append-only, in kopecks."""

from datetime import date
from decimal import Decimal

from sqlalchemy import Column, ForeignKey
from sqlmodel import Field, SQLModel

from tesweb.database import naming
from tesweb.database.types import BigKey, KilowattHours, Price


class Charge(SQLModel, table=True):
    """A line of what is owed for a month (начисление)."""

    __tablename__ = "charges"
    __table_args__ = (naming.CLUSTERED,)

    account_id: int = Field(sa_column=Column(BigKey, ForeignKey("accounts.id"), primary_key=True))
    #: The first day of the month it is for.
    period: date = Field(primary_key=True)
    #: Billing's own code of the line, unique within the account's month.
    line: str = Field(max_length=32, primary_key=True)
    title: str = Field(max_length=160)
    #: None for a line that is no volume times price, as a recalculation.
    volume: Decimal | None = Field(default=None, sa_column=Column(KilowattHours))
    price: Decimal | None = Field(default=None, sa_column=Column(Price))
    #: Kopecks; negative for a recalculation in the customer's favour.
    amount: int = Field(sa_column=Column(BigKey, nullable=False))


class Payment(SQLModel, table=True):
    """Money that billing has received (платёж)."""

    __tablename__ = "payments"
    __table_args__ = (naming.CLUSTERED,)

    account_id: int = Field(sa_column=Column(BigKey, ForeignKey("accounts.id"), primary_key=True))
    paid_on: date = Field(primary_key=True)
    #: The payer's bank's or the desk's own number of the payment, unique within the account's day.
    reference: str = Field(max_length=64, primary_key=True)
    #: Where it was paid, as billing words it.
    channel: str = Field(max_length=64)
    #: Kopecks, above zero.
    amount: int = Field(sa_column=Column(BigKey, nullable=False))
