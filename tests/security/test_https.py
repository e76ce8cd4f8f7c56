"""Nothing in clear but on this machine, and only hosts and proxies that are ours are believed."""

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest
from flask import Flask

from tesweb.app import create_app
from tesweb.clock import FixedClock
from tesweb.config import Settings
from tesweb.redirect import redirection
from tesweb.testing.client import SAME_ORIGIN, Client

BEHIND = {"trusted_proxies": 1, "trusted_hosts": ["lk.example.ru"]}
SECURE = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
CLEAR = {"X-Forwarded-Proto": "http", "X-Forwarded-For": "203.0.113.7"}
HOST = "http://lk.example.ru"


@pytest.fixture
def served(settings: Settings, clock: FixedClock) -> Iterator[Callable[..., Client]]:
    """A browser for an application with these settings."""
    made: list[Flask] = []

    def build(**values: object) -> Client:
        app = create_app(settings.model_copy(update=values), clock=clock)
        app.test_client_class = Client
        made.append(app)
        client = app.test_client()
        assert isinstance(client, Client)
        return client

    yield build
    for app in made:
        app.extensions["tesweb"].database.close()


PATHS = ["/login", "/static/css/app.css", "/nowhere", "//evil"]


def test_what_a_proxy_took_in_clear_is_sent_to_https(served: Callable[..., Client]) -> None:
    client = served(**BEHIND)
    for path, method in product(PATHS, ("GET", "POST", "HEAD")):
        asked = {"PATH_INFO": path, "QUERY_STRING": "next=/x%20y"}
        answer = client.open(
            "/", method=method, base_url=HOST, headers=CLEAR, environ_overrides=asked
        )
        assert answer.status_code == 308
        assert answer.headers["Location"] == f"https://lk.example.ru{path}?next=/x%20y"
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Cache-Control"] == "no-store"


def test_what_came_by_https_is_served_and_stays_there(served: Callable[..., Client]) -> None:
    answer = served(**BEHIND).get("/login", base_url=HOST, headers=SECURE)
    assert answer.status_code == 200
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=63072000; includeSub")
    assert "; Secure" in answer.headers["Set-Cookie"]


def test_a_machine_that_looks_after_it_may_ask_in_clear(served: Callable[..., Client]) -> None:
    answer = served(**BEHIND).get("/healthz", base_url=HOST)
    assert answer.status_code == 200


def test_the_known_address_is_where_they_are_sent(served: Callable[..., Client]) -> None:
    client = served(**BEHIND, public_address="https://lk.example.ru:8443")
    answer = client.get("/login", base_url=HOST, headers=CLEAR)
    assert answer.location == "https://lk.example.ru:8443/login"


def test_a_server_with_a_certificate_of_its_own_sends_to_its_port(
    served: Callable[..., Client], shared_folder: Path
) -> None:
    client = served(tls_certificate=shared_folder, tls_key=shared_folder, port=8443)
    answer = client.get("/login", base_url="http://localhost:8080")
    assert answer.location == "https://localhost:8443/login"


def test_on_this_machine_alone_it_is_served_in_clear(served: Callable[..., Client]) -> None:
    assert served().get("/login", base_url="http://localhost:8000").status_code == 200


HOSTS = [
    "evil.example",
    "lk.example.ru.evil.example",
    "evil.example:443",
    "lk.example.ru@evil.example",
    "lk.example.ru/evil",
    "lk.example.ru\\evil",
    "xlk.example.ru",
    "a.lk.example.ru",
    "127.0.0.1",
    "[::1]",
    "lk.example.ru:99999",
    "lk.example.ru\t",
    "",
]


def test_another_host_is_answered_400(served: Callable[..., Client]) -> None:
    client = served(**BEHIND)
    for host, headers in product(HOSTS, (CLEAR, SECURE)):
        answer = client.get("/login", headers=headers, environ_overrides={"HTTP_HOST": host})
        assert answer.status_code == 400, host
        assert "Location" not in answer.headers
        assert "evil" not in answer.text


def test_a_proxy_s_word_about_the_host_is_checked_too(served: Callable[..., Client]) -> None:
    headers = SECURE | {"X-Forwarded-Host": "evil.example"}
    answer = served(**BEHIND).get("/", base_url=HOST, headers=headers)
    assert "evil" not in answer.headers.get("Location", "") + answer.text


def _guess(client: Client, number: int, headers: dict[str, str], token: str) -> int:
    sent = {"login": f"user{number}", "password": "wrong", "csrf_token": token}
    return client.post(
        "/login",
        data=sent,
        base_url="https://lk.example.ru",
        headers=headers | SAME_ORIGIN,
    ).status_code


def _token(client: Client, headers: dict[str, str]) -> str:
    page = client.get("/login", base_url="https://lk.example.ru", headers=headers)
    return page.text.partition('name="csrf_token" value="')[2].partition('"')[0]


@pytest.mark.parametrize(
    ("proxies", "spoofed"),
    [
        (0, "198.51.{n}.1"),  # nobody stands in front: the header is the visitor's own
        (1, "198.51.{n}.1, 203.0.113.7"),  # the proxy appends whom it saw
    ],
)
def test_a_stranger_cannot_choose_the_address_that_is_counted(
    served: Callable[..., Client], proxies: int, spoofed: str
) -> None:
    client = served(trusted_proxies=proxies, trusted_hosts=["lk.example.ru"], login_attempts=1)
    secure = {"X-Forwarded-Proto": "https"}
    token = _token(client, secure)
    tried = [
        _guess(client, n, secure | {"X-Forwarded-For": spoofed.format(n=n)}, token)
        for n in range(11)
    ]
    assert tried == [422] * 10 + [429]


@pytest.mark.parametrize(
    ("head", "location"),
    [
        (b"GET /login?next=/x HTTP/1.1\r\nHost: lk.example.ru\r\n\r\n", "/login?next=/x"),
        (b"POST / HTTP/1.1\r\nhost: lk.example.ru:8080\r\n\r\n", "/"),
        (b"GET http://evil/ HTTP/1.1\r\nHost: lk.example.ru\r\n\r\n", "/"),
        (b"GET /\x00\xff HTTP/1.1\r\nHost: lk.example.ru\r\n\r\n", "/"),
        (b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", None),
        (b"GET / HTTP/1.1\r\nHost: lk.example.ru\r\nHost: evil.example\r\n\r\n", None),
        (b"GET / HTTP/1.1\r\n\r\n", None),
        (b"GET /\r\nHost: lk.example.ru\r\n\r\n", None),
        (b"\x16\x03\x01\x02\r\n\r\n", None),
    ],
)
def test_the_door_for_what_comes_in_clear(
    settings: Settings, head: bytes, location: str | None
) -> None:
    values = {"trusted_hosts": ["lk.example.ru"], "tls_certificate": settings.folder, "port": 8443}
    answer = redirection(settings.model_copy(update=values), head).decode("ascii")
    status, _, headers = answer.partition("\r\n")
    if location is None:
        assert status == "HTTP/1.1 400 Bad Request"
        assert "Location" not in headers
    else:
        assert status == "HTTP/1.1 308 Permanent Redirect"
        assert headers.startswith(f"Location: https://lk.example.ru:8443{location}\r\n")
    assert answer.endswith("\r\n\r\n")
