"""A link that says where to go next leads to a page of ours or home."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests.security.conftest import House, address_of, routes
from tests.security.test_leaks import token_of
from tesweb.identity.session import COOKIE
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.factories import Factory

Visit = Callable[[str], Client]
HOSTS = ("evil.example", "evil.example:443", "user@evil.example", "localhost.evil.example")
PAYLOADS = [
    pattern.format(host=host)
    for host in HOSTS
    for pattern in (
        "https://{host}",
        "http://{host}/",
        "//{host}",
        "///{host}",
        "////{host}/x",
        "\\\\{host}",
        "/\\{host}",
        "\\/{host}",
        "/\t/{host}",
        "/\n/{host}",
        "/\r/{host}",
        "\x00//{host}",
        " //{host}",
        "https:{host}",
        "https:/{host}",
        "https:\\\\{host}",
        "javascript://{host}/%0aalert(1)",
        "/%09/{host}\t",
    )
] + [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "//[",
    "//[::1]",
    "https://[::1]/",
    "/\\",
    "//",
    "\\",
    "/x\r\nSet-Cookie: a=b",
    "/x\r\nLocation: //evil.example",
    "/x\x0bevil",
    "x",
    "mailto:a@evil.example",
    "//\u2025evil.example",
    "/\u2028/evil.example",
    "//evil\u3002example",
]


def leads_outside(location: str) -> bool:
    """As browsers read it: they drop tabs and line ends, and take backslashes for slashes."""
    seen = re.sub(r"[\t\r\n]", "", location).strip("\x00\x20").replace("\\", "/")
    return not seen.startswith("/") or seen.startswith("//")


@pytest.mark.parametrize("who", ["owner", "anonymous"])
def test_next_leads_nowhere_else(app: Flask, house: House, visit: Visit, who: str) -> None:
    assert len(PAYLOADS) >= 60
    client = visit(who)
    pages = [
        address_of(rule, house.numbers)
        for rule in routes(app, "GET")
        if not rule.arguments and rule.endpoint in NEXTS
    ]
    assert len(pages) == len(NEXTS)
    for payload in PAYLOADS:
        for url in pages:
            answer = client.get(url, query_string={"next": payload})
            assert not leads_outside(answer.headers.get("Location", "/")), (url, payload)
            kept = re.findall(r'name="next"[^>]*value="([^"]*)"', answer.text)
            assert not any(leads_outside(value) for value in kept if value), (url, payload)
        came = client.post(
            "/language/en",
            data={"csrf_token": token_of(client)} if payload == PAYLOADS[0] else {},
            headers=SAME_ORIGIN | {"Referer": header(payload)},
        )
        assert not leads_outside(came.headers.get("Location", "/")), payload


#: The pages that know where the person wanted to go.
NEXTS = {"identity.login", "identity.confirm"}


def header(value: str) -> str:
    """A value as it can stand in a header at all."""
    return re.sub(r"[^\x20-\x7e]", "", value)


def test_signing_in_leads_nowhere_else(client: Client, make: Factory) -> None:
    user = make.user()
    for payload in PAYLOADS[::9]:
        values = {"login": user.login, "password": user.password, "next": payload}
        answer = client.submit("/login", "/login", values)
        assert answer.status_code in {303, 422}, payload
        assert not leads_outside(answer.headers.get("Location", "/")), payload
        assert "Set-Cookie: a=b" not in str(answer.headers)
        client.delete_cookie(COOKIE)
