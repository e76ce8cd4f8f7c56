"""What the bank is told at its start, and its clock."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """The choices of whoever starts it."""

    #: Where its pages are, without a slash at the end.
    origin: str
    #: For its database.
    folder: Path
    shop_id: str
    secret_key: str = field(repr=False)
    #: Where notices go; empty means nowhere.
    notify_url: str = ""
    #: Signs notices; empty means that they are unsigned, as YooKassa's are.
    notify_key: str = field(default="", repr=False)
    #: The folder of the demo's messages; None means that codes are shown nowhere.
    inbox: Path | None = None

    @property
    def address(self) -> str:
        """The start of every address of the API."""
        return f"{self.origin}/v3"


@dataclass(slots=True)
class Clock:
    """The machine's clock, moved by what the demo pretends and by what a test has gone ahead."""

    shift: timedelta = timedelta(0)

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC) + self.shift

    def stamp(self, later: timedelta = timedelta(0)) -> str:
        """A moment as the API writes it; such texts sort as the moments do."""
        return written(self.now() + later)


def written(moment: datetime) -> str:
    """`2026-11-23T10:00:00.000Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
