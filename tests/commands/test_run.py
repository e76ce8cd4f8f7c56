"""`tesweb run` and its neighbours as real processes."""

import json
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError, URLError

import pytest

from tests.commands.processes import SECRET, TESWEB, call, environment

#: Settings of e-mail that `tesweb run` takes.
MAIL = {
    "TESWEB_SMTP_HOST": "smtp.example.ru",
    "TESWEB_PUBLIC_ADDRESS": "https://lk.example.ru",
    "TESWEB_MAIL_FROM": "lk@example.ru",
    "TESWEB_TRUSTED_HOSTS": '["lk.example.ru"]',
}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"TESWEB_SECRET_KEY": ""}, "TESWEB_SECRET_KEY"),
        ({"TESWEB_SECRET_KEY": "short"}, "TESWEB_SECRET_KEY"),
        ({"TESWEB_DEBUG": "true"}, "debug"),
        ({"TESWEB_DEMO": "true"}, "demo"),
        ({"TESWEB_PRETEND_NOW": "2026-11-20T10:00:00Z"}, "pretend_now"),
        ({"TESWEB_ADDRESS": "0.0.0.0"}, "in clear"),
        ({"TESWEB_TLS_KEY": "key.pem"}, "go together"),
        ({"TESWEB_PORT": "http"}, "port"),
        (MAIL | {"TESWEB_PUBLIC_ADDRESS": ""}, "public_address is empty"),
        (MAIL | {"TESWEB_MAIL_FROM": ""}, "mail_from is empty"),
        (MAIL | {"TESWEB_SMTP_SECURITY": "none"}, "smtp_security is none"),
        (MAIL | {"TESWEB_SMTP_SECURITY": "ssl"}, "smtp_security"),
        ({"TESWEB_DEFAULT_REGION": "atlantis"}, "atlantis"),
    ],
)
def test_what_is_unsafe_is_refused_with_its_reason(
    folder: Path, more: dict[str, str], reason: str
) -> None:
    refused = call(folder, "run", **more)
    assert refused.returncode != 0
    assert reason in refused.stderr
    assert SECRET not in refused.stderr + refused.stdout


def test_tables_that_are_behind_are_refused(tmp_path: Path) -> None:
    refused = call(tmp_path, "run")
    assert refused.returncode != 0
    assert "tesweb db upgrade" in refused.stderr
    checked = call(tmp_path, "db", "check", "--json")
    assert checked.returncode == 1
    assert {row["state"] for row in json.loads(checked.stdout)} == {"behind"}


def test_a_port_that_another_server_has_is_not_shared_with_it(folder: Path) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = call(folder, "run", "--port", str(port))
    assert refused.returncode == 1
    assert f"port {port} is in use" in refused.stderr


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [TESWEB, "run", "--port", str(port)], cwd=folder, env=environment(folder)
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        assert server.wait(20) == 0


def test_what_is_safe_is_served(folder: Path, address: str) -> None:
    for _ in range(200):
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=1) as answer:
                assert json.load(answer)["status"] == "ok"
            break
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    else:
        pytest.fail("the server never answered")
    with pytest.raises(HTTPError) as missing:
        urllib.request.urlopen(f"{address}/nowhere", timeout=5)
    with missing.value as answer:
        assert answer.headers["X-Frame-Options"] == "DENY"
    assert call(folder, "check").returncode == 0
    assert call(folder, "db", "check").returncode == 0


def test_a_wrong_setting_is_named(folder: Path) -> None:
    (folder / "tesweb.toml").write_text("prot = 8000\n", "utf-8")
    refused = call(folder, "db", "check")
    assert refused.returncode != 0
    assert "prot" in refused.stderr


@pytest.mark.parametrize(
    "words", [[], ["demo"], ["run"], ["db"], ["plugins"], ["exchange"], ["check"]]
)
def test_help_is_worth_reading(folder: Path, words: list[str]) -> None:
    helped = call(folder, *words, "--help")
    assert helped.returncode == 0
    assert len(helped.stdout.split()) > 30
