"""`tesweb certificates`, and a server with what it made."""

import socket
import ssl
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path

import pytest
from cryptography import x509

from tests.commands.processes import TESWEB, call, environment
from tesweb.testing.databases import free_port


def names(folder: Path) -> set[str]:
    found = x509.load_pem_x509_certificate((folder / "certificate.pem").read_bytes())
    told = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(name.value) for name in told}


def test_what_is_made_and_who_may_read_it(tmp_path: Path) -> None:
    done = call(tmp_path, "certificates", "--host", "lk.test", "--host", "192.0.2.44")
    assert done.returncode == 0, done.stderr
    made = tmp_path / "certificates"
    assert {file.name for file in made.iterdir()} == {
        "authority.pem",
        "certificate.pem",
        "key.pem",
    }
    assert stat.S_IMODE((made / "key.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert b"PRIVATE" not in (made / "authority.pem").read_bytes()
    assert {"lk.test", "192.0.2.44", "localhost", "127.0.0.1"} <= names(made)
    assert socket.gethostname().lower() in names(made)
    for word in ("Android", "iPhone", "tls_certificate", 'trusted_hosts = ["lk.test"'):
        assert word in done.stdout
    lasts = x509.load_pem_x509_certificate((made / "certificate.pem").read_bytes())
    assert (lasts.not_valid_after_utc - lasts.not_valid_before_utc).days > 300
    assert "PRIVATE" not in done.stdout + done.stderr


def test_what_is_there_is_replaced_only_when_told(tmp_path: Path) -> None:
    assert call(tmp_path, "certificates", "--folder", "own").returncode == 0
    before = (tmp_path / "own/key.pem").read_bytes()
    refused = call(tmp_path, "certificates", "--folder", "own")
    assert refused.returncode != 0
    assert "--force" in refused.stderr
    assert (tmp_path / "own/key.pem").read_bytes() == before
    assert call(tmp_path, "certificates", "--folder", "own", "--force").returncode == 0
    assert (tmp_path / "own/key.pem").read_bytes() != before


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"TESWEB_TLS_CERTIFICATE": "no.pem", "TESWEB_TLS_KEY": "no.pem"}, "no.pem"),
        ({"TESWEB_HTTP_PORT": "8080"}, "tls_certificate"),
        ({"TESWEB_ADDRESS": "0.0.0.0", "TESWEB_TRUSTED_PROXIES": "1"}, "trusted_hosts"),
        ({"TESWEB_TRUSTED_PROXIES": "1"}, "trusted_hosts"),
        (
            {"TESWEB_TRUSTED_PROXIES": "1", "TESWEB_PUBLIC_ADDRESS": "http://lk.example.ru"},
            "public_address",
        ),
    ],
)
def test_what_others_could_reach_unsafely_is_refused(
    folder: Path, more: dict[str, str], reason: str
) -> None:
    refused = call(folder, "run", **more)
    assert refused.returncode != 0
    assert reason in refused.stderr


@contextmanager
def running(folder: Path, **more: str) -> Iterator[None]:
    server = subprocess.Popen([TESWEB, "run"], cwd=folder, env=environment(folder, **more))
    try:
        yield
    finally:
        server.terminate()
        assert server.wait(20) == 0


@pytest.fixture
def ports(folder: Path) -> Iterator[tuple[int, int]]:
    assert call(folder, "certificates", "--host", "lk.test").returncode == 0
    secure, clear = free_port(), free_port()
    made = folder / "certificates"
    with running(
        folder,
        TESWEB_PORT=str(secure),
        TESWEB_HTTP_PORT=str(clear),
        TESWEB_ADDRESS="0.0.0.0",
        TESWEB_TLS_CERTIFICATE=str(made / "certificate.pem"),
        TESWEB_TLS_KEY=str(made / "key.pem"),
        TESWEB_TRUSTED_HOSTS='["lk.test", "localhost"]',
    ):
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", secure)) == 0:
                    break
            time.sleep(0.1)
        yield secure, clear


def test_it_is_served_by_tls_and_told_so_in_clear(folder: Path, ports: tuple[int, int]) -> None:
    secure, clear = ports
    trusting = ssl.create_default_context(cafile=folder / "certificates/authority.pem")
    trusting.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("127.0.0.1", secure), 5) as plain,
        trusting.wrap_socket(plain, server_hostname="lk.test") as spoken,
    ):
        assert spoken.selected_alpn_protocol() == "h2"
        assert spoken.version() == "TLSv1.3"
    only_one = ssl.create_default_context(cafile=folder / "certificates/authority.pem")
    client = HTTPSConnection("localhost", secure, context=only_one, timeout=5)
    client.request("GET", "/login")
    answer = client.getresponse()
    assert answer.status == 200
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=63072000")
    assert "Server" not in answer.headers or "granian" in answer.headers["Server"]
    client.close()

    door = HTTPConnection("localhost", clear, timeout=5)
    door.request("POST", "/login?next=/", body=b"password=x")
    told = door.getresponse()
    assert told.status == 308
    assert told.headers["Location"] == f"https://localhost:{secure}/login?next=/"
    door.close()
    door = HTTPConnection("localhost", clear, timeout=5)
    door.request("GET", "/", headers={"Host": "evil.example"})
    assert door.getresponse().status == 400
    door.close()


def test_a_silent_guest_keeps_nobody_out(ports: tuple[int, int]) -> None:
    _, clear = ports
    silent = [socket.create_connection(("127.0.0.1", clear), 5) for _ in range(50)]
    door = HTTPConnection("localhost", clear, timeout=5)
    door.request("GET", "/")
    assert door.getresponse().status == 308
    door.close()
    silent[0].settimeout(10)
    assert silent[0].recv(1) == b""  # hung up on after a while
    for each in silent:
        each.close()


def test_a_port_that_is_not_ours_is_named(folder: Path) -> None:
    assert call(folder, "certificates").returncode == 0
    made = folder / "certificates"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = call(
            folder,
            "run",
            TESWEB_HTTP_PORT=str(port),
            TESWEB_TLS_CERTIFICATE=str(made / "certificate.pem"),
            TESWEB_TLS_KEY=str(made / "key.pem"),
        )
    assert refused.returncode != 0
    assert f"http_port {port}" in refused.stderr
