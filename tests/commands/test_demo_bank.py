"""`tesweb demo` has a bank beside it, which ends when the demo ends."""

import json
import signal
import socket
import subprocess
from base64 import b64encode
from pathlib import Path
from urllib.request import Request, urlopen

from tests.commands.processes import TESWEB, environment


def answers(address: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(address.rpartition(":")[2]))) == 0


def test_the_bank_is_told_answers_and_ends_with_the_demo(tmp_path: Path) -> None:
    words = [
        "demo",
        "--json",
        "--port",
        "0",
        "--accounts",
        "50",
        "--folder",
        str(tmp_path / "demo"),
    ]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [TESWEB, *words],
            cwd=tmp_path,
            env=environment(tmp_path),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert process.stdout is not None
    try:
        told = json.loads(process.stdout.readline())
        bank = told["bank"]
        assert set(bank) == {"address", "api", "shop_id", "secret_key"}
        assert bank["api"] == f"{bank['address']}/v3"
        assert told["inbox"] == f"{told['address']}dev/inbox"
        assert "127.0.0.1" in bank["address"]
        shop = b64encode(f"{bank['shop_id']}:{bank['secret_key']}".encode()).decode()
        asked = Request(f"{bank['api']}/me", headers={"Authorization": f"Basic {shop}"})
        with urlopen(asked, timeout=20) as answer:
            assert json.load(answer)["account_id"] == bank["shop_id"]
        with urlopen(told["inbox"], timeout=20) as answer:
            assert answer.status == 200
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert not answers(bank["address"])
    assert (tmp_path / "demo" / "bank" / "bank.db").is_file()
