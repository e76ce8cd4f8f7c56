"""How constraints and tables are named, so that migrations can find them again."""

from sqlalchemy import Index, Table, text
from sqlmodel import SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

#: Rows lie in the order of their key: a page reads one place of the file instead of eighty.
CLUSTERED = {"sqlite_with_rowid": False}


def index_of_some(name: str, *columns: str, where: str) -> Index:
    """An index of few rows of very many. A query finds it that says `where` in the same words.

    The tables are made by migrations, which say `where` for PostgreSQL too: said here, it would
    import all of PostgreSQL's dialect into a server on SQLite, a tenth of a second.
    """
    return Index(name, *columns, sqlite_where=text(where))


def table_of(model: type[SQLModel]) -> Table:
    """The SQLAlchemy table behind a model, typed."""
    return SQLModel.metadata.tables[str(model.__tablename__)]
