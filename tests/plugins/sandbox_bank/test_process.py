"""The bank as a process: where it refuses to start, what survives a kill, what is never written."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from tesweb_sandbox_bank import guard

from tests.plugins.sandbox_bank import support
from tests.plugins.sandbox_bank.support import BACK, SECRET, SHOP, Payer, Shop, order, until
from tesweb.commands.demo import MARKER
from tesweb.resources import BUNDLED_PLUGINS

DEMO = {"TESWEB_DEMO": "1"}
#: A card with a code from a message, a term and a code that stand nowhere else.
CARD, EXPIRY, CODE = "2200000000000004", "11/39", "739"
DECLINED = "4562265587712390"


def environment(**more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    paths = os.pathsep.join(map(str, (BUNDLED_PLUGINS / "sandbox_bank", *sys.path)))
    return kept | {"PYTHONPATH": paths, "SANDBOX_BANK_SECRET_KEY": SECRET} | more


def command(folder: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "tesweb_sandbox_bank", "--folder", str(folder), *words]


@dataclass
class Process:
    """A bank that runs by itself."""

    process: "subprocess.Popen[str]"
    address: str

    def ask(self, method: str, path: str, body: object = None, key: str = "") -> httpx.Response:
        headers = {"Idempotence-Key": key} if key else {}
        url, auth = f"{self.address}/v3{path}", (SHOP, SECRET)
        return httpx.request(method, url, json=body, auth=auth, headers=headers, verify=support.TLS)


@contextmanager
def started(folder: Path, log: Path, *words: str) -> Iterator[Process]:
    """Until the block ends; then it is killed as by a power cut."""
    with log.open("a") as errors:
        process = subprocess.Popen(
            command(folder, "--port", "0", *words),
            env=environment(**DEMO),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, log.read_text()
        log.write_text(log.read_text() + line)
        yield Process(process, json.loads(line)["address"])
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        process.communicate()


def refusal(folder: Path, *words: str, **more: str) -> str:
    done = subprocess.run(
        command(folder, "--port", "0", *words),
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert not (folder / "bank.db").exists()
    return done.stderr


def test_it_does_not_start_in_production(tmp_path: Path) -> None:
    assert "this is no demo" in refusal(tmp_path / "bank")
    assert "this is no demo" in refusal(tmp_path / "bank", TESWEB_DEMO="0")


def test_it_speaks_to_this_machine_only(tmp_path: Path) -> None:
    for option in ("--notify-url", "--origin"):
        told = refusal(tmp_path / "bank", option, "https://lk.example.ru/", **DEMO)
        assert "must be on this machine" in told


def test_the_folder_of_a_demo_is_enough(tmp_path: Path) -> None:
    assert guard.MARKER == MARKER
    bank = tmp_path / "bank"
    bank.mkdir()
    assert guard.refusal(bank) is not None
    (tmp_path / MARKER).touch()
    assert guard.refusal(bank) is None


def test_the_command_of_tesweb_refuses_too(tmp_path: Path) -> None:
    tesweb = Path(sys.executable).with_name("tesweb")
    told = {"TESWEB_FOLDER": str(tmp_path), "TESWEB_SECRET_KEY": "0123456789abcdef" * 4}
    for words in (["db", "upgrade"], ["sandbox_bank", "serve", "--folder", str(tmp_path / "bank")]):
        done = subprocess.run(
            [tesweb, *words],
            env=environment(**told),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 1
    assert "this is no demo" in done.stderr


def test_everything_survives_a_kill(tmp_path: Path, shop: Shop) -> None:
    folder, log = tmp_path / "bank", tmp_path / "log"
    words = ("--notify-url", shop.address, "--inbox", str(tmp_path / "inbox"))
    shop.answers = [500] * 1000
    with started(folder, log, *words) as bank:
        asked = order(save_payment_method=True)
        made = bank.ask("POST", "/payments", asked, "same").json()
        waiting = bank.ask("POST", "/payments", order(), "other").json()
        with httpx.Client(base_url=bank.address, verify=support.TLS) as client:
            payer = Payer(client)
            payer.open(made["confirmation"]["confirmation_url"])
            payer.pay("2202474301322987")
            payer.open(waiting["confirmation"]["confirmation_url"])
            payer.pay(CARD)
        told = bank.ask("GET", f"/payments/{made['id']}").json()
        back = {"payment_id": made["id"], "amount": {"value": "1.00", "currency": "RUB"}}
        refund = bank.ask("POST", "/refunds", back, "refund").json()
        until(lambda: shop.raw)
    shop.answers, shop.raw = [], []
    with started(folder, log, *words) as bank:
        again = bank.ask("GET", f"/payments/{made['id']}").json()
        assert again["refunded_amount"]["value"] == "1.00"
        assert again["payment_method"] == told["payment_method"]
        assert bank.ask("POST", "/payments", asked, "same").json() == made
        assert bank.ask("POST", "/refunds", back, "refund").json() == refund
        assert sorted(shop.wait(2, 30)) == ["payment.succeeded", "refund.succeeded"]
        charge = order(
            confirmation=None,
            payment_method_data=None,
            payment_method_id=told["payment_method"]["id"],
        )
        assert bank.ask("POST", "/payments", charge, "charge").json()["status"] == "succeeded"
        # Nobody knows the card any more: it is asked for again.
        with httpx.Client(base_url=bank.address, verify=support.TLS) as client:
            page = Payer(client).open(f"/pay/{waiting['id']}/code")
            assert 'autocomplete="cc-number"' in page.text


def test_no_card_and_no_code_is_ever_written(tmp_path: Path, shop: Shop) -> None:
    folder, log, inbox = tmp_path / "bank", tmp_path / "log", tmp_path / "inbox"
    words = ("--notify-url", shop.address, "--inbox", str(inbox))
    with started(folder, log, *words) as bank:
        with httpx.Client(base_url=bank.address, verify=support.TLS) as client:
            payer = Payer(client)
            codes = [walk(bank, payer, key, inbox) for key in ("a", "b")]
            made = bank.ask("POST", "/payments", order(), "c").json()
            payer.open(made["confirmation"]["confirmation_url"])
            payer.pay(DECLINED, EXPIRY, CODE)
            wrong = {"number": CARD, "card": {"number": CARD, "csc": CODE}}
            data = {"type": "bank_card"} | wrong
            bank.ask("POST", "/payments", order(payment_method_data=data), "d")
            client.post("/faults", json={"fault": CARD})
            client.post("/pay/none/card", data=wrong | {"csrf_token": CODE, "card": CARD})
        shop.wait(3)
        written = {file: file.read_bytes() for file in (log, *folder.rglob("*")) if file.is_file()}
    assert {file.name for file in written} >= {"bank.db", "bank.db-wal", "log"}
    assert b"POST /pay/" in written[log]
    assert CARD[:6].encode() in b"".join(written.values())  # what may be kept would be found
    for file, content in (*written.items(), *((log, body) for _, body in shop.raw)):
        for secret in (CARD, DECLINED, *codes, grouped(CARD)):
            assert secret.encode() not in content, file
        # A short number is looked for as a word of its own.
        for short in (EXPIRY, EXPIRY.replace("/", ""), CODE):
            pattern = rb"(?<![0-9a-f.-])" + short.encode() + rb"(?![0-9a-f.-])"
            assert re.search(pattern, content) is None, (file, short)


def walk(bank: Process, payer: Payer, key: str, inbox: Path) -> str:
    """Pay by a card with a code, after a slip in each field; gives the code."""
    made = bank.ask("POST", "/payments", order(save_payment_method=True), key).json()
    payer.open(made["confirmation"]["confirmation_url"])
    payer.pay(CARD[:-1] + "5", EXPIRY, CODE)
    payer.pay(CARD, "11/19", CODE)
    payer.pay(CARD, EXPIRY, CODE)
    newest = max(inbox.glob("*.json"), key=lambda file: file.stat().st_mtime_ns)
    code = re.findall(r"\b\d{6}\b", json.loads(newest.read_text("utf-8"))["text"])[0]
    payer.submit("/code", code=f"{(int(code) + 7) % 1_000_000:06d}")
    assert payer.submit("/code", code=code).headers["Location"] == BACK
    return str(code)


def grouped(number: str) -> str:
    return " ".join(number[start : start + 4] for start in range(0, 16, 4))


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    with started(tmp_path / "bank", tmp_path / "log", "--with-parent") as bank:
        assert bank.process.stdin is not None
        bank.process.stdin.close()
        bank.process.stdin = None
        assert bank.process.wait(30) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="a parent that is killed is seen by Linux")
def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    words = command(tmp_path / "bank", "--port", "0", "--with-parent")
    parent = subprocess.Popen(
        [sys.executable, "-c", f"import subprocess; subprocess.run({words!r})"],
        env=environment(**DEMO),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    address = json.loads(parent.stdout.readline())["address"]
    assert httpx.get(address, verify=support.TLS).status_code == 200
    parent.kill()
    until(lambda: not answers(address))
    parent.communicate()


def answers(address: str) -> bool:
    try:
        return httpx.get(address, verify=support.TLS).status_code == 200
    except httpx.TransportError:
        return False


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with started(tmp_path / "bank", tmp_path / "log") as bank:
        port = bank.address.rpartition(":")[2]
        done = subprocess.run(
            command(tmp_path / "other", "--port", port),
            env=environment(**DEMO),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert f"port {port} is taken" in done.stderr


def test_it_lives_on_the_day_that_it_is_told(tmp_path: Path) -> None:
    with started(tmp_path / "bank", tmp_path / "log", "--today", "2027-03-05") as bank:
        made = bank.ask("POST", "/payments", order(), "k").json()
    assert made["created_at"].startswith("2027-03-05T07:0")
