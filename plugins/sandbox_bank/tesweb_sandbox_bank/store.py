"""The bank's books: one SQLite file, one transaction at a time, written before anything is said."""

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from tesweb_sandbox_bank.models import Method, Payment, Receipt, Refund, Thing

T = TypeVar("T", Payment, Refund, Receipt, Method)
_TABLES = """
CREATE TABLE IF NOT EXISTS things (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    created_at TEXT NOT NULL,
    status TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS things_newest ON things (kind, created_at, id);
CREATE INDEX IF NOT EXISTS things_qr ON things (body ->> 'qr') WHERE kind = 'payment';
CREATE INDEX IF NOT EXISTS things_ending ON things (expires_at) WHERE expires_at <> '';
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    answer TEXT NOT NULL,
    created_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notices (
    id INTEGER PRIMARY KEY,
    body TEXT NOT NULL,
    created_at TEXT NOT NULL,
    due_at TEXT NOT NULL,
    copies INTEGER NOT NULL,
    is_held INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'waiting'
);
CREATE INDEX IF NOT EXISTS notices_due ON notices (due_at) WHERE state = 'waiting';
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_SAVE = "INSERT OR REPLACE INTO things VALUES (?, ?, ?, ?, ?, ?)"
_FIND = "SELECT body FROM things WHERE kind = ? AND id = ?"
_NEWEST = (
    "SELECT body FROM things WHERE kind = ? AND created_at BETWEEN ? AND ?"
    " ORDER BY created_at DESC, id DESC"
)
_ENDING = (
    "SELECT body FROM things WHERE expires_at <> '' AND expires_at <= ? AND kind = ?"
    " ORDER BY expires_at"
)
_BY_QR = "SELECT body FROM things WHERE kind = 'payment' AND body ->> 'qr' = ?"
_FACT = "SELECT value FROM facts WHERE name = ?"
_SET_FACT = "INSERT OR REPLACE INTO facts VALUES (?, ?)"
#: Before and after every moment that the bank writes.
EARLIEST, LATEST = "", "~"


class Work:
    """One transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Stand on a connection whose transaction is open."""
        self.connection = connection

    def save(self, thing: Thing) -> None:
        """Write it, new or changed."""
        facts = asdict(thing)
        head = (thing.id, thing.created_at, thing.status, facts.get("expires_at", ""))
        self.connection.execute(_SAVE, (_kind(type(thing)), *head, json.dumps(facts)))

    def find(self, kind: type[T], number: str) -> T | None:
        """The one of this number."""
        row = self.connection.execute(_FIND, (_kind(kind), number)).fetchone()
        return kind(**json.loads(row[0])) if row else None

    def newest(self, kind: type[T], since: str = EARLIEST, until: str = LATEST) -> Iterator[T]:
        """All that were made in a time, the newest first."""
        rows = self.connection.execute(_NEWEST, (_kind(kind), since, until))
        return (kind(**json.loads(row[0])) for row in rows)

    def ending(self, kind: type[T], now: str) -> Iterable[T]:
        """All whose time is over."""
        rows = self.connection.execute(_ENDING, (now, _kind(kind))).fetchall()
        return [kind(**json.loads(row[0])) for row in rows]

    def by_qr(self, code: str) -> Payment | None:
        """The payment that an SBP link is for."""
        row = self.connection.execute(_BY_QR, (code,)).fetchone()
        return Payment(**json.loads(row[0])) if row else None

    def fact(self, name: str) -> str | None:
        """What was remembered under a name."""
        row = self.connection.execute(_FACT, (name,)).fetchone()
        return None if row is None else str(row[0])

    def remember(self, name: str, value: str) -> None:
        """Keep a fact over a restart."""
        self.connection.execute(_SET_FACT, (name, value))


class Store:
    """The file; any thread may work with it."""

    def __init__(self, file: Path) -> None:
        """Open it, new or as it was left, even by a crash."""
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(
            file, timeout=10, isolation_level=None, check_same_thread=False
        )
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(_TABLES)

    @contextmanager
    def work(self) -> Iterator[Work]:
        """A transaction; an exception undoes it."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield Work(self._connection)
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Let the file go."""
        with self._lock:
            self._connection.close()


def _kind(kind: type[Thing]) -> str:
    return kind.__name__.lower()
