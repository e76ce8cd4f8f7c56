"""The real `tesweb demo`, started as a person would start it, and put back between the tests."""

import json
import os
import select
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

#: The day that every test lives in: the window for readings is open in each region.
TODAY = "2026-11-20"
#: Making up and importing hundreds of accounts takes a few seconds, on a slow machine many.
PATIENCE = 180


@dataclass(frozen=True, slots=True)
class DemoUser:
    """A user that `tesweb demo` has announced."""

    login: str
    password: str
    accounts: tuple[str, ...]
    about: str


@dataclass(frozen=True, slots=True)
class DemoBank:
    """The sandbox bank that belongs to the demo."""

    address: str
    #: The start of its API's addresses.
    api: str
    shop_id: str
    secret_key: str


@dataclass(frozen=True, slots=True)
class Server:
    """A running demo."""

    #: With a slash at the end.
    address: str
    users: tuple[DemoUser, ...]
    folder: Path
    bank: DemoBank

    def user(self, word: str) -> DemoUser:
        """The demo user whose description holds `word`. Raises LookupError."""
        for user in self.users:
            if word.casefold() in user.about.casefold():
                return user
        raise LookupError(f"{word!r} is in none of {[user.about for user in self.users]}")

    def keep(self) -> None:
        """Remember the present state."""
        _copy(self._database, self._kept)

    def restore(self) -> None:
        """Go back to the state that was kept; the server notices only other rows."""
        _copy(self._kept, self._database)

    @property
    def _database(self) -> Path:
        return self.folder / "tesweb.db"

    @property
    def _kept(self) -> Path:
        return self.folder.parent / "kept.db"


@contextmanager
def demo(folder: Path) -> Iterator[Server]:
    """Start `tesweb demo` below `folder` on a free port and end it afterwards."""
    command = [str(Path(sys.executable).with_name("tesweb")), "demo", "--json", "--port", "0"]
    command += ["--folder", str(folder / "demo"), "--today", TODAY]
    with (folder / "log").open("w+") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=_environment(), stdout=subprocess.PIPE, stderr=log, text=True
        )
        try:
            yield _announced(process, folder)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE)
            if process.stdout is not None:
                process.stdout.close()


def _announced(process: "subprocess.Popen[str]", folder: Path) -> Server:
    end, line, output = time.monotonic() + PATIENCE, "", process.stdout
    while output and not line and process.poll() is None and time.monotonic() < end:
        if select.select([output], [], [], 1)[0]:
            line = output.readline()
    if not line:
        raise RuntimeError("tesweb demo did not start:\n" + (folder / "log").read_text())
    told = json.loads(line)
    users = tuple(
        DemoUser(user["login"], user["password"], tuple(user["accounts"]), user["about"])
        for user in told["users"]
    )
    made = Server(told["address"], users, folder / "demo", DemoBank(**told["bank"]))
    made.keep()
    return made


def _environment() -> dict[str, str]:
    """The tester's own settings must not reach the demo."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TESWEB_")}


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
