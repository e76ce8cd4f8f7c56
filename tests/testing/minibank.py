"""The bank of `docs/gateways.md`, as its contract drives it."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tesweb.money import NOTHING, Kopecks
from tesweb.payments.protocol import Notification, SavedCard
from tesweb.testing.gateways import Fault

SECRET = "a secret"
Body = dict[str, Any]


@dataclass
class Double:
    """Its books, by the shop's key."""

    books: dict[str, Body] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    address: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def pay(self, reference: str, amount: Kopecks | None = None, currency: str = "RUB") -> None:
        order = self.of(reference)
        paid = order["kopecks"] if amount is None else amount
        order |= {"state": "paid", "paid": paid, "currency": currency}

    def decline(self, reference: str) -> None:
        self.of(reference)["state"] = "declined"

    def revoke(self, card: SavedCard) -> None:
        raise AssertionError(card)

    def spoil(self, fault: Fault) -> None:
        self.faults.append(fault)

    def notification(self, reference: str) -> Notification:
        body = json.dumps({"key": self.of(reference)["key"]}).encode()
        return self.signed(body, SECRET)

    def forgeries(self, reference: str) -> list[Notification]:
        real = self.notification(reference)
        other = self.signed(real.body, "another secret")
        return [other, Notification(b"{}", real.headers, ""), Notification(real.body, {}, "")]

    def orders(self) -> int:
        return len(self.books)

    def returned(self, reference: str) -> Kopecks:
        del reference
        return NOTHING

    def of(self, reference: str) -> Body:
        return next(order for order in self.books.values() if order["number"] == reference)

    @staticmethod
    def signed(body: bytes, secret: str) -> Notification:
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return Notification(body, {"x-signature": signature}, "203.0.113.7")

    def answer(self, method: str, key: str, body: Body) -> tuple[int, Body]:
        with self.lock:
            if method == "PUT" and key not in self.books:
                number = f"N{len(self.books) + 1}"
                state = {"state": "new", "paid": 0, "currency": "RUB", "key": key}
                self.books[key] = body | state | {"number": number, "page": f"{self.address}/{key}"}
            return (200, self.books[key]) if key in self.books else (404, {})


class Handler(BaseHTTPRequestHandler):
    """One request, done wrong where that is asked for."""

    double: Double

    def do_GET(self) -> None:
        self.act({})

    def do_PUT(self) -> None:
        self.act(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def act(self, body: Body) -> None:
        fault = self.double.faults.pop(0) if self.double.faults else None
        if fault is Fault.LOST:
            return
        status, made = 500, Body()
        if fault is not Fault.DOWN and self.headers["Authorization"] == f"Bearer {SECRET}":
            status, made = self.double.answer(self.command, self.path.rpartition("/")[2], body)
        if fault is Fault.DEAF:
            return
        if fault is Fault.SLOW:
            time.sleep(1.5)
        self.send_response(500 if fault is Fault.BROKEN else status)
        self.end_headers()
        self.wfile.write(b"<html>" if fault is Fault.GARBAGE else json.dumps(made).encode())

    def log_message(self, *words: object) -> None:
        del words

    def handle(self) -> None:
        with suppress(OSError):  # the gateway hangs up when its time is over
            super().handle()


@contextmanager
def running_double() -> Iterator[Double]:
    """The double on a free port."""
    double = Double()
    handler = type("DoublesHandler", (Handler,), {"double": double})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    double.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()
