"""A bank that runs in this process, a shop that hears its notices, a payer with a browser."""

import json
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from tesweb_sandbox_bank.app import build
from tesweb_sandbox_bank.bank import Bank, opened
from tesweb_sandbox_bank.options import Options
from tesweb_sandbox_bank.sending import Sender
from tesweb_sandbox_bank.server import Server

SHOP, SECRET = "100500", "test_secret-of-the-shop"
BACK = "http://localhost:9/back?order=7"
Body = dict[str, Any]
#: Made once: it takes longer than a request.
TLS = ssl.create_default_context()


@dataclass
class Shop:
    """Where notices go."""

    got: list[Body] = field(default_factory=list)
    raw: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    #: Answers of the next notices; 200 after them.
    answers: list[int] = field(default_factory=list)
    address: str = ""

    @property
    def events(self) -> list[str]:
        return [body["event"] for body in self.got]

    def wait(self, count: int, seconds: float = 15) -> list[str]:
        """Until so many notices are there."""
        until(lambda: len(self.got) >= count, seconds)
        return self.events


@dataclass
class Running:
    """A bank that answers."""

    bank: Bank
    server: Server
    folder: Path
    client: httpx.Client = field(default_factory=lambda: httpx.Client(verify=TLS, timeout=20))

    @property
    def address(self) -> str:
        return self.server.origin

    @property
    def api(self) -> str:
        return f"{self.address}/v3"

    def fault(self, **body: object) -> Body:
        answer = self.client.post(f"{self.address}/faults", json=body)
        assert answer.status_code == 200, answer.text
        told: Body = answer.json()
        return told

    def ask(
        self, method: str, path: str, body: Body | None = None, **headers: str
    ) -> httpx.Response:
        """A request of the shop's without the library; `key` is its idempotence key."""
        sent = {"Idempotence-Key": headers.pop("key")} if "key" in headers else {}
        return self.client.request(
            method, self.api + path, json=body, auth=(SHOP, SECRET), headers=sent
        )

    def create(self, key: str = "k-1", value: str = "500.00", **more: object) -> Body:
        answer = self.ask("POST", "/payments", order(value, **more), key=key)
        assert answer.status_code == 200, answer.text
        made: Body = answer.json()
        return made

    def payment(self, number: str) -> Body:
        told: Body = self.ask("GET", f"/payments/{number}").json()
        return told

    def codes(self) -> list[str]:
        """The codes of the text messages, the last one last."""
        folder = self.folder / "inbox"
        sent = [json.loads(file.read_text("utf-8")) for file in folder.glob("*.json")]
        sent.sort(key=lambda one: str(one["moment"]))
        return [found[0] for one in sent for found in [re.findall(r"\b\d{6}\b", one["text"])]]


@dataclass
class Payer:
    """A browser without JavaScript."""

    client: httpx.Client
    page: httpx.Response | None = None

    def open(self, url: str) -> httpx.Response:
        self.page = self.client.get(url)
        while self.page.status_code == 303 and not self.page.headers["Location"].startswith(BACK):
            self.page = self.client.get(self.page.headers["Location"])
        return self.page

    def submit(self, action: str = "", **fields: str) -> httpx.Response:
        """Send the form whose action ends with `action`, and go where it leads on this bank."""
        assert self.page is not None
        forms = re.findall(r'<form[^>]*action="([^"]*)".*?</form>', self.page.text, re.DOTALL)
        (target,) = [one for one in forms if one.endswith(action)] if action else forms[:1]
        token = re.findall(r'name="csrf_token" value="([0-9a-f]{64})"', self.page.text)[0]
        answer = self.client.post(target, data={"csrf_token": token, **fields})
        if answer.status_code == 303 and not answer.headers["Location"].startswith(BACK):
            return self.open(answer.headers["Location"])
        self.page = answer
        return answer

    def pay(self, number: str, expiry: str = "12/40", code: str = "123") -> httpx.Response:
        return self.submit("/card", number=number, expiry=expiry, code=code)


def order(value: str = "500.00", **more: object) -> Body:
    """A payment by card as a shop asks for it."""
    usual: Body = {
        "amount": {"value": value, "currency": "RUB"},
        "capture": True,
        "confirmation": {"type": "redirect", "return_url": BACK},
        "payment_method_data": {"type": "bank_card"},
        "description": "Электроэнергия",
        "metadata": {"key": "0b4f0b7e-0000-4000-8000-000000000007"},
    }
    return {name: value for name, value in (usual | more).items() if value is not None}


def until(is_so: Callable[[], object], seconds: float = 15) -> None:
    """Wait; fails when it does not come."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it has not come about"
        time.sleep(0.02)


@contextmanager
def shop() -> Iterator[Shop]:
    state = Shop()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = state.answers.pop(0) if state.answers else 200
            if status == 200:
                state.got.append(json.loads(body))
            state.raw.append((dict(self.headers), body))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            del words

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{server.server_port}/pay/yookassa/notify"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


@contextmanager
def running(folder: Path, notify_url: str = "", notify_key: str = "") -> Iterator[Running]:
    server = Server(0)
    folder.mkdir(exist_ok=True)
    options = Options(server.origin, folder, SHOP, SECRET, notify_url, notify_key, folder / "inbox")
    bank = opened(options, timedelta(0), "s" * 64)
    sender = Sender(bank)
    thread = threading.Thread(target=server.serve, args=(build(bank),), daemon=True)
    thread.start()
    sender.start()
    try:
        yield Running(bank, server, folder)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        sender.stop()
        bank.store.close()
