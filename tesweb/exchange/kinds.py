"""What a kind of file is: its columns, the table its rows wait in, the statements that apply it.

A file's rows are first put into a TEMP table, as they are read and without any lock. `prepare`
then looks at them beside the store, `apply` changes the store in one short transaction. Every
statement only touches rows that have no verdict yet, so each row ends with exactly one, and the
report is a count of verdicts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Executable,
    Integer,
    MetaData,
    String,
    Table,
    cast,
    func,
    literal,
    select,
    text,
    update,
)

from tesweb.accounts.models import Account
from tesweb.database.naming import table_of
from tesweb.exchange.cells import BadCell, Reader
from tesweb.regions.accounts import BadAccount
from tesweb.regions.region import Region

#: A row's values by column, as the database stores them; None where the cell is empty.
Values = dict[str, object]

_accounts = table_of(Account)


class Verdict(StrEnum):
    """What an import does with a row."""

    NEW = "new"
    CHANGED = "changed"
    #: The store knows it already, so the same file twice changes nothing.
    UNCHANGED = "unchanged"
    BAD = "bad"


#: The verdict of a staged row that no file has: a later reading whose consumption moves along.
FOLLOWED = "followed"


class BadRowError(ValueError):
    """The cells are fine one by one and wrong together."""

    def __init__(self, column: str, reason: str) -> None:
        """Name the column to look at and the reason in words for the operator."""
        super().__init__(reason)
        self.column = column
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a file."""

    name: str
    read: Reader
    #: Whether the header may lack it.
    optional: bool = False
    #: Whether a cell may be empty; it is None then.
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the five kinds of file."""

    name: str
    #: Files of one call are applied in this order, since the later ones refer to the earlier ones.
    order: int
    fields: tuple[Field, ...]
    #: Raises BadRowError where cells contradict each other or the account's region.
    check: Callable[[Values, Region], None]
    staged: Table
    #: Run before the store is locked.
    prepare: tuple[Executable, ...]
    #: Run in the transaction that changes the store.
    apply: tuple[Executable, ...]

    @property
    def names(self) -> frozenset[str]:
        """The names of all its columns."""
        return frozenset(field.name for field in self.fields)

    @property
    def required(self) -> frozenset[str]:
        """The names of the columns that its header must have."""
        return frozenset(field.name for field in self.fields if not field.optional)


#: The two columns that each file begins with: the account's key.
REGION = Field("region", str.lower)
ACCOUNT = Field("account", str)


def staging(name: str, *columns: Column[object]) -> Table:
    """The TEMP table in which the rows of one file wait; `file_line` is where each begins."""
    return Table(
        f"staged_{name}",
        MetaData(),
        Column("file_line", Integer, primary_key=True, autoincrement=False),
        Column("verdict", String),
        Column("fault_column", String),
        Column("fault", String),
        Column("region", String),
        Column("account", String),
        Column("account_id", BigInteger),
        *columns,
        prefixes=["TEMPORARY"],
    )


def read_row(kind: Kind, cells: Mapping[str, str], regions: Mapping[str, Region]) -> Values:
    """The values of one row. Raises BadRowError with the column and the reason."""
    values: Values = {}
    for field in kind.fields:
        cell = cells.get(field.name, "").strip()
        if cell:
            values[field.name] = _read(field, cell)
        elif field.blank or field.name not in cells:
            values[field.name] = None
        else:
            raise BadRowError(field.name, "empty")
    region = _account(values, regions)
    kind.check(values, region)
    return values


def _read(field: Field, cell: str) -> object:
    try:
        return field.read(cell)
    except BadCell as error:
        raise BadRowError(field.name, str(error)) from None


def _account(values: Values, regions: Mapping[str, Region]) -> Region:
    name = str(values["region"])
    if name not in regions:
        raise BadRowError("region", f"{name!r} is none of {', '.join(sorted(regions))}")
    values["account"] = _number(regions[name], str(values["account"]))
    return regions[name]


@lru_cache(maxsize=4096)
def _number(region: Region, cell: str) -> str:
    try:
        return region.account_number(cell)
    except BadAccount:
        reason = f"not an account number of {region.name}; one looks like {region.account_example}"
        raise BadRowError("account", reason) from None


def reject(
    staged: Table, condition: ColumnElement[bool], column: str, reason: str | ColumnElement[str]
) -> Executable:
    """The statement that finds fault with the undecided rows for which `condition` holds."""
    return (
        update(staged)
        .where(staged.c.verdict.is_(None), condition)
        .values(verdict=Verdict.BAD.value, fault_column=column, fault=reason)
    )


def reject_repeated(staged: Table, column: str, *keys: str) -> Executable:
    """The statement that finds fault with a row whose key an earlier line of the file has."""
    undecided = staged.c.verdict.is_(None)
    first = func.min(staged.c.file_line).over(partition_by=[staged.c[key] for key in keys])
    found = select(staged.c.file_line, first.label("first")).where(undecided).subquery("found")
    return (
        update(staged)
        .where(staged.c.file_line == found.c.file_line, found.c.first < staged.c.file_line)
        .values(
            verdict=Verdict.BAD.value,
            fault_column=column,
            fault=literal("the same as in line ") + cast(found.c.first, String),
        )
    )


def find_accounts(staged: Table) -> tuple[Executable, Executable]:
    """The statements that find each row's account and reject the rows that have none."""
    found = (
        update(staged)
        .where(
            staged.c.verdict.is_(None),
            _accounts.c.number == staged.c.account,
            _accounts.c.region == staged.c.region,
        )
        .values(account_id=_accounts.c.id)
    )
    reason = "no such account in this region; send it in a file of accounts first"
    return found, reject(staged, staged.c.account_id.is_(None), "account", reason)


def lock_accounts(staged: Table) -> Executable:
    """The statement that locks the accounts of a file on PostgreSQL, in the order of their keys.

    Who decides about an account's readings or money locks it first, so this waits for residents
    who are sending a reading, and they for this.
    """
    mine = select(staged.c.account_id)
    held = select(_accounts.c.id).where(_accounts.c.id.in_(mine)).order_by(_accounts.c.id)
    # It leaves those alone who only refer to the account, as a new reading's foreign key does.
    locked = held.with_for_update(key_share=True).subquery("locked")
    return select(func.count()).select_from(locked)


#: Imports wait for each other on PostgreSQL, as long as it takes: two that bring the same new row
#: would both fail. The number is any that nobody else uses.
WAIT_FOR_OTHER_IMPORTS = (
    text("SET LOCAL lock_timeout = 0"),
    select(func.pg_advisory_xact_lock(7_204_561_042)),
)


def later(values: Values, first: str, second: str) -> None:
    """Raises BadRowError where the date `second` is given and lies before the date `first`."""
    start, end = values[first], values[second]
    if isinstance(start, date) and isinstance(end, date) and end < start:
        raise BadRowError(second, f"before {first}")
