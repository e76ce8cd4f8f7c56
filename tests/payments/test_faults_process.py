"""Faults of the machine on real processes: the disk fails, the server is told to end."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.commands.processes import TESWEB
from tests.payments.paper_bank import PLUGIN, PaperGateway, nobody
from tests.payments.till import Till
from tests.plugins_loader.fakes import Folder
from tesweb.identity import session
from tesweb.payments.gateways import Teller
from tesweb.payments.models import State
from tesweb.payments.protocol import BankState
from tesweb.testing.client import Client
from tesweb.testing.databases import free_port
from tesweb.testing.missing import Missing, skip
from tesweb.testing.pages import Page

SUBJECT = Path(__file__).with_name("disk_subject.py")
SECRET = "s" * 64


@pytest.fixture
def paper(till: Till, tmp_path: Path) -> PaperGateway:
    """The payer's bank, with books that outlive a process."""
    gateway = PaperGateway(nobody(), file=tmp_path / "bank.json")
    till.core.gateways["memory"] = Teller(gateway)
    return gateway


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays at such a bank, by a browser and by the cookie alone."""

    till: Till
    paper: PaperGateway
    browser: Client
    sid: str


@pytest.fixture
def payer(till: Till, paper: PaperGateway, sign_in: Callable[..., Client]) -> Payer:
    return Payer(till, paper, sign_in(till.user), cookie_of(till, sign_in))


def cookie_of(till: Till, sign_in: Callable[..., Client]) -> str:
    """Sign the payer in, whose receipt has somewhere to go."""
    with till.core.database.work() as work:
        work.execute(text("UPDATE users SET email = 'payer@example.ru'"))
    cookie = sign_in(till.user).get_cookie(session.COOKIE)
    assert cookie is not None
    return cookie.value


def form_of(till: Till) -> str:
    account = till.accounts[1].id
    return f"/pay/how?pay-{account}=1&sum-{account}=300"


def pay(paper: PaperGateway) -> None:
    """Everybody pays what the bank was asked to take."""
    with paper.opened() as bank:
        for sale in bank.sales.values():
            sale.state, sale.paid = BankState.PAID, sale.amount


def orders(till: Till) -> int:
    with till.core.database.read() as reader:
        return int(reader.execute(text("SELECT count(*) FROM payment_orders")).scalar_one())


def environment(till: Till, folder: Path, **more: str) -> dict[str, str]:
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(sys.path),
        "TESWEB_SECRET_KEY": SECRET,
        "TESWEB_FOLDER": str(folder),
        "TESWEB_DATABASE": till.core.database.url.render_as_string(hide_password=False),
        **more,
    }


def strace(till: Till, call: str, error: str, when: str) -> list[str]:
    """Run what follows with calls on SQLite's log failing, from the n-th on or only the n-th."""
    program = shutil.which("strace")
    if program is None:
        skip(Missing("strace", "apt-get install strace"))
    log = f"{till.core.database.url.database}-wal"
    inject = f"inject={call}:error={error}:when={when}"
    return [program, "-f", "-qq", "-o", os.devnull, "-P", log, "-e", f"trace={call}", "-e", inject]


def fail(payer: Payer, under: list[str], facts: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    till, paper = payer.till, payer.paper
    settings = {"database": str(till.core.database.url), "secret_key": SECRET}
    settings["folder"] = str(till.core.settings.folder)
    facts |= {"settings": settings, "moment": till.clock.now().isoformat(), "bank": str(paper.file)}
    facts["form"] = form_of(till)
    done = subprocess.run(
        [*under, sys.executable, str(SUBJECT), json.dumps(facts)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) | {"log": done.stderr}


def check_all_goes_on(payer: Payer, form_key: str) -> None:
    """With a disk again, both payments come to their end, each once."""
    till = payer.till
    url = form_of(till)
    assert payer.browser.submit(url, "/pay", {"form_key": form_key}).status_code == 303
    pay(payer.paper)
    till.later(minutes=2)
    till.sweep(3)
    with till.core.database.read() as reader:
        states = reader.execute(text("SELECT state FROM payment_orders")).scalars().all()
        whole = reader.execute(text("PRAGMA integrity_check")).scalar_one()
    assert states == [State.SUCCEEDED.value] * 2
    assert whole == "ok"
    assert sorted(till.credited()) == [300_00, 500_00]
    assert (till.balance(0), till.balance(1)) == (500_00, 700_00)


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("call", "error", "told"),
    [
        ("pwrite64", "ENOSPC", "database or disk is full"),
        ("fdatasync", "EIO", "disk I/O error"),
    ],
)
def test_a_disk_that_takes_nothing_fails_clean_is_told_and_payments_go_on(
    payer: Payer, call: str, error: str, told: str
) -> None:
    till = payer.till
    order_id = till.start()
    pay(payer.paper)
    till.later(seconds=3)
    facts = {"sid": payer.sid, "order_id": order_id, "form_key": str(uuid4())}
    answers = fail(payer, strace(till, call, error, "1+"), facts)
    assert (answers["page"], answers["sent"], answers["retry"]) == (200, 503, "60")
    assert answers["learnt"] == "OperationalError"
    assert told in answers["log"], "the operator is told what it is"
    till.check()
    check_all_goes_on(payer, str(facts["form_key"]))


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
@pytest.mark.parametrize("when", range(1, 4))
def test_a_sync_that_fails_once_anywhere_is_one_payment(payer: Payer, when: int) -> None:
    till = payer.till
    order_id = till.start()
    pay(payer.paper)
    till.later(seconds=3)
    facts = {"sid": payer.sid, "order_id": order_id, "form_key": str(uuid4())}
    answers = fail(payer, strace(till, "fdatasync", "EIO", str(when)), facts)
    assert {answers["sent"], answers["learnt"]} != {303, State.SUCCEEDED.value}
    till.core.database.close()
    check_all_goes_on(payer, str(facts["form_key"]))


@contextmanager
def server(
    till: Till, folder: Path, plugins: Path
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """`tesweb run` in a process of its own, with a bank that takes its time; and its port."""
    port = free_port()
    process = subprocess.Popen(
        [TESWEB, "run", "--port", str(port)],
        cwd=folder,
        env=environment(till, folder, TESWEB_PLUGINS_FOLDER=str(plugins)),
    )
    try:
        yield process, port
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(20)


def ask(port: int, method: str, url: str, sid: str, fields: dict[str, str] | None = None) -> Any:  # noqa: ANN401 - status and body
    headers = {"Cookie": f"{session.COOKIE}={sid}", "Sec-Fetch-Site": "same-origin"}
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    with closing(HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request(method, url, urlencode(fields or {}), headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def wait_for(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def answers(port: int) -> bool:
    try:
        return bool(ask(port, "GET", "/healthz", "")[0] == 200)
    except (OSError, HTTPException):
        return False


def test_a_server_told_to_end_in_mid_payment_ends_and_the_payment_goes_on(
    till: Till, paper: PaperGateway, sign_in: Callable[..., Client], tmp_path: Path
) -> None:
    till.clock.moment = datetime.now(UTC)
    sid = cookie_of(till, sign_in)
    plugins = Folder(tmp_path / "plugins")
    plugins.add("paper", PLUGIN.format(file=str(paper.file), takes=2))
    with server(till, tmp_path, plugins.path) as (process, port), ThreadPoolExecutor(1) as pool:
        wait_for(lambda: answers(port))
        form = Page(ask(port, "GET", form_of(till), sid)[1]).form("/pay").fields
        sent = pool.submit(ask, port, "POST", "/pay", sid, form)
        wait_for(paper.file.exists)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        sent.exception(20)
    assert orders(till) == 1
    till.clock.moment = datetime.now(UTC)
    same = {"form_key": form["form_key"]}
    assert sign_in(till.user).submit(form_of(till), "/pay", same).status_code == 303
    pay(paper)
    till.later(minutes=2)
    till.sweep(2)
    assert till.state(1) is State.SUCCEEDED
    assert (till.credited(), orders(till)) == ([300_00], 1)
    with paper.opened() as bank:
        assert len(bank.sales) == 1
