"""PostgreSQL goes while it commits: nobody knows whether it did, so it is read again by the key."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError

from tests.payments.till import Till
from tesweb.payments import engine
from tesweb.payments.models import State
from tesweb.payments.services import place

_CHUNK = 1 << 16
#: What psycopg sends for it, in one piece.
COMMIT = b"COMMIT\0"


class Proxy:
    """Stands between tesweb and its PostgreSQL, and cuts the line at one COMMIT."""

    def __init__(self, host: str, port: int) -> None:
        self.behind = (host, port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        #: How many COMMITs go through before the one at which the line is cut; None for all.
        self.left: int | None = None
        #: Whether the server still hears of that one.
        self.is_heard = False
        self.answered = threading.Event()
        self.answered.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, after: int, *, is_heard: bool) -> None:
        self.left, self.is_heard = after, is_heard

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(self.behind)
                pair = (client, server)
                threading.Thread(target=self._forth, args=pair, daemon=True).start()
                threading.Thread(target=self._back, args=pair, daemon=True).start()

    def _forth(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while chunk := client.recv(_CHUNK):
                if COMMIT in chunk and self._is_the_one():
                    if self.is_heard:
                        self.answered.clear()
                        server.sendall(chunk)
                        self.answered.wait(20)
                    client.shutdown(socket.SHUT_RDWR)
                    break
                server.sendall(chunk)
            server.shutdown(socket.SHUT_WR)

    def _back(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while chunk := server.recv(_CHUNK):
                if not self.answered.is_set():
                    # The server has committed, and nobody will know.
                    self.answered.set()
                    break
                client.sendall(chunk)
        for one in (client, server):
            one.close()

    def _is_the_one(self) -> bool:
        if self.left is None:
            return False
        self.left -= 1
        if self.left >= 0:
            return False
        self.left = None
        return True


pytestmark = pytest.mark.parametrize("store", ["postgresql"], indirect=True)


@pytest.fixture
def proxy(database: str) -> Iterator[Proxy]:
    url = make_url(database)
    made = Proxy(str(url.host), int(url.port or 5432))
    yield made
    made.listener.close()


@pytest.fixture
def overrides(database: str, proxy: Proxy) -> dict[str, Any]:
    url = make_url(database).set(port=proxy.port)
    return {"database": url.render_as_string(hide_password=False)}


def count(till: Till, table: str) -> int:
    with till.core.database.read() as reader:
        return int(reader.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608 - our own name


@pytest.mark.parametrize("is_heard", [False, True])
def test_a_form_whose_commit_nobody_answered_is_one_order(
    till: Till, proxy: Proxy, *, is_heard: bool
) -> None:
    wish = till.wish(form_key=str(uuid4()))
    proxy.cut(0, is_heard=is_heard)
    with pytest.raises(OperationalError):
        place(wish)
    again = place(wish)
    assert again.is_replay is is_heard
    assert count(till, "payment_orders") == 1
    engine.advance(again.order_id)
    assert len(till.bank.sales) == 1


def pay_all_the_way(till: Till, order_id: int) -> None:
    engine.advance(order_id, hurry=True)
    till.bank.pay("sale-1")
    till.later(seconds=3)
    engine.advance(order_id, hurry=True)


@pytest.mark.parametrize("is_heard", [False, True])
@pytest.mark.parametrize("after", range(4))
def test_a_payment_cut_off_at_any_commit_is_one_payment(
    till: Till, proxy: Proxy, after: int, *, is_heard: bool
) -> None:
    """Claim, the bank's number, claim again, the credit: each commit's outcome is unknown once."""
    order_id = till.place().order_id
    proxy.cut(after, is_heard=is_heard)
    with pytest.raises(OperationalError):
        pay_all_the_way(till, order_id)
    assert proxy.left is None, "the line was cut"
    till.check()
    if not till.bank.sales:
        till.sweep()
    till.bank.pay("sale-1")
    till.sweep(2)
    assert till.state(order_id) is State.SUCCEEDED
    assert (till.credited(), till.told(), len(till.bank.sales)) == ([500_00], 1, 1)
    assert count(till, "ledger_transactions") == 1
