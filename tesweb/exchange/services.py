"""Taking files in: each file is one transaction, whole or not at all."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TypeVar, cast

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy import Connection, Table, func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from tesweb.database.engine import Database, told
from tesweb.exchange.files import BadFile, Encoding, Opened, RawRow, open_file, rows
from tesweb.exchange.kinds import (
    WAIT_FOR_OTHER_IMPORTS,
    BadRowError,
    Kind,
    Values,
    Verdict,
    lock_accounts,
    read_row,
)
from tesweb.exchange.report import BadRow, BadRowsFile, FileReport
from tesweb.regions.region import Region

T = TypeVar("T")

#: Rows that are in memory at a time.
BATCH = 2_000

#: Called with the number of bytes that have been read since the last call.
Progress = Callable[[int], None]


class Importer:
    """Takes billing's files into one database."""

    def __init__(
        self, database: Database, regions: Mapping[str, Region], encoding: Encoding | None = None
    ) -> None:
        """Import into `database` accounts of `regions`; `encoding` None means to find it out."""
        self._database = database
        self._regions = regions
        self._encoding = encoding

    def run(
        self, paths: Iterable[Path], bad_rows: BadRowsFile, progress: Progress
    ) -> Iterator[FileReport]:
        """Take the files in, those first that others refer to; yields a report for each.

        A file that fails leaves nothing behind and does not hinder the others.
        """
        opened: list[Opened] = []
        for path in paths:
            try:
                opened.append(open_file(path, self._encoding))
            except BadFile as error:
                yield FileReport(str(path), failure=str(error))
        for file in sorted(opened, key=lambda file: file.kind.order):
            yield self._take(file, bad_rows, progress)

    def _take(self, opened: Opened, bad_rows: BadRowsFile, progress: Progress) -> FileReport:
        report = FileReport(str(opened.path), opened.kind.name)
        started = time.monotonic()
        try:
            with self._database.stage() as connection:
                self._stage(connection, opened, progress)
                self._apply(connection, opened.kind)
                _tell(connection, opened, report, bad_rows)
        except BadFile as error:
            report.failure = str(error)
        except (SQLAlchemyError, psycopg.Error) as error:
            # The driver's own from its COPY, which SQLAlchemy knows nothing of.
            report.failure = (
                f"the database refused it: {told(getattr(error, 'orig', None) or error)}"
            )
        report.seconds = time.monotonic() - started
        return report

    def _stage(self, connection: Connection, opened: Opened, progress: Progress) -> None:
        """Read the file into a TEMP table and look at it there; nobody has to wait for this."""
        kind = opened.kind
        with connection.begin():
            kind.staged.create(connection)
            offset = 0
            for batch in _batches(rows(opened)):
                good, bad = self._read(opened, batch)
                for found in (good, bad):
                    if found:
                        self._put(connection, kind.staged, found)
                progress(batch[-1].offset - offset)
                offset = batch[-1].offset
            progress(opened.size - offset)
        with connection.begin():
            for statement in kind.prepare:
                connection.execute(statement)

    def _put(self, connection: Connection, table: Table, found: list[Values]) -> None:
        if self._database.is_sqlite:
            connection.execute(insert(table), found)
            return
        # Five times as fast as INSERT; the driver's own, as SQLAlchemy has no word for it.
        columns = list(found[0])
        names = SQL(", ").join(map(Identifier, columns))
        command = SQL("COPY {} ({}) FROM STDIN").format(Identifier(table.name), names)
        driver = cast("psycopg.Connection", connection.connection.dbapi_connection)
        with driver.cursor() as cursor, cursor.copy(command) as copy:
            for values in found:
                copy.write_row([values[column] for column in columns])

    def _apply(self, connection: Connection, kind: Kind) -> None:
        with self._database.work(on=connection) as work:
            # On SQLite `work` itself lets in one at a time.
            locks = (*WAIT_FOR_OTHER_IMPORTS, lock_accounts(kind.staged))
            for statement in (*(() if self._database.is_sqlite else locks), *kind.apply):
                work.execute(statement)

    def _read(self, opened: Opened, batch: list[RawRow]) -> tuple[list[Values], list[Values]]:
        good: list[Values] = []
        bad: list[Values] = []
        for row in batch:
            try:
                cells = _cells(opened, row)
                good.append(read_row(opened.kind, cells, self._regions) | {"file_line": row.line})
            except BadRowError as error:
                bad.append(_fault(row.line, error))
        return good, bad


def _cells(opened: Opened, row: RawRow) -> dict[str, str]:
    if row.cells is None:
        raise BadRowError("", "its quotes do not match")
    if len(row.cells) != len(opened.header):
        wanted = f"{len(opened.header)} cells wanted"
        raise BadRowError("", f"{wanted}, {len(row.cells)} found")
    return dict(zip(opened.header, row.cells, strict=True))


def _fault(line: int, error: BadRowError) -> Values:
    return {
        "file_line": line,
        "verdict": Verdict.BAD.value,
        "fault_column": error.column,
        "fault": error.reason,
    }


def _batches(source: Iterator[T]) -> Iterator[list[T]]:
    while batch := list(islice(source, BATCH)):
        yield batch


def _tell(
    connection: Connection, opened: Opened, report: FileReport, bad_rows: BadRowsFile
) -> None:
    """Fill the report from the verdicts, after the commit."""
    columns = opened.kind.staged.c
    counts = select(columns.verdict, func.count()).group_by(columns.verdict)
    faults = (
        select(columns.file_line, columns.fault_column, columns.fault)
        .where(columns.verdict == Verdict.BAD.value)
        .order_by(columns.file_line)
    )
    with connection.begin():
        for verdict, count in connection.execute(counts):
            report.count(verdict, count)
        streamed = connection.execution_options(yield_per=BATCH).execute(faults)
        for line, column, reason in streamed:
            bad = BadRow(report.file, line, column, reason)
            report.note(bad)
            bad_rows.add(bad)
