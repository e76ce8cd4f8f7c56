"""The contract with MTS Exolve, against a double of its API over HTTP."""

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError
from tesweb_exolve.channel import Exolve
from tesweb_exolve.settings import ExolveSettings

from tesweb.api import NotSent, Refused, Unreachable

KEY = "key-that-must-not-be-seen"


@dataclass
class Double:
    """What the service got, and what it answers."""

    status: int = 200
    answer: bytes = b'{"message_id": "439166538239448536"}'
    headers: dict[str, str] = field(default_factory=dict)
    got: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)
    address: str = ""


@pytest.fixture
def double() -> Iterator[Double]:
    state = Double()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.got.append(("POST", self.path, dict(self.headers), json.loads(body)))
            self.send_response(state.status)
            for name, value in state.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(state.answer)

        def do_GET(self) -> None:
            state.got.append(("GET", self.path, dict(self.headers), None))

        def log_message(self, *words: object) -> None:
            del words

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()


def channel(address: str) -> Exolve:
    return Exolve(ExolveSettings(key=SecretStr(KEY), sender="TESweb", address=address))


def send(address: str) -> None:
    channel(address).send("+79123456789", "", "Код 123456", "key")


def test_a_message_is_one_request(double: Double) -> None:
    send(double.address)
    ((method, path, headers, body),) = double.got
    assert (method, path) == ("POST", "/messaging/v1/SendSMS")
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert headers["Content-Type"] == "application/json"
    assert body == {"number": "TESweb", "destination": "79123456789", "text": "Код 123456"}


@pytest.mark.parametrize(
    ("status", "answer", "raised"),
    [
        (400, b'{"error": {"message": "bad +79123456789"}}', Refused),
        (422, b"", Refused),
        (401, b"", Unreachable),
        (402, b"", Unreachable),
        (429, b"", Unreachable),
        (500, b"", Unreachable),
        (200, b"{}", NotSent),
        (200, b"not json", NotSent),
        (200, b"[]", NotSent),
    ],
)
def test_other_answers(double: Double, status: int, answer: bytes, raised: type[Exception]) -> None:
    double.status, double.answer = status, answer
    with pytest.raises(raised) as caught:
        send(double.address)
    assert type(caught.value) is raised
    assert KEY not in str(caught.value)
    assert "79123456789" not in str(caught.value)


def test_no_redirect_is_followed(double: Double) -> None:
    double.status, double.headers = 302, {"Location": f"{double.address}/elsewhere"}
    with pytest.raises(Unreachable):
        send(double.address)
    assert len(double.got) == 1


def test_a_service_that_is_down() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(Unreachable):
        send(f"http://127.0.0.1:{port}")


@pytest.mark.parametrize(
    "address",
    ["http://api.exolve.ru", "http://169.254.169.254:80", "ftp://x", "https://x/y", "https://u@x"],
)
def test_nothing_goes_in_clear_or_to_a_made_up_place(address: str) -> None:
    with pytest.raises(ValidationError):
        ExolveSettings(address=address)


def test_the_key_is_never_shown() -> None:
    assert KEY not in repr(channel("https://api.exolve.ru"))
