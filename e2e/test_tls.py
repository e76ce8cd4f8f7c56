"""The real `tesweb run` with what `tesweb certificates` made, in the real browser."""

import hashlib
import os
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import BrowserContext, Playwright

from e2e.support.browser import ARGUMENTS, poll
from e2e.support.pages import check_axe

TESWEB = Path(sys.executable).with_name("tesweb")
HOST = "lk.test"


def call(folder: Path, *words: str) -> None:
    subprocess.run(
        [TESWEB, *words], cwd=folder, env=environment(folder), check=True, capture_output=True
    )


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TESWEB_")}
    return kept | {"TESWEB_FOLDER": str(folder), "TESWEB_SECRET_KEY": "0" * 64} | more


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tls")
    call(made, "certificates", "--host", HOST)
    call(made, "db", "upgrade")
    return made


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    files = folder / "certificates"
    more = {
        "TESWEB_ADDRESS": "0.0.0.0",  # noqa: S104 - what a telephone nearby needs
        "TESWEB_PORT": str(port),
        "TESWEB_TLS_CERTIFICATE": str(files / "certificate.pem"),
        "TESWEB_TLS_KEY": str(files / "key.pem"),
        "TESWEB_TRUSTED_HOSTS": f'["{HOST}"]',
    }
    server = subprocess.Popen([TESWEB, "run"], cwd=folder, env=environment(folder, **more))
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"{HOST}:{port}"
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture
def telephone(
    playwright: Playwright, chromium_path: str, folder: Path, address: str, tmp_path: Path
) -> Iterator[BrowserContext]:
    """A browser that trusts this server's certificate and no other unknown one."""
    made = x509.load_pem_x509_certificate((folder / "certificates/certificate.pem").read_bytes())
    key = made.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    mark = b64encode(hashlib.sha256(key).digest()).decode("ascii")
    arguments = [
        *ARGUMENTS,
        f"--host-resolver-rules=MAP {HOST} 127.0.0.1",
        f"--ignore-certificate-errors-spki-list={mark}",
    ]
    context = playwright.chromium.launch_persistent_context(
        tmp_path, executable_path=chromium_path, args=arguments, base_url=f"https://{address}"
    )
    yield context
    context.close()


def test_the_app_can_be_installed_from_a_server_in_the_same_network(
    telephone: BrowserContext, address: str
) -> None:
    page = telephone.new_page()
    answer = page.goto("/login")
    assert answer is not None
    assert answer.status == 200
    assert (answer.header_value("strict-transport-security") or "").startswith("max-age=63072000")
    assert page.evaluate("isSecureContext")
    spoken = "performance.getEntriesByType('navigation')[0].nextHopProtocol"
    assert page.evaluate(spoken) == "h2"
    assert poll(page, "navigator.serviceWorker.controller !== null")
    session = telephone.new_cdp_session(page)
    assert session.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
    assert session.send("Page.getAppManifest")["errors"] == []
    names = {cookie["name"]: cookie for cookie in telephone.cookies()}
    (session_cookie,) = (names[name] for name in names if name.startswith("__Host-"))
    assert session_cookie["secure"]
    assert session_cookie["httpOnly"]
    check_axe(page)
    assert address in page.url


def test_who_was_here_once_never_asks_in_clear_again(
    telephone: BrowserContext, address: str
) -> None:
    page = telephone.new_page()
    page.goto("/login")
    answer = page.goto(f"http://{address}/login")
    assert answer is not None
    assert answer.url == f"https://{address}/login"
    before = answer.request.redirected_from
    assert before is not None
    hop = before.response()
    assert hop is not None
    assert hop.status == 307  # the browser's own: nothing went over the network
    assert hop.header_value("non-authoritative-reason") == "HSTS"
