"""What a plugin tells about a person, for the copy of their data."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from flask_babel.speaklater import LazyString


@dataclass(frozen=True, slots=True)
class PersonalFile:
    """A file that is held about a person: on paper its name and size, for programs its content."""

    name: str
    #: As `image/jpeg`.
    media_type: str
    #: In bytes.
    size: int
    #: Its bytes; asked for where they are wanted, one file at a time.
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class InWords:
    """A value that programs read, and how people read it."""

    value: str | int | date
    words: LazyString | str


PersonalValue: TypeAlias = (
    str | int | bool | Decimal | date | datetime | InWords | PersonalFile | None
)


@dataclass(frozen=True, slots=True)
class PersonalData:
    """A list of what a plugin holds about a person, under a title."""

    #: What it is called in the file for programs: `[a-z_]+`.
    name: str
    title: LazyString
    #: The heading of each column, by its name in the file for programs.
    columns: Mapping[str, LazyString]
    #: In each row a value for every column, in their order.
    rows: Sequence[Sequence[PersonalValue]]
