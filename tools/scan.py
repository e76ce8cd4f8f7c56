"""Run bandit, wapiti and sqlmap on a demo of our own, signed out and signed in.

`make scan` runs it with the scanners' own venv, named by the first argument. It ends with the
number of scanners that found something: 0 is what we want.
"""

# ruff: noqa: T201, S603 - it is a command, and runs our own words

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

ROOT = Path(__file__).parent.parent
TESWEB = Path(sys.executable).with_name("tesweb")
#: How long each scanner may look, in seconds.
PATIENCE = 900
#: Addresses whose values reach a statement; `{account}` is one of the visitor's.
WITH_VALUES = (
    "/login?next=/readings/",
    "/freeze?key=abc",
    "/activate?key=abc",
    "/invitation?key=abc",
    "/consents/account?x=1",
    "/profile/events?page=1",
    "/readings/{account}/history?month=2026-10&page=1",
    "/readings/{account}/send?month=2026-10",
)
#: What ends the visit, so that the scanner would go on as a stranger.
ENDS = ("/logout", "/profile/devices/all", "/profile/freeze", "/profile/data/delete")


def main() -> int:
    """Scan everything; the number of scanners that found something."""
    scanners = Path(sys.argv[1]).resolve()
    found = {"bandit": bandit(scanners)}
    with tempfile.TemporaryDirectory() as name, demo(Path(name)) as told:
        user = told["users"][0]
        cookie = signed_in(told["address"], user["login"], user["password"])
        for who, sent in (("signed out", ""), ("signed in", cookie)):
            found[f"wapiti, {who}"] = wapiti(scanners, told["address"], sent, Path(name))
            found[f"sqlmap, {who}"] = sqlmap(scanners, told["address"], sent, Path(name))
    for scanner, findings in found.items():
        print(f"{scanner}: {len(findings)} findings", *findings, sep="\n  ")
    return sum(map(bool, found.values()))


def bandit(scanners: Path) -> list[str]:
    """What bandit thinks is of medium weight or more, and no line's `noqa` has judged.

    Ruff's S608 is bandit's B608: one reason beside the line is enough for both.
    """
    words = [
        str(scanners / "bandit"),
        "-q",
        "-ll",
        "-f",
        "json",
        "-r",
        "tesweb",
        "plugins",
        "tools",
    ]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    return [told for each in json.loads(done.stdout)["results"] for told in _unjudged(each)]


def _unjudged(result: dict[str, Any]) -> Iterator[str]:
    lines = (ROOT / result["filename"]).read_text("utf-8").splitlines()
    seen = lines[min(result["line_range"]) - 1 : max(result["line_range"]) + 2]
    rule = result["test_id"].replace("B", "S", 1)
    if not any(re.search(rf"noqa:.*\b{rule}\b", line) for line in seen):
        yield f"{result['filename']}:{result['line_number']} {result['test_id']}"


@contextmanager
def demo(folder: Path) -> Iterator[dict[str, Any]]:
    """A demo on a free port, as it announces itself."""
    words = [str(TESWEB), "demo", "--json", "--port", "0", "--folder", str(folder / "demo")]
    with subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield json.loads(server.stdout.readline() if server.stdout else "{}")
        finally:
            server.terminate()


def signed_in(address: str, login: str, password: str) -> str:
    """The cookie of a session of that user, as a header's value."""
    client = HTTPConnection(urlsplit(address).netloc, timeout=30)
    client.request("GET", "/login")
    answer = client.getresponse()
    page, stranger = answer.read().decode(), (answer.headers["Set-Cookie"] or "").partition(";")[0]
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    values = {"csrf_token": token, "login": login, "password": password}
    headers = {"Cookie": stranger, "Content-Type": "application/x-www-form-urlencoded"}
    client.request("POST", "/login", urlencode(values), headers)
    cookies = client.getresponse().headers.get_all("Set-Cookie") or []
    return "; ".join(cookie.partition(";")[0] for cookie in cookies)


def wapiti(scanners: Path, address: str, cookie: str, folder: Path) -> list[str]:
    """What wapiti found."""
    report = folder / "wapiti.json"
    words = [str(scanners / "wapiti"), "-u", f"{address}login", "--scope", "domain", "-f", "json"]
    words += [
        "-o",
        str(report),
        "--flush-session",
        "--no-bugreport",
        "--store-session",
        str(folder),
    ]
    words += [
        "--max-scan-time",
        str(PATIENCE),
        "--max-attack-time",
        "120",
        "--max-links-per-page",
        "40",
    ]
    words += [word for path in ENDS for word in ("-x", address.rstrip("/") + path)]
    words += ["-H", f"Cookie: {cookie}"] if cookie else []
    subprocess.run(words, cwd=folder, check=True, capture_output=True)
    told = json.loads(report.read_text("utf-8"))["vulnerabilities"]
    return [
        f"{kind}: {each['path']} {each['info']}" for kind, all_ in told.items() for each in all_
    ]


def sqlmap(scanners: Path, address: str, cookie: str, folder: Path) -> list[str]:
    """What sqlmap could inject into."""
    account = _account(address, cookie)
    asked, results = folder / "addresses", folder / "sqlmap.csv"
    asked.write_text(
        "".join(address.rstrip("/") + path.format(account=account) + "\n" for path in WITH_VALUES)
    )
    words = [
        str(scanners / "sqlmap"),
        "-m",
        str(asked),
        "--batch",
        "--flush-session",
        "--disable-coloring",
    ]
    words += ["--level", "2", "--ignore-code", "*", "--text-only", "--results-file", str(results)]
    words += ["--output-dir", str(folder / "sqlmap")]
    words += ["--headers", f"Cookie: {cookie}"] if cookie else []
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True)
    if "testing URL" not in done.stdout and "testing connection" not in done.stdout:
        return ["sqlmap tested nothing"]
    kept = results.read_text("utf-8").splitlines()[1:] if results.exists() else []
    # Answers differ in their nonces: what looked injectable at first sqlmap takes back by itself.
    return [line for line in kept if not line.endswith((",,,", "false positive or unexploitable"))]


def _account(address: str, cookie: str) -> str:
    client = HTTPConnection(urlsplit(address).netloc, timeout=30)
    client.request("GET", "/", headers={"Cookie": cookie})
    found = re.search(r"/readings/(\d+)/", client.getresponse().read().decode())
    return found[1] if found else "1"


if __name__ == "__main__":
    if shutil.which(TESWEB) is None:
        sys.exit("tesweb is missing; run `make scan`")
    sys.exit(main())
