"""T-Bank's API v2 over HTTP as far as the gateway uses it; recorded answers and faults on demand.

Written from its documentation and not from the gateway: it signs and checks by itself. What it was
asked is kept word by word.
"""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TERMINAL, PASSWORD = "1510572937960DEMO", "p4ssw0rd-that-must-not-be-seen"
ORIGIN = "https://pay.tbank.example"
Body = dict[str, Any]
_FINAL = {"REJECTED", "CANCELED", "REFUNDED", "DEADLINE_EXPIRED", "AUTH_FAIL"}


def sign(body: Body, password: str = PASSWORD) -> Body:
    """The body with its Token."""
    plain = {key: one for key, one in body.items() if not isinstance(one, dict | list)}
    plain.pop("Token", None)
    words = {
        key: json.dumps(one) if isinstance(one, bool) else str(one) for key, one in plain.items()
    }
    joined = "".join(text for _, text in sorted({**words, "Password": password}.items()))
    return body | {"Token": hashlib.sha256(joined.encode()).hexdigest()}


def error(code: str, details: str = "Иванов Иван 2200…") -> Body:
    """A refusal as T-Bank writes it, always with 200."""
    return {"Success": False, "ErrorCode": code, "Message": "Ошибка", "Details": details}


@dataclass
class Double:
    """The bank's books, and what goes wrong next."""

    payments: dict[str, Body] = field(default_factory=dict)
    #: (payment, ExternalRequestId) to what went back.
    refunds: dict[tuple[str, str], int] = field(default_factory=dict)
    #: RebillId to its card.
    cards: dict[str, Body] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)
    asked: list[tuple[str, Body]] = field(default_factory=list)
    #: For the next requests, each once: (status, content) instead of an answer of its own.
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    #: For the next requests: `lost`, `deaf`, `500`, `500 after`, `garbage`, `slow`, `drip`.
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    api: str = ""

    def ask(self, method: str, body: Body) -> Body | list[Body]:
        """The honest answer."""
        with self.lock:
            self.asked.append((method, body))
            if body.get("TerminalKey") != TERMINAL:
                return error("205", "Указанный терминал не найден")
            if sign(body)["Token"] != body.get("Token"):
                return error("204", "Неверный токен. Проверьте пару TerminalKey/SecretKey")
            answer: Body | list[Body] = getattr(self, f"_{method.lower()}")(body)
            return answer

    def move(self, reference: str, status: str, code: str = "0", amount: int | None = None) -> None:
        """The payment comes into a state."""
        self.payments[reference] |= {"Status": status, "ErrorCode": code}
        if amount is not None:
            self.payments[reference]["Amount"] = amount

    def pay(self, reference: str, amount: int | None = None) -> None:
        """The payer pays by a MIR card, in one stage."""
        payment = self.payments[reference]
        self.move(reference, "CONFIRMED", amount=amount)
        if payment["recurrent"]:
            number = str(900000 + len(self.cards))
            self.cards[number] = {
                "CardId": str(70000 + len(self.cards)),
                "Pan": "220138******0004",
                "Status": "A",
                "RebillId": number,
                "CardType": 0,
                "ExpDate": "1230",
                "customer": payment["customer"],
            }

    def notification(self, reference: str, status: str | None = None) -> Body:
        """What is sent about a payment, signed."""
        payment = self.payments[reference]
        told = status or payment["Status"]
        return sign(
            {
                "TerminalKey": TERMINAL,
                "OrderId": payment["OrderId"],
                "Success": told not in _FINAL,
                "Status": told,
                "PaymentId": int(reference),
                "ErrorCode": payment["ErrorCode"],
                "Amount": payment["Amount"],
                "CardId": 322264,
                "Pan": "220138******0004",
                "ExpDate": "1230",
                "Data": {"note": "nested and unsigned"},
            }
        )

    def _init(self, body: Body) -> Body:
        if any(one["OrderId"] == body["OrderId"] for one in self.payments.values()):
            return error("20", "Заказ с таким order_id уже существует.")
        if body["Amount"] < 100:
            return error("251")
        number = str(13660 + len(self.payments))
        self.payments[number] = {
            "PaymentId": number,
            "OrderId": body["OrderId"],
            "Amount": body["Amount"],
            "Status": "NEW",
            "ErrorCode": "0",
            "asked": body["Amount"],
            "recurrent": body.get("Recurrent") == "Y",
            "customer": body.get("CustomerKey", ""),
        }
        return self._told(number) | {"PaymentURL": f"{ORIGIN}/new/{number}"}

    def _told(self, number: str) -> Body:
        payment = self.payments[number]
        names = ("PaymentId", "OrderId", "Amount", "Status", "ErrorCode")
        told = {name: payment[name] for name in names}
        return {"Success": payment["ErrorCode"] == "0", "TerminalKey": TERMINAL} | told

    def _getstate(self, body: Body) -> Body:
        number = body["PaymentId"]
        return self._told(number) if number in self.payments else error("255")

    def _checkorder(self, body: Body) -> Body:
        mine = [
            {name: self._told(number)[name] for name in ("PaymentId", "Amount", "Status")}
            for number, one in self.payments.items()
            if one["OrderId"] == body["OrderId"]
        ]
        if not mine:
            return error("335", "OrderId не найден для TerminalKey")
        return {
            "Success": True,
            "ErrorCode": "0",
            "TerminalKey": TERMINAL,
            "OrderId": body["OrderId"],
            "Payments": mine,
        }

    def _getqr(self, body: Body) -> Body:
        number = body["PaymentId"]
        return {
            "Success": True,
            "ErrorCode": "0",
            "OrderId": self.payments[number]["OrderId"],
            "PaymentId": int(number),
            "Data": f"https://qr.nspk.ru/AS{number}?type=02&sum={self.payments[number]['asked']}",
        }

    def _charge(self, body: Body) -> Body:
        number, rebill = body["PaymentId"], body["RebillId"]
        if self.payments[number]["Status"] != "NEW":
            return error("8", "Неверный статус транзакции")
        if rebill not in self.cards:
            return error("107")
        if rebill in self.revoked:
            self.move(number, "REJECTED", "104")
        else:
            self.move(number, "CONFIRMED")
        return self._told(number)

    def _cancel(self, body: Body) -> Body:
        number, key = body["PaymentId"], (body["PaymentId"], body["ExternalRequestId"])
        payment = self.payments[number]
        if key not in self.refunds:
            if payment["Status"] == "NEW":
                self.move(number, "CANCELED")
            elif payment["Status"] not in {"CONFIRMED", "PARTIAL_REFUNDED"}:
                return error("4")
            elif body["Amount"] > payment["Amount"]:
                return error("330")
            else:
                self.refunds[key] = body["Amount"]
                left = payment["Amount"] - body["Amount"]
                self.move(number, "PARTIAL_REFUNDED" if left else "REFUNDED", amount=left)
        sums = {"OriginalAmount": payment["asked"], "NewAmount": payment["Amount"]}
        return self._told(number) | sums

    def _getcardlist(self, body: Body) -> Body | list[Body]:
        mine = [one for one in self.cards.values() if one["customer"] == body["CustomerKey"]]
        if not mine:
            return error("7", "Неверный статус покупателя")
        return [{name: one[name] for name in one if name != "customer"} for one in mine]

    def _removecard(self, body: Body) -> Body:
        for number, card in list(self.cards.items()):
            if (card["CardId"], card["customer"]) == (body["CardId"], body["CustomerKey"]):
                del self.cards[number]
                return {"Success": True, "ErrorCode": "0", "Status": "D"}
        return error("6")


class Handler(BaseHTTPRequestHandler):
    """Takes requests for the double, and does them wrong where that is asked for."""

    protocol_version = "HTTP/1.1"
    double: Double

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        method, double = self.path.removeprefix("/v2/"), self.double
        fault = double.faults.pop(0) if double.faults else ""
        if fault == "lost":
            self.close_connection = True
        elif fault == "500":
            self.send(500, b'{"Success": false, "ErrorCode": "9999"}')
        elif double.answers:
            double.asked.append((method, body))
            self.send(*double.answers.pop(0))
        else:
            self.do_it(method, body, fault)

    def do_it(self, method: str, body: Body, fault: str) -> None:
        status, content = 200, json.dumps(self.double.ask(method, body)).encode()
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
def running(double: Double) -> Iterator[Double]:
    """The double on a free port of this machine."""
    handler = type("DoublesHandler", (Handler,), {"double": double})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    double.api = f"http://127.0.0.1:{server.server_port}/v2"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
