"""A part of `make walk`: killed at some of the calls of each act, and everything is right again.

The walker is a process of its own: it forks, which a process with threads should not.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.crash.acts import ACTS
from tests.crash.strace import (
    EIO,
    ENOSPC,
    KILL,
    SERVER,
    Point,
    find_strace,
    listen,
    points_of,
    was_harmed,
)
from tests.crash.walking import every
from tesweb.testing.databases import find_postgresql
from tesweb.testing.missing import Missing, skip
from tesweb.testing.stores import POSTGRESQL, SQLITE

ROOT = Path(__file__).parents[2]


def walk(database: str, *asked: str, status: int = 0) -> list[dict[str, Any]]:
    """What the walker says about this database."""
    try:
        find_strace()
        if database == POSTGRESQL:
            find_postgresql()
    except Missing as missing:
        skip(missing)
    command = [sys.executable, str(ROOT / "tools" / "walk.py"), "--json", "--database", database]
    paths = os.pathsep.join([str(ROOT), str(ROOT / "plugins" / "sandbox_bank")])
    done = subprocess.run(
        [*command, *asked],
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert done.returncode == status, done.stdout + done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("database", [SQLITE, POSTGRESQL])
def test_killed_at_any_call_nothing_is_lost_doubled_or_left_hanging(database: str) -> None:
    found = walk(database, "--how", KILL, "--most", "4")
    assert [each["act"] for each in found] == [act.name for act in ACTS]
    assert [each["bad"] for each in found] == [{}] * len(ACTS)
    # Each time the process was really killed, at a call of an act that has many.
    assert [each["hit"] for each in found] == [4] * len(ACTS)
    assert min(each["calls"] for each in found) > 20


@pytest.mark.parametrize(
    ("database", "hows"), [(SQLITE, [EIO, ENOSPC]), (POSTGRESQL, [ENOSPC, SERVER])]
)
def test_a_disk_or_a_server_that_fails_costs_nothing_either(database: str, hows: list[str]) -> None:
    asked = [word for how in hows for word in ("--how", how)]
    found = walk(database, "--most", "1", *asked)
    assert [(each["act"], each["how"]) for each in found] == [
        (act.name, how) for act in ACTS for how in hows
    ]
    assert [each["bad"] for each in found] == [{}] * len(found)
    assert [each["hit"] for each in found] == [1] * len(found)


def test_an_act_that_is_torn_in_two_is_found() -> None:
    (found,) = walk(SQLITE, "--act", "torn", "--how", KILL, "--most", "10", status=1)
    assert 0 < len(found["bad"]) < found["walked"]
    told = str(found["bad"])
    assert "at once: I4: order 1 is succeeded, and the books say otherwise" in told
    assert "the balance is [100000]" in told


def test_the_calls_of_a_thread_are_numbered_by_their_names(tmp_path: Path) -> None:
    log = tmp_path / "strace.0"
    log.write_text(
        'pwrite64(5</dev/shm/x/tesweb.db-wal>, ""..., 24, 0) = 24\n'
        "fdatasync(5</dev/shm/x/tesweb.db-wal>) = 0\n"
        'write(9<pipe:[17]>, ""..., 20) = 20\n'
        'pwrite64(5</dev/shm/x/tesweb.db-wal>, ""..., 4096, 24) = 4096\n'
        "+++ exited with 0 +++\n"
    )
    assert points_of(2, log, but=9) == [
        Point(2, "pwrite64", 1, "tesweb.db-wal"),
        Point(2, "fdatasync", 1, "tesweb.db-wal"),
        Point(2, "pwrite64", 2, "tesweb.db-wal"),
    ]
    assert not was_harmed(log)


def test_a_thread_that_ended_before_it_was_looked_at_has_no_calls(tmp_path: Path) -> None:
    try:
        find_strace()
    except Missing as missing:
        skip(missing)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    log = tmp_path / "strace.0"
    listen(gone.pid, log).communicate(timeout=20)
    assert points_of(0, log, but=None) == []


def test_some_of_the_calls_are_spread_evenly_with_the_first_and_the_last() -> None:
    points = [Point(0, "write", nth, "") for nth in range(1, 101)]
    assert every(points, None) == list(range(100))
    assert every(points, 4) == [0, 33, 66, 99]
    assert every(points, 1) == [50]
    assert every(points[:3], 4) == [0, 1, 2]
