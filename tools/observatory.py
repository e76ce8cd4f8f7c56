"""Let the MDN Observatory's grader look at `tesweb run` with TLS, without asking its service.

`make observatory` runs it: it wants node 20, npm, and the right to listen at 443 and 80, for the
grader knows no other ports.
"""

# ruff: noqa: T201, S603, S607 - it is a command, and runs our own words

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PACKAGE = "@mdn/mdn-http-observatory@1.4.8"
TESWEB = Path(sys.executable).with_name("tesweb")
#: The grader's lists of the world's host names, which it asks nothing about ours.
LISTS = {"hsts-preload.json": "{}", "tld-list.json": "[]"}
GRADE = """
import { scan } from "@mdn/mdn-http-observatory/src/scanner/index.js";
console.log(JSON.stringify(await scan("localhost")));
"""


def main() -> int:
    """Zero for an A+ with every test passed."""
    grader = Path(sys.argv[1]).resolve()
    install(grader)
    with tempfile.TemporaryDirectory() as name:
        told = grade(grader, Path(name))
    failed = [test for test, result in told["tests"].items() if not result["pass"]]
    print(f"{told['scan']['grade']}, {told['scan']['score']} points", *failed, sep="\n  ")
    return int(told["scan"]["grade"] != "A+" or bool(failed))


def install(grader: Path) -> None:
    """The grader from npm; none of its packages' own programs is run."""
    grader.mkdir(parents=True, exist_ok=True)
    (grader / "grade.mjs").write_text(GRADE, "utf-8")
    conf = grader / "node_modules/@mdn/mdn-http-observatory/conf"
    if not conf.exists():
        words = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", PACKAGE]
        subprocess.run([*words, "--prefix", str(grader)], check=True, cwd=grader)
    for name, content in LISTS.items():
        (conf / name).write_text(content, "utf-8")


def grade(grader: Path, folder: Path) -> dict[str, Any]:
    """What the grader says about a server of our own."""
    files = folder / "certificates"
    own = {
        "TESWEB_FOLDER": str(folder),
        "TESWEB_SECRET_KEY": "0" * 64,
        "TESWEB_TRUSTED_HOSTS": '["localhost"]',
    }
    environment = os.environ | own
    for words in (["certificates"], ["db", "upgrade"]):
        subprocess.run(
            [TESWEB, *words], cwd=folder, env=environment, check=True, capture_output=True
        )
    tls = {
        "TESWEB_PORT": "443",
        "TESWEB_HTTP_PORT": "80",
        "TESWEB_TLS_CERTIFICATE": str(files / "certificate.pem"),
        "TESWEB_TLS_KEY": str(files / "key.pem"),
    }
    with subprocess.Popen([TESWEB, "run"], cwd=folder, env=environment | tls) as server:
        try:
            _wait(443)
            asked = os.environ | {"NODE_EXTRA_CA_CERTS": str(files / "authority.pem")}
            done = subprocess.run(
                ["node", "grade.mjs"], cwd=grader, env=asked, check=True, capture_output=True
            )
        finally:
            server.terminate()
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _wait(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())
