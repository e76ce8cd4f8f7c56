"""Rows for pages, past what SQLAlchemy does for each execution of a statement.

A statement is written with SQLAlchemy and turned into SQL once per database; asking then costs the
driver's own time. On a page of three questions that is a tenth of the whole request.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, Connection, Select
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

from tesweb.database.engine import READS

Converter = Callable[[Any], Any]
Query = Select[Any] | CompoundSelect[Any]


class _Prepared(NamedTuple):
    """A statement in one database's words."""

    sql: str
    #: The values that are part of the statement, as the driver takes them: by their names, or in
    #: the order of the question marks with gaps for those that are asked for.
    given: dict[Any, Any] | list[Any]
    #: For each value that is asked for: its place there, its name, and how it becomes the
    #: driver's; None where it is already.
    asked: tuple[tuple[Any, str, Converter | None], ...]
    #: The columns whose values have to be converted.
    converters: tuple[tuple[int, Converter], ...]
    row: Callable[[Any], Any]


def fetch(connection: Connection, statement: Query, values: Mapping[str, object]) -> list[Any]:
    """All rows of a query as named tuples; `values` are those of its `bindparam`s.

    Raises KeyError for one that is missing, and what SQLAlchemy raises when the database fails.
    """
    dialect = connection.dialect
    prepared = _prepare(statement, dialect)
    asked = prepared.given.copy()
    for place, name, convert in prepared.asked:
        value = values[name]
        asked[place] = value if convert is None else convert(value)
    try:
        cursor = connection.connection.cursor()
        cursor.execute(prepared.sql, asked)
        found = cursor.fetchall()
        cursor.close()
    except dialect.loaded_dbapi.Error:
        # SQLAlchemy knows which errors end a connection and what they are called.
        return _ask_again(connection, statement, values)
    if not found:
        return []
    columns = list(zip(*found, strict=True))
    for place, convert in prepared.converters:
        columns[place] = tuple(map(convert, columns[place]))
    return list(map(prepared.row, zip(*columns, strict=True)))


def _ask_again(connection: Connection, statement: Query, values: Mapping[str, object]) -> list[Any]:
    # A server that was restarted has closed the kept connection of every thread.
    try:
        return list(connection.execute(statement, dict(values)))
    except DBAPIError as error:
        if not error.connection_invalidated or not connection.get_execution_options().get(READS):
            raise
    connection.rollback()
    return list(connection.execute(statement, dict(values)))


@lru_cache(maxsize=1024)
def _prepare(statement: Query, dialect: Dialect) -> _Prepared:
    compiled = statement.compile(dialect=dialect)
    if not isinstance(compiled, SQLCompiler):
        raise TypeError("not a query")
    known: dict[str, Any] = {}
    wanted: dict[str, Converter | None] = {}
    for bound, name in compiled.bind_names.items():
        convert = bound.type.dialect_impl(dialect).bind_processor(dialect)
        if bound.required:
            wanted[name] = convert
        else:
            value = bound.effective_value
            known[name] = value if convert is None else convert(value)
    order = compiled.positiontup
    places = enumerate(order) if order is not None else ((name, name) for name in wanted)
    columns = list(statement.selected_columns)
    names = " ".join(column.key or "_" for column in columns)
    row = namedtuple("row", names, rename=True)  # type: ignore[misc]  # noqa: PYI024 - names of the statement
    found = (
        (place, column.type.dialect_impl(dialect).result_processor(dialect, None))
        for place, column in enumerate(columns)
    )
    return _Prepared(
        sql=compiled.string,
        given=known if order is None else [known.get(name) for name in order],
        asked=tuple((place, name, wanted[name]) for place, name in places if name in wanted),
        converters=tuple((place, convert) for place, convert in found if convert is not None),
        row=row._make,
    )
