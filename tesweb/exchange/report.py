"""What an import has to say to the operator."""

import csv
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from tesweb.exchange.kinds import FOLLOWED, Verdict

#: Bad rows of a file that are shown; all of them are counted and can be written to a file.
SHOWN = 20


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was left out."""

    file: str
    #: The line in which the row begins; the header is line 1.
    line: int
    #: The column to look at; empty where it is the whole row.
    column: str
    reason: str


@dataclass(slots=True)
class FileReport:
    """What became of one file."""

    file: str
    #: The kind of file; empty where not even the header could be understood.
    kind: str = ""
    #: Rows by verdict.
    counts: dict[Verdict, int] = field(default_factory=lambda: dict.fromkeys(Verdict, 0))
    #: Later readings whose consumption moved because one before them came in or was corrected.
    followed: int = 0
    #: The first bad rows.
    bad_rows: list[BadRow] = field(default_factory=list)
    #: Why nothing of the file was taken; empty where it was.
    failure: str = ""
    seconds: float = 0.0

    @property
    def rows(self) -> int:
        """How many rows the file has."""
        return sum(self.counts.values())

    def count(self, verdict: str, rows: int) -> None:
        """Take the count of a verdict as the database has it."""
        if verdict == FOLLOWED:
            self.followed = rows
        else:
            self.counts[Verdict(verdict)] = rows

    def note(self, bad: BadRow) -> None:
        """Keep a bad row if there is still room to show it."""
        if len(self.bad_rows) < SHOWN:
            self.bad_rows.append(bad)


class BadRowsFile(AbstractContextManager["BadRowsFile"]):
    """A CSV file of bad rows, for the people at billing; written as they are found."""

    def __init__(self, path: Path | None) -> None:
        """Prepare to write to `path`, or to nothing."""
        self._path = path
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        """Open the file and write its header."""
        if self._path is not None:
            # The mark tells a spreadsheet that the letters are UTF-8.
            self._file = self._path.open("w", encoding="utf-8-sig", newline="")
            self._write([("file", "line", "column", "reason")])
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def add(self, bad: BadRow) -> None:
        """Write one bad row."""
        self._write([(bad.file, bad.line, bad.column, bad.reason)])

    def _write(self, lines: Iterable[tuple[object, ...]]) -> None:
        if self._file is not None:
            csv.writer(self._file, delimiter=";").writerows(lines)
