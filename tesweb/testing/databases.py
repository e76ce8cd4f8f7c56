"""Databases that live as long as a test: SQLite files and a throw-away PostgreSQL server."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

from tesweb.testing.missing import Missing

#: Where Debian and Ubuntu put PostgreSQL, each version in a folder of its own.
INSTALLED = Path("/usr/lib/postgresql")
#: How long a server may take to start, in seconds: the first start on a slow disk takes a few.
PATIENCE = 60
_OWNER = "tesweb"
_HOST = "127.0.0.1"
#: What PostgreSQL does for the sake of a power cut, which throw-away data need not survive.
_CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=128MB")
#: A file system in memory: to make the files of a database takes a tenth of a disk's time there.
MEMORY = Path("/dev/shm")  # noqa: S108 - folders of our own are made in it, by `mkdtemp`
#: What has to be free there, in bytes: containers have 64 MB, four servers take one GB.
_ENOUGH = 2 << 30


class DidNotStart(RuntimeError):
    """The server ended, or did not answer in time; the text is its log."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running PostgreSQL server of our own."""

    port: int
    password: str = field(repr=False)

    def address(self, database: str) -> str:
        """SQLAlchemy's address of one of its databases."""
        return f"postgresql://{_OWNER}:{self.password}@{_HOST}:{self.port}/{database}"

    def create(self, name: str, template: str = "template1") -> None:
        """Make a database, as a copy of `template`, to which nobody may be connected."""
        self._run(SQL("CREATE DATABASE {} TEMPLATE {}"), name, template)

    def drop(self, name: str) -> None:
        """Remove a database and whoever is still connected to it."""
        self._run(SQL("DROP DATABASE {} WITH (FORCE)"), name)

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A connection in autocommit, past SQLAlchemy. Raises psycopg.OperationalError."""
        return psycopg.connect(
            host=_HOST,
            port=self.port,
            user=_OWNER,
            password=self.password,
            dbname=database,
            autocommit=True,
        )

    def _run(self, statement: SQL, *names: str) -> None:
        with closing(self.connect()) as connection:
            connection.execute(statement.format(*map(Identifier, names)))


@contextmanager
def cluster(*, careless: bool = True, kept: Path | None = None) -> Iterator[Cluster]:
    """Start a server on a free loopback port in a temporary folder; it is gone afterwards.

    `careless` gives up what only a power cut would show, and the disk. With `kept` the data lie in
    that folder and are found there again the next time. Raises Missing without PostgreSQL.
    """
    programs = find_postgresql()
    with _folder(quick=careless) if kept is None else nullcontext(_kept(kept)) as folder:
        password = _initialise(programs, folder)
        port = free_port()
        server = _start(programs, folder, port, _CARELESS if careless else ())
        try:
            made = Cluster(port, password)
            _wait(server, made, folder)
            yield made
        finally:
            server.send_signal(signal.SIGINT)  # "fast": ends the sessions, then itself
            server.wait(PATIENCE)


def find_postgresql() -> Path:
    """The folder of `initdb` and `postgres`, the newest installed. Raises Missing."""
    found = sorted(INSTALLED.glob("*/bin/initdb"), key=lambda file: int(file.parts[-3]))
    on_path = shutil.which("initdb")
    if not found and on_path is None:
        raise Missing("PostgreSQL", "apt-get install postgresql")
    return (found[-1] if found else Path(str(on_path)).resolve()).parent


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def quick_folder(prefix: str) -> Iterator[Path]:
    """A folder for data that only have to be there quickly: in memory, where that has room."""
    with tempfile.TemporaryDirectory(
        prefix=prefix, dir=MEMORY if _is_roomy(MEMORY) else None, ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder)


def _is_roomy(folder: Path) -> bool:
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free >= _ENOUGH


@contextmanager
def _folder(*, quick: bool) -> Iterator[Path]:
    made = quick_folder if quick else tempfile.TemporaryDirectory
    with made(prefix="tesweb-postgresql-") as name:
        folder = Path(name)
        if _account() is not None:
            shutil.chown(folder, "postgres")
        yield folder


def _kept(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    if _account() is not None:
        shutil.chown(folder, "postgres")
    return folder


def _account() -> str | None:
    """PostgreSQL refuses to run as root: Debian's package brings a user for it."""
    return "postgres" if os.geteuid() == 0 else None


def _initialise(programs: Path, folder: Path) -> str:
    # A password even here: without one whoever is on this machine could run programs as us.
    secret = folder / "password"
    if (folder / "data" / "PG_VERSION").exists():
        return secret.read_text()
    password = secrets.token_hex(16)
    secret.touch(mode=0o600)
    secret.write_text(password)
    if _account() is not None:
        shutil.chown(secret, "postgres")
    command = [
        str(programs / "initdb"),
        f"--pgdata={folder / 'data'}",
        f"--username={_OWNER}",
        f"--pwfile={secret}",
        "--auth=md5",  # a tenth of what SCRAM takes the server for each connection
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
    ]
    done = subprocess.run(  # noqa: S603 - our own words
        command, user=_account(), cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise DidNotStart(done.stdout + done.stderr)
    return password


def _start(
    programs: Path, folder: Path, port: int, options: tuple[str, ...]
) -> subprocess.Popen[bytes]:
    settings = (f"listen_addresses={_HOST}", f"port={port}", "unix_socket_directories=", *options)
    command = [str(programs / "postgres"), "-D", str(folder / "data")]
    for setting in settings:
        command += ["-c", setting]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - our own words
            command, user=_account(), cwd=folder, stdout=log, stderr=log
        )


def _wait(server: subprocess.Popen[bytes], made: Cluster, folder: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            made.connect().close()
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return
    raise DidNotStart((folder / "log").read_text(errors="replace"))
