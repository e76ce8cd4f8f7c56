"""The sandbox bank in a process of its own, driven by its pages and its panel."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from tests.plugins.yookassa.double import SECRET, SHOP
from tesweb.api import Kopecks
from tesweb.api import payments as p
from tesweb.testing.gateways import Fault

ROOT = Path(__file__).parents[3]
PAYS, FAILS = "2202474301322987", "2200000000000053"
#: Longer than the gateway of these tests waits.
DELAY = 3
FAULTS: dict[Fault, dict[str, object]] = {
    Fault.LOST: {"fault": "drop"},
    Fault.DOWN: {"fault": "error"},
    Fault.DEAF: {"fault": "drop_after"},
    Fault.BROKEN: {"fault": "error_after"},
    Fault.GARBAGE: {"fault": "garbage"},
    Fault.SLOW: {"fault": "delay", "seconds": DELAY},
}


@dataclass
class Sandbox:
    """A bank that runs, and where its notices go."""

    address: str
    client: httpx.Client
    notices: list[p.Notification] = field(default_factory=list)

    def pay(self, reference: str, amount: Kopecks | None = None, currency: str = "RUB") -> None:
        assert (amount, currency) == (None, "RUB"), "this bank takes what is asked for"
        self.show(reference, PAYS)

    def decline(self, reference: str) -> None:
        self.show(reference, FAILS)

    def show(self, reference: str, card: str) -> None:
        """Type a card on the bank's page."""
        path = f"/pay/{reference}/card"
        page = self.client.get(path)
        token = re.findall(r'name="csrf_token" value="([0-9a-f]+)"', page.text)[0]
        typed = {"csrf_token": token, "number": card, "expiry": "12/40", "code": "123"}
        assert self.client.post(path, data=typed).status_code == 303

    def revoke(self, card: p.SavedCard) -> None:
        del card
        self.panel(fault="decline", on="saved", reason="permission_revoked")

    def spoil(self, fault: Fault) -> None:
        self.panel(**FAULTS[fault])

    def panel(self, **what: object) -> None:
        assert self.client.post("/faults", json=what).status_code == 200

    def notification(self, reference: str) -> p.Notification:
        """As the bank sends it; for an order of which it has sent nothing yet, in its manner."""
        payment = self.ask(f"/payments/{reference}")
        body = {"type": "notification", "event": "payment.succeeded", "object": payment}
        return p.Notification(json.dumps(body).encode(), {}, "127.0.0.1")

    def forgeries(self, reference: str) -> Sequence[p.Notification]:
        body = self.notification(reference).body
        return [p.Notification(body, {}, address) for address in ("203.0.113.7", "10.0.0.1")]

    def orders(self) -> int:
        return len(self.listed("/payments"))

    def returned(self, reference: str) -> Kopecks:
        refunds = self.listed("/refunds", payment_id=reference)
        return Kopecks(sum(int(one["amount"]["value"].replace(".", "")) for one in refunds))

    def listed(self, path: str, **asked: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            answer = self.ask(path, limit="100", **asked, **cursor)
            found += answer["items"]
            if "next_cursor" not in answer:
                return found
            cursor = {"cursor": answer["next_cursor"]}

    def ask(self, path: str, **asked: str) -> dict[str, Any]:
        answer = self.client.get(f"/v3{path}", params=asked, auth=(SHOP, SECRET))
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told


@contextmanager
def running(folder: Path) -> Iterator[Sandbox]:
    """The bank, until the test is over."""
    heard: list[p.Notification] = []

    class Shop(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            heard.append(p.Notification(body, headers, self.client_address[0]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            del words

    shop = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=shop.serve_forever, args=(0.05,), daemon=True).start()
    command = [sys.executable, "-m", "tesweb_sandbox_bank", "--with-parent", "--port", "0"]
    command += ["--folder", str(folder), "--shop-id", SHOP]
    command += ["--notify-url", f"http://127.0.0.1:{shop.server_port}/"]
    paths = [str(ROOT), str(ROOT / "plugins" / "sandbox_bank")]
    told = {"TESWEB_DEMO": "1", "SANDBOX_BANK_SECRET_KEY": SECRET}
    with subprocess.Popen(
        command,
        env=os.environ | told | {"PYTHONPATH": os.pathsep.join(paths)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        address = json.loads(process.stdout.readline())["address"]
        with httpx.Client(base_url=address, timeout=20) as client:
            yield Sandbox(address, client, heard)
        process.terminate()
    shop.shutdown()
    shop.server_close()
