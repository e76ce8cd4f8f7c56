"""YooKassa's API v3 over HTTP as far as the gateway uses it; recorded answers and faults on demand.

The shapes are those of YooKassa's own documentation. What it was asked is kept word by word.
"""

import base64
import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

SHOP, SECRET = "100500", "test_key-that-must-not-be-seen"
ORIGIN = "https://bank.example"
Body = dict[str, Any]


@dataclass
class Asked:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class Double:
    """The bank's books, and what goes wrong next."""

    payments: dict[str, Body] = field(default_factory=dict)
    refunds: dict[str, Body] = field(default_factory=dict)
    receipts: list[Body] = field(default_factory=list)
    #: Tokens of saved cards; a revoked one has a reason.
    cards: dict[str, str | None] = field(default_factory=dict)
    by_key: dict[str, tuple[str, Body]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    #: For the next requests, each once: (status, content) instead of an answer of its own.
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    #: For the next requests: `lost`, `deaf`, `500`, `500 after`, `garbage`, `slow`,
    #: `drip`.
    faults: list[str] = field(default_factory=list)
    is_down: bool = False
    page: int = 100
    lock: threading.Lock = field(default_factory=threading.Lock)
    api: str = ""

    def ask(self, asked: Asked) -> tuple[int, Body]:
        """The honest answer."""
        with self.lock:
            self.asked.append(asked)
            expected = base64.b64encode(f"{SHOP}:{SECRET}".encode()).decode()
            if asked.headers.get("authorization") != f"Basic {expected}":
                return error(401, "invalid_credentials")
            if asked.method == "POST":
                return self._post(asked)
            return self._get(asked)

    def pay(self, reference: str, value: str | None = None, currency: str = "RUB") -> None:
        """The payer pays by a MIR card."""
        payment = self.payments[reference]
        amount = {"value": value or payment["amount"]["value"], "currency": currency}
        saved = bool(payment.pop("save", False))
        number = f"pm-{len(self.cards) + 1}"
        if saved:
            self.cards[number] = None
        card = {"first6": "220000", "last4": "0004", "card_type": "Mir", "expiry_year": "2030"}
        payment |= {
            "status": "succeeded",
            "paid": True,
            "amount": amount,
            "refundable": True,
            "refunded_amount": {"value": "0.00", "currency": currency},
            "captured_at": _now(),
            "income_amount": {"value": income(amount["value"]), "currency": currency},
            "payment_method": {"type": "bank_card", "id": number, "saved": saved, "card": card},
            "receipt_registration": "pending",
        }
        payment.pop("confirmation", None)

    def cancel(self, reference: str, reason: str) -> None:
        """Nothing comes of the payment."""
        details = {"party": "payment_network", "reason": reason}
        self.payments[reference] |= {"status": "canceled", "cancellation_details": details}

    def register(self, reference: str, **other: str) -> None:
        """The fiscal receipt has its numbers."""
        self.payments[reference]["receipt_registration"] = "succeeded"
        receipt = {
            "id": "rt-1",
            "type": "payment",
            "payment_id": reference,
            "status": "succeeded",
            "fiscal_document_number": "3986",
            "fiscal_storage_number": "9288000100115785",
            "fiscal_attribute": "2617603921",
            "registered_at": "2026-10-07T10:06:42.985Z",
        }
        self.receipts.append(receipt | other)

    def _post(self, asked: Asked) -> tuple[int, Body]:
        key, written = asked.headers["idempotence-key"], json.dumps(asked.body, sort_keys=True)
        if key in self.by_key:
            before, made = self.by_key[key]
            return (200, made) if before == written else error(400, parameter="Idempotence-Key")
        kind = asked.path.rpartition("/")[2]
        status, made = self._refund(asked.body) if kind == "refunds" else self._payment(asked.body)
        if status == 200:
            self.by_key[key] = (written, made)
        return status, made

    def _payment(self, body: Body) -> tuple[int, Body]:
        number, token = str(uuid4()), body.get("payment_method_id")
        if token is not None and token not in self.cards:
            return error(400, parameter="payment_method_id")
        made: Body = {
            "id": number,
            "status": "pending",
            "paid": False,
            "amount": body["amount"],
            "created_at": _now(),
            "description": body["description"],
            "metadata": body["metadata"],
            "refundable": False,
            "test": True,
        }
        if body.get("save_payment_method"):
            made["save"] = True
        self.payments[number] = made
        if token is None:
            url = f"{ORIGIN}/contract?orderId={number}"
            made["confirmation"] = {"type": "redirect", "confirmation_url": url}
            made["expires_at"] = _now(timedelta(hours=1))
        elif self.cards[token] is None:
            self.pay(number)
        else:
            self.cancel(number, str(self.cards[token]))
        return 200, made

    def _refund(self, body: Body) -> tuple[int, Body]:
        payment = self.payments.get(body["payment_id"])
        if payment is None:
            return error(404, "not_found", "payment_id")
        back = int(body["amount"]["value"].replace(".", ""))
        had = int(payment["amount"]["value"].replace(".", "")) * payment["paid"]
        gone = int(payment.get("refunded_amount", {"value": "0"})["value"].replace(".", ""))
        if gone + back > had:
            return error(400, parameter="amount")
        payment["refunded_amount"] |= {"value": str(Decimal(gone + back).scaleb(-2))}
        made = {"id": str(uuid4()), "status": "succeeded", "created_at": _now()} | body
        self.refunds[made["id"]] = made
        return 200, made

    def _get(self, asked: Asked) -> tuple[int, Body]:
        kind, _, number = asked.path.removeprefix("/v3/").partition("/")
        if number:
            found = self.payments.get(number)
            return (200, found) if found else error(404, "not_found")
        if kind == "receipts":
            mine = [one for one in self.receipts if one["payment_id"] == asked.query["payment_id"]]
            return 200, {"type": "list", "items": mine}
        every = within(asked.query, self.refunds if kind == "refunds" else self.payments)
        first = int(asked.query.get("cursor", "0"))
        answer: Body = {"type": "list", "items": every[first : first + self.page]}
        if first + self.page < len(every):
            answer["next_cursor"] = str(first + self.page)
        return 200, answer


def within(query: dict[str, str], books: dict[str, Body]) -> list[Body]:
    """What a list is asked for, the newest first."""
    found = list(books.values())[::-1]
    if "status" in query:
        found = [one for one in found if one["status"] == query["status"]]
    name = next(name for name in query if name.endswith(".gte")).removesuffix(".gte")
    since, until = query[f"{name}.gte"], query[f"{name}.lt"]
    return [one for one in found if since <= one.get(name, "") < until]


def error(status: int, code: str = "invalid_request", parameter: str = "") -> tuple[int, Body]:
    """An error as YooKassa writes it."""
    body = {"type": "error", "id": str(uuid4()), "code": code, "description": "Иванов 2200…"}
    return status, body | ({"parameter": parameter} if parameter else {})


class Handler(BaseHTTPRequestHandler):
    """Takes requests for the double, and does them wrong where that is asked for."""

    protocol_version = "HTTP/1.1"
    double: Double

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.answer(json.loads(self.rfile.read(length)))

    def do_GET(self) -> None:
        self.answer(None)

    def answer(self, body: object) -> None:
        double, place = self.double, urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(place.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, place.path, query, headers, body)
        fault = "lost" if double.is_down else double.faults.pop(0) if double.faults else ""
        if fault == "lost":
            self.close_connection = True
        elif fault == "500":
            self.send(500, b'{"type": "error", "code": "internal_server_error"}')
        elif double.answers:
            double.asked.append(asked)
            self.send(*double.answers.pop(0))
        else:
            self.do_it(asked, fault)

    def do_it(self, asked: Asked, fault: str) -> None:
        status, made = self.double.ask(asked)
        content = json.dumps({name: made[name] for name in made if name != "save"}).encode()
        if fault == "deaf":
            self.close_connection = True
            return
        if fault == "500 after":
            status, content = 500, b"<html>Internal Server Error</html>"
        elif fault == "garbage":
            content = b"<html>Welcome</html>"
        elif fault == "slow":
            time.sleep(1.5)
        self.send(status, content, drips=fault == "drip")

    def send(self, status: int, content: bytes, *, drips: bool = False) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        for byte in content if drips else ():
            self.wfile.write(bytes([byte]))
            time.sleep(0.05)
        self.wfile.write(b"" if drips else content)

    def log_message(self, *words: object) -> None:
        del words

    def handle(self) -> None:
        with suppress(OSError):  # the gateway hangs up when its time is over
            super().handle()


@contextmanager
def running(double: Double, context: ssl.SSLContext | None = None) -> Iterator[Double]:
    """The double on a free port of this machine; over TLS with a context for it."""
    handler = type("DoublesHandler", (Handler,), {"double": double})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    double.api = f"http://127.0.0.1:{server.server_port}/v3"
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        double.api = f"https://localhost:{server.server_port}/v3"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def income(value: str) -> str:
    """What is left for the shop of a sum, less 2.8 percent."""
    return str(Decimal(value) - (Decimal(value) * Decimal("0.028")).quantize(Decimal("0.01")))


def _now(later: timedelta = timedelta(0)) -> str:
    return (datetime.now(UTC) + later).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
