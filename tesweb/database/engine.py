"""The two doors to the store: `read()` for pages, `work()` for one transaction that changes it."""

import fcntl
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import OperationalError

if TYPE_CHECKING:
    from io import TextIOWrapper

#: How long a writer waits for the others before it gives up, in milliseconds.
LOCK_PATIENCE = 10_000

#: How many connections above five an engine opens: every thread keeps one that reads, and a writer
#: waits for its turn anyway.
_OVERFLOW = {False: -1, True: 10}

#: How long a process sleeps between two looks at a lock that another one holds, in seconds.
_NAP = 0.001

#: The execution option of connections on which every statement stands alone and changes nothing:
#: one whose connection broke may be asked once more.
READS = "tesweb_reads"

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # an accepted reading survives a power cut
    f"PRAGMA busy_timeout = {LOCK_PATIENCE}",
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",  # or REPLACE would delete what triggers protect
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA cache_size = -32000",
    "PRAGMA journal_size_limit = 67108864",
)


#: A server that is gone without a word, with its network, holds a request for half a minute.
_TCP = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 30_000,
}


class Database:
    """One store, SQLite or PostgreSQL, reached by one reading and one writing engine.

    The reader is in autocommit: a page asks a few questions and changes nothing, so it needs no
    transaction and, on PostgreSQL, no round trips for one. The writer begins IMMEDIATE on SQLite:
    SQLAlchemy's default mode loses updates there without an error.
    """

    def __init__(self, address: str) -> None:
        """Prepare the engines; nothing is opened before the first use."""
        self.url: URL = make_url(address)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if not self.is_sqlite:
            self.url = self.url.set(drivername="postgresql+psycopg")
        self.reader = self._sqlite(writes=False) if self.is_sqlite else self._postgres(writes=False)
        self.writer = self._sqlite(writes=True) if self.is_sqlite else self._postgres(writes=True)
        self._kept = threading.local()
        self._queue = WriteQueue(Path(self.url.database or "") if self.is_sqlite else None)

    def reading(self) -> Connection:
        """This thread's connection that reads, kept from one request to the next.

        It is in autocommit and holds nothing between two statements, so there is nothing to give
        back; one that is known to be broken is replaced, and `rows.fetch` finds out which are.
        """
        return self._keep("reader", self.reader)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that reads; each statement sees what is committed when it starts."""
        with self.reader.connect() as connection:
            yield connection

    @contextmanager
    def work(self, on: Connection | None = None) -> Iterator[Connection]:
        """The unit of work: one transaction, committed at the end, rolled back on an exception.

        `on` is a connection of `stage()` whose TEMP tables the transaction needs.

        Never call a bank, a mail server or any other network inside it. On PostgreSQL lock the
        rows that you decide upon (`with_for_update()`), account first.
        """
        with self._queue.turn():
            if on is None:
                with self._writing() as connection, connection.begin():
                    yield connection
            else:
                try:
                    with on.execution_options(begin="IMMEDIATE").begin():
                        yield on
                finally:
                    on.execution_options(begin="DEFERRED")

    @contextmanager
    def stage(self) -> Iterator[Connection]:
        """A connection for a bulk load: fill TEMP tables on it, then `work(on=connection)`.

        Its own transactions take no lock, so that residents can write while a file is read. It is
        closed at the end, and its TEMP tables are gone.
        """
        with self.writer.connect() as connection:
            connection.detach()
            yield connection.execution_options(begin="DEFERRED")

    def close(self) -> None:
        """Let go of every connection, of those that are kept only this thread's."""
        for held in vars(self._kept).values():
            held.close()
        self.reader.dispose()
        self.writer.dispose()
        self._queue.close()

    def _writing(self) -> AbstractContextManager[Connection]:
        """A connection that writes: a server's looked at first, a file's kept as it is."""
        if self.is_sqlite:
            return nullcontext(self._keep("writer", self.writer))
        return self.writer.connect()

    def _keep(self, name: str, engine: Engine) -> Connection:
        held: Connection | None = getattr(self._kept, name, None)
        if held is None or held.closed or held.invalidated:
            held = engine.connect()
            setattr(self._kept, name, held)
        return held

    def _sqlite(self, *, writes: bool) -> Engine:
        # The driver is in autocommit (see `_configure_sqlite`), the writer's BEGIN is ours: told to
        # skip, SQLAlchemy would leave a failed unit of work open.
        engine = create_engine(
            self.url,
            hide_parameters=True,
            skip_autocommit_rollback=not writes,
            max_overflow=_OVERFLOW[writes],
        )
        event.listen(engine, "connect", _configure_sqlite(writes=writes))
        if writes:
            event.listen(engine, "begin", _begin_immediate)
        return engine

    def _postgres(self, *, writes: bool) -> Engine:
        options = f"-c lock_timeout={LOCK_PATIENCE} -c timezone=UTC"
        if not writes:
            options += " -c default_transaction_read_only=on"
        engine = create_engine(
            self.url,
            hide_parameters=True,
            skip_autocommit_rollback=True,
            pool_pre_ping=True,
            max_overflow=_OVERFLOW[writes],
            execution_options={READS: not writes},
            isolation_level="READ COMMITTED" if writes else "AUTOCOMMIT",
            connect_args={"options": options} | _TCP,
        )
        event.listen(engine, "handle_error", _hide_rows)
        return engine


class WriteQueue:
    """Writers' turns on SQLite, in order: its own wait sleeps and can starve a process for seconds.

    Within a process a lock, between processes `flock` on two files beside the database: one for
    whose turn it is, one for who is next. Looking at a lock now and then, as a wait with an end has
    to, would never find it free beside a process that writes without a pause; who is next has only
    to outlast the present turn.
    """

    def __init__(self, database: Path | None) -> None:
        """A queue for the SQLite file, or one that lets everybody pass."""
        self._database = database
        self._threads = threading.Lock()
        self._files: tuple[TextIOWrapper, TextIOWrapper] | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn and hold it.

        Raises OperationalError after LOCK_PATIENCE, as PostgreSQL does for a row.
        """
        if self._database is None:
            yield
            return
        end = time.monotonic() + LOCK_PATIENCE / 1000
        if not self._threads.acquire(timeout=LOCK_PATIENCE / 1000):
            raise _too_late()
        try:
            present, following = self._open(self._database)
            _lock(following, end)
            try:
                _lock(present, end)
            finally:
                fcntl.flock(following, fcntl.LOCK_UN)
            try:
                yield
            finally:
                fcntl.flock(present, fcntl.LOCK_UN)
        finally:
            self._threads.release()

    def close(self) -> None:
        """Let go of the files."""
        with self._threads:
            for file in self._files or ():
                file.close()
            self._files = None

    def _open(self, database: Path) -> "tuple[TextIOWrapper, TextIOWrapper]":
        if self._files is None:
            present, following = (database.with_suffix(end) for end in (".lock", ".next"))
            self._files = present.open("w"), following.open("w")
        return self._files


def _lock(file: "TextIOWrapper", end: float) -> None:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                raise _too_late() from None
            time.sleep(_NAP)
        else:
            return


def _too_late() -> OperationalError:
    return OperationalError("BEGIN", None, TimeoutError("the writers before held the database"))


def told(error: BaseException) -> str:
    """What a driver's error says, without the row that PostgreSQL adds to it as its DETAIL.

    The server may speak any language, so the part that is wanted is asked for, not the rest cut.
    """
    return getattr(getattr(error, "diag", None), "message_primary", None) or str(error)


def _hide_rows(context: ExceptionContext) -> None:
    """Before anybody can log it: `hide_parameters` leaves names and addresses in the DETAIL."""
    original, wrapped = context.original_exception, context.sqlalchemy_exception
    full, short = str(original), told(original)
    if full == short:
        return
    original.args = (short, *original.args[1:])
    if wrapped is not None:
        wrapped.args = tuple(str(part).replace(full, short) for part in wrapped.args)


def _configure_sqlite(*, writes: bool) -> Any:  # noqa: ANN401 - SQLAlchemy's listener type
    def configure(connection: Any, record: object) -> None:  # noqa: ANN401 - the driver's own
        del record
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        if not writes:
            connection.execute("PRAGMA query_only = ON")

    return configure


def _begin_immediate(connection: Connection) -> None:
    mode = connection.get_execution_options().get("begin", "IMMEDIATE")
    connection.exec_driver_sql(f"BEGIN {mode}")
