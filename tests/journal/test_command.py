"""`tesweb journal` and `tesweb check` on a database of their own."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.commands.processes import call


@pytest.fixture(scope="session")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("upgraded")
    assert call(made, "db", "upgrade").returncode == 0
    return made


@pytest.fixture
def folder(upgraded: Path, tmp_path: Path) -> Path:
    shutil.copytree(upgraded, tmp_path, dirs_exist_ok=True)
    (file,) = tmp_path.rglob("tesweb.db")
    with sqlite3.connect(file) as database:
        database.execute(
            "INSERT INTO security_events (user_id, what, happened_at, device, network, detail) "
            "VALUES (1, 'signed_in', '2026-11-01 10:00:00.000000', '', '', '{}')"
        )
    database.close()
    return tmp_path


def test_seal_and_verify(folder: Path) -> None:
    done = call(folder, "journal", "seal", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["sealed"] > 0
    verified = call(folder, "journal", "verify", "--seal", told["seal"], "--json")
    assert (verified.returncode, json.loads(verified.stdout)["findings"]) == (0, [])
    assert call(folder, "journal", "verify", "--seal", "0" * 64).returncode == 1
    assert call(folder, "check").returncode == 0


def test_a_changed_event_is_found(folder: Path) -> None:
    call(folder, "journal", "seal")
    (file,) = folder.rglob("tesweb.db")
    with sqlite3.connect(file) as database:
        database.execute("DROP TRIGGER security_events_no_update")
        database.execute("UPDATE security_events SET user_id = 2")
    database.close()
    for words in (("journal", "verify"), ("check",)):
        done = call(folder, *words)
        assert done.returncode == 1
        assert "journal-seal: 2026-11-01" in done.stdout
