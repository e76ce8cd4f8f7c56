"""What happens to an import that is killed, to one that is huge, and to residents meanwhile."""

import json
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from tesweb.exchange.kinds import Verdict
from tesweb.exchange.services import BATCH
from tesweb.resources import BUNDLED_PLUGINS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.exchange.conftest import Office

ACCOUNT = "720400000001"
SUBJECT = Path(__file__).with_name("subject.py")
TYUMEN = BUNDLED_PLUGINS / "region_tyumen" / "tesweb_region_tyumen" / "region.toml"
#: SQLite keeps so much of the file it writes (`cache_size`), whatever the size of the import.
PAGE_CACHE_KIB = 32_000


def in_another_process(
    address: str, path: Path, *fatal: str
) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, str(SUBJECT), address, str(TYUMEN), str(path), *fatal]
    return subprocess.run(command, capture_output=True, check=False, timeout=300)


def charge_rows(count: int) -> "Iterable[str]":
    return (f"tyumen;{ACCOUNT};2026-10;{number};Начисление;;;1,00" for number in range(count))


@pytest.mark.parametrize(
    "fatal",
    [
        "reading",
        "UPDATE staged_charges SET account_id",
        "UPDATE staged_charges SET verdict = known.verdict",
        "INSERT INTO charges",
        "UPDATE accounts SET balance",
    ],
)
def test_a_killed_import_leaves_nothing_and_a_second_one_completes(
    office: "Office", database: str, fatal: str
) -> None:
    office.account(ACCOUNT)
    path = office.write("charges", *charge_rows(BATCH + 500))
    killed = in_another_process(database, path, fatal)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert office.rows("SELECT count(*) FROM charges") == [(0,)]
    assert office.rows("SELECT balance FROM accounts") == [(0,)]
    (report,) = office.send(path)
    assert report.counts[Verdict.NEW] == BATCH + 500
    assert office.rows("SELECT balance FROM accounts") == [((BATCH + 500) * 100,)]


def test_memory_does_not_grow_with_the_file(office: "Office", database: str) -> None:
    office.account(ACCOUNT)
    peaks = []
    for count in (20_000, 100_000) if office.database.is_sqlite else (10_000, 50_000):
        path = office.write("charges", *charge_rows(count))
        answer: dict[str, Any] = json.loads(in_another_process(database, path).stdout)
        assert (answer["rows"], answer["failure"]) == (count, "")
        peaks.append(answer["peak"])
    assert peaks[1] - peaks[0] < PAGE_CACHE_KIB


def test_residents_write_while_a_file_is_read(office: "Office") -> None:
    office.account(ACCOUNT)
    seen: list[list[tuple[Any, ...]]] = []

    def write(_: int) -> None:
        with office.database.work() as work:
            work.execute(text(f"UPDATE accounts SET address = 'moved {len(seen)}'"))  # noqa: S608 - a number
        seen.append(office.rows("SELECT address FROM accounts"))

    path = office.write("charges", *charge_rows(2 * BATCH))
    (report,) = office.send(path, progress=write)
    assert report.counts[Verdict.NEW] == 2 * BATCH
    assert seen == [[("moved 0",)], [("moved 1",)], [("moved 2",)]]


def test_two_imports_of_the_same_file_at_once_are_one(office: "Office") -> None:
    office.account(ACCOUNT)
    path = office.write("charges", *charge_rows(BATCH))
    with ThreadPoolExecutor(4) as pool:
        reports = [report for (report,) in pool.map(office.send, [path] * 4)]
    assert sorted(report.counts[Verdict.NEW] for report in reports) == [0, 0, 0, BATCH]
    assert {report.failure for report in reports} == {""}
    assert office.rows("SELECT balance FROM accounts") == [(BATCH * 100,)]
