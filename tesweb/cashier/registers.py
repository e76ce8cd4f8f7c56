"""A bank's register as a CSV file: every line is right, or nothing of it is taken."""

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from uuid import UUID

from tesweb.cashier.rules import MOSCOW
from tesweb.exchange.cells import BadCell, kopecks, paid_kopecks
from tesweb.money import Kopecks
from tesweb.payments.protocol import Settled
from tesweb.payments.sense import LONGEST_REFERENCE, is_reference

REQUIRED = ("reference", "kind", "amount", "at")
OPTIONAL = ("fee", "key", "currency")
#: A day of the largest supplier is a tenth of it.
MOST_LINES = 200_000
_MOST_BYTES = 64 * 1024 * 1024
_MANY_SEPARATORS = ";,\t"


class BadRegister(ValueError):
    """Nothing of the register is taken; the text names the line and the reason."""


def read_file(path: Path) -> list[Settled]:
    """The lines of a register. Raises BadRegister."""
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise BadRegister(f"the file cannot be read: {error.strerror}") from None
    return read(content)


def read(content: bytes) -> list[Settled]:
    """The lines of a register in its bytes. Raises BadRegister."""
    if len(content) > _MOST_BYTES:
        raise BadRegister("longer than 64 MB: ask the bank for a file of one day")
    rows = _rows(_decoded(content))
    header = _header(rows)
    found: list[Settled] = []
    seen: dict[tuple[object, ...], int] = {}
    for number, cells in islice(rows, MOST_LINES + 1):
        line = _line(header, cells, number)
        mark = (line.reference, line.amount, line.at)
        if mark in seen:
            raise BadRegister(f"line {number}: the same as line {seen[mark]}")
        seen[mark] = number
        found.append(line)
    if len(found) > MOST_LINES:
        raise BadRegister(f"more than {MOST_LINES:,} lines: ask the bank for a file of one day")
    if not found:
        raise BadRegister("the register has a header and no line")
    return found


def digest(gateway: str, day: object, lines: Sequence[Settled]) -> str:
    """The mark of a day's register: the same lines in another order have the same."""
    marks = sorted(f"{line.reference} {line.amount} {line.fee} {line.at}" for line in lines)
    return hashlib.sha256("\n".join([gateway, str(day), *marks]).encode()).hexdigest()


def _decoded(content: bytes) -> str:
    if b"\0" in content:
        line = content[: content.index(b"\0")].count(b"\n") + 1
        raise BadRegister(f"line {line}: a zero byte; this is no CSV in UTF-8 or cp1251")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
    try:
        return content.decode("cp1251")
    except UnicodeDecodeError:
        raise BadRegister(f"line {line}: bytes that are neither UTF-8 nor cp1251") from None


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The line in which each row begins, and its cells; empty rows are left out."""
    first = text.partition("\n")[0]
    separator = max(_MANY_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error:
            raise BadRegister(f"line {number}: quotes that do not match") from None
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield number, [cell.strip() for cell in cells]


def _header(rows: Iterator[tuple[int, list[str]]]) -> tuple[str, ...]:
    number, cells = next(rows, (1, []))
    header = tuple(cell.lower() for cell in cells)
    wrong = [f"no column {name!r}" for name in REQUIRED if name not in header]
    known = {*REQUIRED, *OPTIONAL}
    wrong += [f"an unknown column {name[:40]!r}" for name in header if name not in known]
    wrong += [f"the column {name!r} twice" for name in known if header.count(name) > 1]
    if wrong:
        columns = ", ".join([*REQUIRED, *(f"[{name}]" for name in OPTIONAL)])
        raise BadRegister(f"line {number}: {', '.join(wrong[:8])}; the columns are {columns}")
    return header


def _line(header: tuple[str, ...], cells: list[str], number: int) -> Settled:
    if len(cells) != len(header):
        raise BadRegister(f"line {number}: {len(cells)} cells below {len(header)} columns")
    row = dict(zip(header, cells, strict=True))
    try:
        return _settled(row)
    except BadCell as error:
        raise BadRegister(f"line {number}: {error}") from None


def _settled(row: Mapping[str, str]) -> Settled:
    """A row in the protocol's words. Raises BadCell."""
    if row["kind"] not in {"payment", "refund"}:
        raise BadCell(f"kind: {row['kind'][:40]!r} is neither payment nor refund")
    if row.get("currency") not in {None, "", "RUB"}:
        raise BadCell("currency: only RUB has a place in the books")
    sign = 1 if row["kind"] == "payment" else -1
    amount = paid_kopecks(row["amount"])
    fee = kopecks(row.get("fee") or "0")
    if abs(fee) > amount:
        raise BadCell("fee: more than the amount")
    return Settled(
        _reference(row["reference"]),
        _key(row.get("key") or ""),
        Kopecks(sign * amount),
        Kopecks(fee),
        _moment(row["at"]),
    )


def _reference(cell: str) -> str:
    if not is_reference(cell):
        raise BadCell(f"reference: from 1 to {LONGEST_REFERENCE} printable characters")
    return cell


def _key(cell: str) -> UUID | None:
    try:
        return UUID(cell) if cell else None
    except ValueError:
        raise BadCell(f"key: {cell[:40]!r} is no key of an order") from None


def _moment(cell: str) -> datetime:
    """A time with its zone, or by Moscow."""
    try:
        moment = datetime.fromisoformat(cell)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=MOSCOW)
        return aware.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        raise BadCell(f"at: {cell[:40]!r} is no time like 2026-11-20T23:59:00+03:00") from None
