"""The table of what was given to billing."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column
from sqlmodel import Field, SQLModel

from tesweb.database.types import BigKey, UtcDateTime


class BillingExport(SQLModel, table=True):
    """A file of our payments for billing: the books from one transaction to another, for ever."""

    __tablename__ = "billing_exports"
    __table_args__ = (CheckConstraint("upto_id > after_id", name="upto"),)

    #: Counted without a gap: billing sees that a file is missing.
    id: int = Field(sa_column=Column(BigKey, primary_key=True, autoincrement=False))
    #: The last transaction of the file before, and this file's own.
    after_id: int = Field(sa_column=Column(BigKey, nullable=False))
    upto_id: int = Field(sa_column=Column(BigKey, nullable=False))
    made_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    #: None until the file lies where billing takes it from.
    written_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
