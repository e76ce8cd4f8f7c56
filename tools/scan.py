"""Run bandit, wapiti and sqlmap on demos of our own, signed out and signed in.

`make scan` runs it with the scanners' own venv, named by the first argument. Each scanner tells
what it looked at, and `var/scan` keeps its reports. It ends with the number of scanners that found
something or could not look: 0 is what we want.
"""

# ruff: noqa: T201, S603 - it is a command, and runs our own words

import json
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

ROOT = Path(__file__).parent.parent
TESWEB = Path(sys.executable).with_name("tesweb")
#: How long wapiti may look for pages, and attack with each module, in seconds. Together less than
#: the fifteen minutes that a proof of the password is fresh: many forms are behind one.
CRAWL, ATTACK = 60, 45
#: How long sqlmap may try, in seconds. What it does not come to is a finding.
INJECT = 840
#: A resident with a household, a meter and a history.
RESIDENT = "semya1"
#: Addresses whose values the product reads; `{account}` is one of the visitor's.
WITH_VALUES = (
    "/login?next=/readings/",
    "/freeze?key=abc",
    "/activate?key=abc",
    "/register/email?invitation=abc",
    "/recover/password?key=abc",
    "/recover/access?region=tyumen",
    "/recover/access/open?key=abc",
    "/recover/stop?key=abc",
    "/captcha/picture?mark=abc",
)
#: The same, signed in.
WITH_VALUES_INSIDE = (
    "/invitation?key=abc",
    "/profile/events?before=100",
    "/profile/contacts/email/link?key=abc",
    "/profile/accounts/link?region=tyumen",
    "/readings/{account}/check?reading-1-1=100&reading-1-2=100",
    "/pay/{account}?fill=clear",
    "/pay/history?before=100",
)
#: What ends the visit, so that wapiti would go on as a stranger: it posts every form it meets. A
#: new password changes the session's id; it is hashed and reaches no statement as it is.
ENDS = (
    "/logout",
    "/profile/devices/all",
    "/profile/freeze",
    "/profile/data/delete",
    "/profile/password",
    "/profile/accounts/*/unlink",
)
#: Takes the one away whose role another form gives.
TAKES_AWAY = ("/accounts/*/people/*/remove",)
#: A picture for each visit of a form: wapiti takes each for another page and never ends. sqlmap
#: tries its only value.
NEW_EACH_TIME = ("/captcha/*",)
#: What is tried. Not `ssl`, for the demo has none (`make observatory` looks at TLS), and not
#: `ssrf`, which asks a server in the Internet: we fetch no address that a visitor gives.
MODULES = (
    "cookieflags,crlf,csp,csrf,exec,file,http_headers,methods,permanentxss,redirect,sql,upload,xss"
)


class Seen(NamedTuple):
    """What a scanner looked at, and what it found there."""

    what: str
    findings: list[str]


class Visit(NamedTuple):
    """A demo and who visits it: a resident or a stranger, by their cookies."""

    address: str
    resident: bool
    cookie: str
    scanners: Path
    folder: Path

    def url(self, path: str) -> str:
        """The whole address of a path."""
        return self.address.rstrip("/") + path

    def get(self, path: str, *, known: bool = True) -> tuple[HTTPResponse, str]:
        """The answer to the visitor, or to somebody without a cookie."""
        client = HTTPConnection(urlsplit(self.address).netloc, timeout=30)
        client.request("GET", path, headers={"Cookie": self.cookie} if known else {})
        answer = client.getresponse()
        return answer, answer.read().decode(errors="replace")


def main() -> int:
    """Scan everything; the number of scanners that found something."""
    scanners = Path(sys.argv[1]).resolve()
    reports = ROOT / "var" / "scan"
    shutil.rmtree(reports, ignore_errors=True)
    reports.mkdir(parents=True)
    found = told("bandit", lambda: bandit(scanners))
    for resident in (False, True):
        for scanner in (wapiti, sqlmap):
            name = f"{scanner.__name__}, signed {'in' if resident else 'out'}"
            folder = reports / name.replace(", ", "-").replace(" ", "-")
            # A demo for each: what one scanner changed would hide pages from the next.
            with demo(folder) as facts:
                cookie = cookie_of(facts, resident=resident)
                visit = Visit(facts["address"], resident, cookie, scanners, folder)
                found += told(name, partial(scanner, visit))
            shutil.rmtree(folder / "demo")
    return found


def told(name: str, scan: Callable[[], Seen]) -> int:
    """Run one scanner and print what it saw; 1 if it found something."""
    start = time.monotonic()
    seen = scan()
    print(f"{name}: {seen.what}, {time.monotonic() - start:.0f} s: {len(seen.findings)} findings")
    print(*(f"  {finding}\n" for finding in seen.findings), sep="", end="", flush=True)
    return bool(seen.findings)


def bandit(scanners: Path) -> Seen:
    """What bandit thinks is of medium weight or more, and no line's `noqa` has judged.

    Ruff's S608 is bandit's B608: one reason beside the line is enough for both.
    """
    words = [str(scanners / "bandit"), "-q", "-ll", "-f", "json"]
    words += ["-r", "tesweb", "plugins", "tools"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    lines = report["metrics"]["_totals"]["loc"]
    findings = [each for result in report["results"] for each in _unjudged(result)]
    findings += [f"{each['filename']}: {each['reason']}" for each in report["errors"]]
    return Seen(f"{lines} lines", findings)


def _unjudged(result: dict[str, Any]) -> Iterator[str]:
    lines = (ROOT / result["filename"]).read_text("utf-8").splitlines()
    seen = lines[min(result["line_range"]) - 1 : max(result["line_range"]) + 2]
    rule = result["test_id"].replace("B", "S", 1)
    if not any(re.search(rf"noqa:.*\b{rule}\b", line) for line in seen):
        yield f"{result['filename']}:{result['line_number']} {result['test_id']}"


@contextmanager
def demo(folder: Path) -> Iterator[dict[str, Any]]:
    """A demo on a free port, as it announces itself."""
    folder.mkdir()
    words = [str(TESWEB), "demo", "--json", "--port", "0", "--folder", str(folder / "demo")]
    with (
        (folder / "server.log").open("w") as log,
        subprocess.Popen(
            words, cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True
        ) as server,
    ):
        try:
            yield json.loads(server.stdout.readline() if server.stdout else "{}")
        finally:
            server.terminate()


def cookie_of(facts: dict[str, Any], *, resident: bool) -> str:
    """The cookie of a session, as a header's value.

    It is Secure, so the scanners would not send it to a demo in clear by themselves, and every form
    of theirs would be refused: a stranger's token is his session's too.
    """
    client = HTTPConnection(urlsplit(facts["address"]).netloc, timeout=30)
    client.request("GET", "/login")
    answer = client.getresponse()
    page, stranger = answer.read().decode(), _cookies(answer)
    if not resident:
        return stranger
    user = next(user for user in facts["users"] if user["login"] == RESIDENT)
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    values = {"csrf_token": token, "login": user["login"], "password": user["password"]}
    headers = {"Cookie": stranger, "Content-Type": "application/x-www-form-urlencoded"}
    client.request("POST", "/login", urlencode(values), headers)
    answer = client.getresponse()
    if answer.status != HTTPStatus.SEE_OTHER:
        sys.exit(f"{RESIDENT} could not sign in: {answer.status}")
    return _cookies(answer)


def _cookies(answer: HTTPResponse) -> str:
    kept = answer.headers.get_all("Set-Cookie") or []
    return "; ".join(cookie.partition(";")[0] for cookie in kept)


def wapiti(visit: Visit) -> Seen:
    """What wapiti found, and whether it stayed signed in to the end."""
    report = visit.folder / "report.json"
    words = [str(visit.scanners / "wapiti"), "-u", visit.url("/"), "--scope", "domain"]
    words += ["-m", MODULES, "--skip", "csrf_token", "-d", "6", "--flush-session", "--no-bugreport"]
    words += ["--store-session", str(visit.folder), "--store-config", str(visit.folder / "config")]
    words += ["--max-scan-time", str(CRAWL), "--max-attack-time", str(ATTACK)]
    words += ["-f", "json", "-o", str(report)]
    words += [
        word for path in ENDS + TAKES_AWAY + NEW_EACH_TIME for word in ("-x", visit.url(path))
    ]
    words += ["-H", f"Cookie: {visit.cookie}"]
    said = run(words, visit)
    kinds = json.loads(report.read_text("utf-8"))["vulnerabilities"].items()
    findings = [f"{kind}: {each['path']} {each['info']}" for kind, all_ in kinds for each in all_]
    pages, parameters = _crawled(visit)
    inside = _inside(visit, pages)
    taken = {
        path
        for method, path, status in pages
        if method == "POST" and status != HTTPStatus.BAD_REQUEST
    }
    # A form without its session's token is answered 400.
    if not taken:
        findings.append("no form was taken: the visitor's cookie or token is not what it was")
    cut = re.findall(r"Max (?:attack |scan )time was reached(?: for module (\w+))?", said)
    what = f"{len({path for _, path, _ in pages})} addresses ({len(inside)} behind the login)"
    what += f", {len(taken)} forms, {parameters} parameters"
    what += f", cut short: {', '.join(each or 'crawl' for each in cut)}" if cut else ""
    return Seen(what, findings + list(_strayed(visit, inside)))


def _crawled(visit: Visit) -> tuple[set[tuple[str, str, int]], int]:
    """What wapiti keeps of its crawl: method, path and status; and how many parameters."""
    (kept,) = visit.folder.glob("*.db")
    with closing(sqlite3.connect(kept)) as crawl:
        paths = crawl.execute(
            "SELECT method, path, status_code FROM paths JOIN responses USING (response_id)"
            " WHERE NOT evil"
        ).fetchall()
        (parameters,) = crawl.execute(
            "SELECT count(*) FROM (SELECT DISTINCT method, path, type, name"
            " FROM params JOIN paths USING (path_id) WHERE NOT evil)"
        ).fetchone()
    return {(method, urlsplit(path).path, status) for method, path, status in paths}, parameters


def _inside(visit: Visit, pages: set[tuple[str, str, int]]) -> list[str]:
    """The pages that wapiti was shown and a stranger is not: they lead him to the login."""
    shown = sorted(
        {path for method, path, status in pages if (method, status) == ("GET", HTTPStatus.OK)}
    )
    return [path for path in shown if _turned_away(visit.get(path, known=False)[0])]


def _turned_away(answer: HTTPResponse) -> bool:
    return urlsplit(answer.headers.get("Location") or "").path == "/login"


def _strayed(visit: Visit, inside: list[str]) -> Iterator[str]:
    if visit.resident and not inside:
        yield "saw no page behind the login"
    # The page of a new e-mail address wants a fresh proof, so it answers for that too.
    if visit.resident and visit.get("/profile/contacts/email")[0].status != HTTPStatus.OK:
        yield "was signed out on the way"


def sqlmap(visit: Visit) -> Seen:
    """What sqlmap could inject into, and whether it got to the end, signed in."""
    paths = list(_with_values(visit))
    asked, results = visit.folder / "addresses", visit.folder / "results.csv"
    asked.write_text("".join(visit.url(path) + "\n" for path in paths))
    words = [str(visit.scanners / "sqlmap"), "-m", str(asked), "--batch", "--flush-session"]
    words += ["--disable-coloring", "--level", "2", "--ignore-code", "*", "--text-only"]
    words += ["--results-file", str(results), "--output-dir", str(visit.folder / "kept")]
    # The demo's database; what is meant for others could hit nothing.
    words += ["--dbms", "SQLite", "--time-limit", str(INJECT)]
    words += ["--headers", f"Cookie: {visit.cookie}"]
    said = run(words, visit)
    tried = len(
        re.findall(r"parameter '.+' (?:does not seem to be injectable|is vulnerable)", said)
    )
    given = sum(path.count("=") for path in paths)
    kept = results.read_text("utf-8").splitlines()[1:] if results.exists() else []
    # Answers differ in their nonces: what looked injectable at first sqlmap takes back by itself.
    mild = (",,,", "false positive or unexploitable")
    findings = [line for line in kept if not line.endswith(mild)]
    if tried < given:
        findings.append(f"tried {tried} of {given} parameters")
    return Seen(
        f"{len(paths)} addresses, {tried} parameters", findings + list(_strayed(visit, paths))
    )


def _with_values(visit: Visit) -> Iterator[str]:
    if not visit.resident:
        yield from WITH_VALUES
        return
    account = re.search(r"/readings/(\d+)/", visit.get("/")[1])
    if account:
        yield from (path.format(account=account[1]) for path in WITH_VALUES_INSIDE)


def run(words: list[str], visit: Visit) -> str:
    """Run a scanner in the visit's folder; what it said, which stays there too."""
    log = visit.folder / "scanner.log"
    with log.open("w") as output:
        subprocess.run(words, cwd=visit.folder, check=True, stdout=output, stderr=output)
    return log.read_text("utf-8", errors="replace")


if __name__ == "__main__":
    if shutil.which(TESWEB) is None:
        sys.exit("tesweb is missing; run `make scan`")
    sys.exit(main())
