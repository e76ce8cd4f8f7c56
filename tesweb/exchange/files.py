"""A file from its bytes to its rows: encoding, separator, header, quotes; never all in memory."""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from tesweb.exchange.accounts import ACCOUNTS
from tesweb.exchange.kinds import Kind
from tesweb.exchange.ledger import CHARGES, PAYMENTS
from tesweb.exchange.meters import METERS
from tesweb.exchange.readings import READINGS

if TYPE_CHECKING:
    import _csv

#: Every kind of file, in the order in which they must be applied.
KINDS = (ACCOUNTS, METERS, READINGS, CHARGES, PAYMENTS)

#: How much is read at once; also the longest line that is still taken for one.
CHUNK = 1 << 18
SEPARATORS = ";,"
#: With so many known columns a header is one of ours, perhaps a wrong one.
FAMILIAR = 3
#: How much of a header that is not ours is shown: so many columns, so many letters of each.
_TOLD, _LONGEST = 20, 40


class Encoding(StrEnum):
    """How a file's letters are written."""

    UTF_8 = "utf-8"
    CP1251 = "cp1251"


class BadFile(ValueError):
    """Nothing of the file can be trusted; the message says why, in words for the operator."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file whose bytes were checked and whose header was understood."""

    path: Path
    kind: Kind
    encoding: Encoding
    separator: str
    #: The columns in the order of this file.
    header: tuple[str, ...]
    size: int


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row of cells, not yet understood."""

    #: The line of the file in which it begins; the header is in line 1.
    line: int
    #: None where its quotes do not match, so that nobody can say where its cells end.
    cells: tuple[str, ...] | None
    #: How many bytes of the file have been read up to here.
    offset: int


def open_file(path: Path, encoding: Encoding | None = None) -> Opened:
    """Look through the whole file once. Raises BadFile where it cannot be a file of billing's."""
    try:
        with path.open("rb") as file:
            found = _encoding(file, encoding)
            size = file.tell()
        first, separator = _first_line(path, found)
    except OSError as error:
        raise BadFile(f"cannot be read: {error.strerror}") from None
    header = tuple(name.strip().lower() for name in first)
    return Opened(path, _kind(header), found, separator, header, size)


def rows(opened: Opened) -> Iterator[RawRow]:
    """The rows below the header, one at a time.

    Raises BadFile where a quote is never closed, or the file can no longer be read as it was.
    """
    try:
        with opened.path.open("rb") as file, _text(file, opened.encoding) as text:
            reader = csv.reader(text, delimiter=opened.separator, strict=True)
            next(reader)
            while (row := _next(reader)) is not None:
                line, cells = row
                if cells is None or any(cells):
                    yield RawRow(line, cells, file.tell())
    except (OSError, UnicodeDecodeError, StopIteration) as error:
        raise BadFile(f"it changed while it was read: {error}") from None


def _next(reader: "_csv.Reader") -> tuple[int, tuple[str, ...] | None] | None:
    """The next row and the line in which it begins; None at the end of the file."""
    line = reader.line_num + 1
    try:
        cells = next(reader, None)
    except csv.Error as error:
        if "expected after" not in str(error):
            raise BadFile(f"line {line}: a quote that is never closed") from None
        return line, None
    return None if cells is None else (line, tuple(cells))


def _text(file: BufferedReader, encoding: Encoding) -> TextIOWrapper:
    codec = "utf-8-sig" if encoding is Encoding.UTF_8 else encoding.value
    return TextIOWrapper(file, codec, newline="")


def _encoding(file: BufferedReader, wanted: Encoding | None) -> Encoding:
    """UTF-8 if every byte of the file is, else cp1251; Russian in one is never valid in the other.

    A file that begins as UTF-8 and then breaks is damaged and no cp1251: taken for that, its names
    would be stored as gibberish.
    """
    if wanted is not Encoding.CP1251:
        broken = _first_undecodable(file, Encoding.UTF_8)
        if broken is None:
            return Encoding.UTF_8
        if wanted is Encoding.UTF_8 or broken.after_letters:
            raise BadFile(f"line {broken.line}: bytes that are not UTF-8; the file is damaged")
        file.seek(0)
    broken = _first_undecodable(file, Encoding.CP1251)
    if broken is not None:
        raise BadFile(f"line {broken.line}: bytes that are neither UTF-8 nor cp1251")
    return Encoding.CP1251


@dataclass(frozen=True, slots=True)
class _Broken:
    line: int
    #: Whether letters beyond ASCII were read well before it.
    after_letters: bool


def _first_undecodable(file: BufferedReader, encoding: Encoding) -> _Broken | None:
    decoder = codecs.getincrementaldecoder(encoding.value)()
    line, letters = 1, file.peek(3)[:3] == codecs.BOM_UTF8
    while True:
        chunk = file.read(CHUNK)
        _refuse_no_text(chunk, line)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            good = error.object[: error.start]
            return _Broken(line + _lines(good), letters or not good.isascii())
        if not chunk:
            return None
        line += _lines(chunk)
        letters = letters or not text.isascii()


def _refuse_no_text(chunk: bytes, line: int) -> None:
    if b"\0" in chunk:
        where = line + _lines(chunk[: chunk.index(b"\0")])
        raise BadFile(f"line {where}: a zero byte; this is no CSV in UTF-8 or cp1251")
    if len(chunk) == CHUNK and b"\n" not in chunk and b"\r" not in chunk:
        raise BadFile(f"line {line}: longer than any row can be")


def _lines(chunk: bytes) -> int:
    """The line ends in it, of whichever of the three sorts the file has."""
    return chunk.count(b"\n") or chunk.count(b"\r")


def _first_line(path: Path, encoding: Encoding) -> tuple[list[str], str]:
    with path.open("rb") as file, _text(file, encoding) as text:
        first = text.readline(CHUNK).strip()
    if not first:
        raise BadFile("line 1: there must be a header and it is empty")
    separator = max(SEPARATORS, key=first.count)
    try:
        return next(csv.reader([first], delimiter=separator, strict=True)), separator
    except csv.Error:
        raise BadFile("line 1: the quotes of the header do not match") from None


def _kind(header: tuple[str, ...]) -> Kind:
    names = frozenset(header)
    kind = max(KINDS, key=lambda kind: len(kind.names & names))
    if len(names & kind.names) < FAMILIAR:
        raise _bad_header("not the header of any file of billing's", header, KINDS)
    wrong = [
        f"no column {field.name!r}" for field in kind.fields if field.name in kind.required - names
    ]
    wrong += [f"an unknown column {_cut(name)!r}" for name in header if name not in kind.names]
    twice = (name for name in dict.fromkeys(header) if header.count(name) > 1)
    wrong += [f"the column {_cut(name)!r} twice" for name in twice]
    if wrong:
        looks = f"it looks like a file of {kind.name}, but has {', '.join(wrong[:_TOLD])}"
        raise _bad_header(looks, header, (kind,))
    return kind


def _bad_header(reason: str, header: tuple[str, ...], wanted: tuple[Kind, ...]) -> BadFile:
    """The refusal, with what was found beside what was expected."""
    found = ", ".join(_cut(name) for name in header[:_TOLD])
    if not any(name in kind.names for name in header for kind in KINDS):
        # A file without a header begins with a customer.
        found = f"{len(header)} columns of other names"
    kinds = ", ".join(kind.name for kind in KINDS)
    lines = [f"line 1: {reason}", f"found: {found}{', …' if len(header) > _TOLD else ''}"]
    lines += [f"expected for {kind.name}: {_columns(kind)}" for kind in wanted]
    lines += [f"The kinds of file are {kinds}; docs/exchange.md explains each column."]
    return BadFile("\n  ".join(lines))


def _columns(kind: Kind) -> str:
    """Its columns, those that may be missing in brackets."""
    return ", ".join(f"[{field.name}]" if field.optional else field.name for field in kind.fields)


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"
