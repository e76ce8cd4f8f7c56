"""The benchmark's databases, kept in var/bench from one run to the next."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import bindparam, create_engine, text, update

from bench import bulk
from tesweb.clock import SystemClock, add_months, month_of
from tesweb.database import migrations
from tesweb.database.engine import Database
from tesweb.identity.statements import sessions
from tesweb.plugins import Plugins
from tesweb.resources import MIGRATIONS
from tesweb.testing.databases import Cluster, cluster

FOLDER = Path("var/bench").resolve()
#: How many accounts the load generator chooses from.
CHOSEN = 20_000
_FRESH = (
    update(sessions)
    .where(sessions.c.user_id == bindparam("user"))
    .values(seen_at=bindparam("now"), ends_at=bindparam("end"))
)
#: What the writing load has left: no reading of the bulk data has a receipt.
_FORGET_READINGS = (
    "DELETE FROM readings WHERE receipt_id IS NOT NULL "
    "AND account_id IN (SELECT account_id FROM receipts)"
)
_FORGET_RECEIPTS = "DELETE FROM receipts"


@dataclass(frozen=True, slots=True)
class Store:
    """A filled database."""

    #: `sqlite` or `postgresql`.
    kind: str
    address: str
    accounts: int
    #: The process whose children work for the database; None for SQLite.
    server: int | None = None

    @property
    def step(self) -> int:
        """How far apart the accounts lie that the load generator chooses."""
        return max(1, self.accounts // CHOSEN)

    @property
    def chosen(self) -> range:
        """The accounts that the load generator chooses from."""
        return range(1, self.accounts + 1, self.step)

    def freshen(self, users: Sequence[int]) -> None:
        """Let these sessions begin now: one seen an hour ago is written at its next use."""
        now = SystemClock().now()
        times = {"now": now, "end": now + timedelta(days=1)}
        with closing(Database(self.address)) as database, database.work() as connection:
            connection.execute(_FRESH, [{"user": user} | times for user in users])

    def count(self, query: str) -> int:
        """The number that a query gives."""
        with closing(Database(self.address)) as database, database.read() as connection:
            return int(connection.execute(text(query)).scalar_one())

    def undo(self) -> None:
        """Take away what the writing load has left."""
        engine = create_engine(self.address)
        with engine.begin() as connection:
            if self.kind == "postgresql":
                # No index leads from a receipt to its readings: in earnest none is ever deleted.
                connection.execute(text("SET LOCAL session_replication_role = replica"))
            for statement in (_FORGET_READINGS, _FORGET_RECEIPTS):
                connection.execute(text(statement))
        engine.dispose()


@contextmanager
def store(kind: str, accounts: int) -> Iterator[Store]:
    """A database of that size, made now or in an earlier run. Raises Missing, PostgreSQL only."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    name = f"bench_{accounts}_{_mark()}"
    if kind == "sqlite":
        yield Store(kind, _upgraded(_sqlite(name, accounts)), accounts)
        return
    folder = FOLDER / "postgresql"
    with cluster(kept=folder) as server:
        _postgresql(server, name, accounts)
    with cluster(careless=False, kept=folder) as server:
        postmaster = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        yield Store(kind, _upgraded(server.address(name)), accounts, postmaster)


def _sqlite(name: str, accounts: int) -> str:
    file = FOLDER / f"{name}.db"
    if not file.exists():
        for old in FOLDER.glob(f"bench_{accounts}_*"):  # also a half-made one
            old.unlink()
        part = file.with_suffix(".part")
        _make(f"sqlite:///{part}", accounts)
        part.rename(file)
    return f"sqlite:///{file}"


def _postgresql(server: Cluster, name: str, accounts: int) -> None:
    with closing(server.connect()) as connection:
        found = connection.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE %s", (f"%bench_{accounts}_%",)
        )
        names = {row[0] for row in found}
    if name in names:
        return
    part = f"part_{name}"
    for old in names:
        server.drop(old)
    server.create(part)
    _make(server.address(part), accounts)
    with closing(server.connect()) as connection:
        connection.execute(f"ALTER DATABASE {part} RENAME TO {name}")


def _make(address: str, accounts: int) -> None:
    bulk.fill(bulk.Plan(_upgraded(address), accounts, _last_month()))


def _upgraded(address: str) -> str:
    """The address with its driver, once every table is there; a plugin may have got a new one."""
    with closing(Database(address)) as database:
        list(migrations.upgrade(database, _plugins()))
        return database.url.render_as_string(hide_password=False)


def _plugins() -> Plugins:
    plugins = Plugins()
    plugins.load()
    return plugins


def _last_month() -> date:
    """The month before this one: this month's readings are what the load sends."""
    return add_months(month_of(SystemClock().now().date()), -1)


def _mark() -> str:
    """Changes when the data would look different: other formulas, other tables, another month."""
    files = (Path(bulk.__file__), bulk.SCRIPT, *sorted(MIGRATIONS.glob("[0-9]*.py")))
    content = b"".join(file.read_bytes() for file in files) + str(_last_month()).encode()
    return hashlib.sha256(content).hexdigest()[:8]
