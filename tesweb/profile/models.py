"""People whose cabinet is deleted and whom a plugin has still to forget."""

from sqlalchemy import Column, ForeignKey
from sqlmodel import Field, SQLModel

from tesweb.database import naming  # noqa: F401 - the naming convention comes first
from tesweb.database.types import BigKey


class Unforgotten(SQLModel, table=True):
    """Somebody whom a plugin could not forget yet: it raised, or was off. Empty nearly always."""

    __tablename__ = "unforgotten"

    user_id: int = Field(
        sa_column=Column(
            BigKey,
            ForeignKey("users.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        )
    )
