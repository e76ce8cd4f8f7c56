"""The demo's inbox: messages go into a folder and can be read at /dev/inbox."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tesweb.clock import Clock

#: As many as a page shows.
_MOST = 100


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that would have gone out."""

    channel: str
    recipient: str
    subject: str
    text: str
    #: In ISO form.
    moment: str


@dataclass(frozen=True, slots=True)
class Inbox:
    """A channel that keeps what it is given in a folder."""

    name: str
    folder: Path
    clock: Clock

    def send(self, recipient: str, subject: str, text: str, key: str) -> None:
        """Keep the message; the same one again replaces itself."""
        self.folder.mkdir(parents=True, exist_ok=True)
        sent = Sent(self.name, recipient, subject, text, self.clock.now().isoformat())
        # A reader never sees half of it.
        draft = self.folder / f"{key}.part"
        draft.write_text(json.dumps(asdict(sent), ensure_ascii=False), "utf-8")
        draft.replace(self.folder / f"{key}.json")


def inbox_of(folder: Path) -> Path:
    """Where the demo in `folder` keeps its messages."""
    return folder / "inbox"


def kept(folder: Path) -> list[Sent]:
    """The newest messages, the newest first."""
    found = [Sent(**json.loads(file.read_text("utf-8"))) for file in folder.glob("*.json")]
    return sorted(found, key=lambda sent: sent.moment, reverse=True)[:_MOST]
