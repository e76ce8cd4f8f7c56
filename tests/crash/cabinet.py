"""The whole application, the sandbox bank that it pays through, and one clock for both."""

import mmap
import os
import shutil
import ssl
import struct
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import httpx
from flask import Flask
from pydantic import SecretStr
from tesweb_sandbox_bank.app import build
from tesweb_sandbox_bank.bank import Bank
from tesweb_sandbox_bank.options import Clock, Options
from tesweb_sandbox_bank.server import Server
from tesweb_sandbox_bank.store import Store

from tests.crash.apart import beside
from tests.crash.shelves import Shelf
from tests.plugins.yookassa.double import SECRET, SHOP
from tests.plugins.yookassa.sandbox import Sandbox
from tesweb.app import create_app
from tesweb.current import Core
from tesweb.testing.client import Client
from tesweb.testing.fixtures import START, TestSettings

#: Made once: it takes longer than a request.
_TLS = ssl.create_default_context()
_MOMENT = struct.Struct("d")


class SharedClock(Clock):
    """Stands where it is put, in every process that was forked from this one."""

    def __init__(self) -> None:
        """Stand at the tests' moment."""
        self._memory = mmap.mmap(-1, _MOMENT.size)
        self.put(START)

    def now(self) -> datetime:
        """The moment it was put at."""
        return datetime.fromtimestamp(_MOMENT.unpack(self._memory[:])[0], UTC)

    def put(self, moment: datetime) -> None:
        """Stand at this moment from now on."""
        self._memory[:] = _MOMENT.pack(moment.timestamp())

    def go_on(self, **span: float) -> None:
        """Let time go by."""
        self.put(self.now() + timedelta(**span))


@dataclass(frozen=True, slots=True)
class Cabinet:
    """What an act has to do with."""

    app: Flask
    clock: SharedClock
    shelf: Shelf
    server: Server
    #: The bank's books.
    books: Path
    moments: dict[str, datetime] = field(default_factory=dict)

    @property
    def core(self) -> Core:
        """The application's parts."""
        return cast("Core", self.app.extensions["tesweb"])

    def browser(self, user_id: int, factors: str = "") -> Client:
        """Somebody's browser, signed in."""
        client = cast("Client", self.app.test_client())
        client.become(self.core, user_id, factors)
        return client

    @property
    def bank(self) -> Sandbox:
        """The bank, for those who do something there."""
        client = httpx.Client(base_url=self.server.origin, timeout=20, verify=_TLS, trust_env=False)
        return Sandbox(self.server.origin, client)

    @contextmanager
    def open_bank(self) -> Iterator[None]:
        """The bank is there, in a process of its own that outlives whoever calls it."""
        with beside(self._serve):
            yield

    def keep(self, name: str) -> None:
        """Keep the database and the bank's books as they are."""
        self.shelf.keep(name)
        shutil.copytree(self.books, self.books.with_name(f"bank-{name}"))
        self.moments[name] = self.clock.now()

    def take(self, name: str) -> None:
        """Put everything back to what was kept."""
        self.shelf.take(name)
        shutil.rmtree(self.books)
        shutil.copytree(self.books.with_name(f"bank-{name}"), self.books)
        self.clock.put(self.moments[name])

    def _serve(self) -> None:
        options = Options(self.server.origin, self.books, SHOP, SECRET)
        bank = Bank(options, Store(self.books / "bank.db"), self.clock, b"s" * 64)
        # Where the bank writes who asked it for what.
        with Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere):
            self.server.serve(build(bank))


def furnish(shelf: Shelf, folder: Path) -> Cabinet:
    """An application on the shelf's database, with a bank; nothing of it is connected."""
    clock, server, books = SharedClock(), Server(0), folder / "bank"
    books.mkdir()
    gateway = {
        "shop_id": SHOP,
        "secret_key": SECRET,
        "api": f"{server.origin}/v3",
        "origins": [server.origin],
        "networks": ["127.0.0.0/8"],
        "patience": 10,
    }
    settings = TestSettings(
        folder=folder / "static",
        database=shelf.address,
        secret_key=SecretStr("s" * 64),
        plugins={"yookassa": gateway},
    )
    app = create_app(settings, clock=clock)
    app.test_client_class = Client
    made = Cabinet(app, clock, shelf, server, books)
    assert "yookassa" in made.core.gateways
    made.core.database.close()
    return made
