"""The headers of every answer."""

import re
from io import BytesIO

import pytest
from flask import Flask
from werkzeug.wrappers import Response

from tesweb.layout.headers import FIXED
from tesweb.testing.client import Client

ANSWERS = ["/login", "/", "/nowhere", "/offline", "/sw.js", "/manifest.webmanifest", "/healthz"]


def policy_of(response: Response) -> dict[str, str]:
    header = response.headers["Content-Security-Policy"]
    pairs = (part.strip().partition(" ") for part in header.split(";"))
    return {name: value for name, _, value in pairs}


@pytest.mark.parametrize("url", [*ANSWERS, "/static/nothing.css"])
def test_every_answer_is_protected(client: Client, url: str) -> None:
    response = client.get(url)
    for name, value in FIXED.items():
        assert response.headers[name] == value
    assert response.headers["Strict-Transport-Security"].startswith("max-age=63072000")
    policy = policy_of(response)
    assert policy["default-src"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert "strict-dynamic" not in response.headers["Content-Security-Policy"]


def test_static_files_are_protected_and_kept_for_ever(client: Client) -> None:
    (url,) = set(re.findall(r'href="(/static/css/[^"]+)"', client.get("/login").text))
    with client.get(url, headers={"Accept-Encoding": "br"}) as response:
        for name, value in FIXED.items():
            assert response.headers[name] == value
        assert policy_of(response)["script-src"] == "'none'"
        assert "upgrade-insecure-requests" in policy_of(response)
        assert response.headers["Strict-Transport-Security"].startswith("max-age=63072000")
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response.headers["Content-Encoding"] == "br"


def test_a_crash_is_protected_and_tells_nothing(app: Flask, client: Client) -> None:
    def crash() -> str:
        raise ValueError("the secret of the crash")

    app.testing = False
    app.add_url_rule("/crash", view_func=crash)
    response = client.get("/crash")
    assert response.status_code == 500
    assert "secret of the crash" not in response.text
    assert response.headers["X-Frame-Options"] == "DENY"
    assert "unsafe" not in response.headers["Content-Security-Policy"]


def test_a_nonce_is_used_once(client: Client) -> None:
    seen = set()
    for _ in range(3):
        response = client.get("/login")
        nonce = policy_of(response)["script-src"].removeprefix("'nonce-").removesuffix("'")
        assert f'nonce="{nonce}"' in response.text
        seen.add(nonce)
    assert len(seen) == 3


def test_pages_are_never_stored(client: Client) -> None:
    for url in ("/login", "/", "/nowhere"):
        assert client.get(url).headers["Cache-Control"] == "no-store"


def test_in_clear_nothing_speaks_of_https(client: Client) -> None:
    page = client.get("/login", base_url="http://localhost")
    (url,) = set(re.findall(r'href="(/static/css/[^"]+)"', page.text))
    with client.get(url, base_url="http://localhost") as file:
        for response in (page, file):
            assert "Strict-Transport-Security" not in response.headers
            assert "upgrade-insecure-requests" not in response.headers["Content-Security-Policy"]


def test_reports_are_taken_and_tell_nobody_s_address(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    body = [{"body": {"effectiveDirective": "img-src", "documentURL": "https://x/readings/7/"}}]
    assert client.post("/csp", json=body).status_code == 204
    assert "img-src" in caplog.text
    assert "readings" not in caplog.text
    assert client.post("/csp", data=b"x" * 20_000).status_code == 413
    assert client.post("/csp", data=b"\xff\x00").status_code == 204


def test_a_flood_of_reports_is_cut_short(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    assert client.post("/csp", data=b"[" + b",".join([b"0"] * 4900) + b"]").status_code == 204
    assert len([r for r in caplog.records if "content policy" in r.getMessage()]) == 10
    caplog.clear()
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    report = b'[{"body": {"effectiveDirective": "img-src"}}' + b" " * 10_000 + b"]"
    client.post("/csp", input_stream=BytesIO(report), environ_overrides=chunked)
    assert "an unreadable report" in caplog.text
    assert "img-src" not in caplog.text
