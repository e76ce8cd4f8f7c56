"""`tesweb people` on a database of its own."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.commands.processes import call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert call(tmp_path, "db", "upgrade").returncode == 0
    with closing(sqlite3.connect(tmp_path / "tesweb.db")) as database, database:
        database.execute(
            "INSERT INTO users (login, password_hash, name, language, created_at) "
            "VALUES ('oleg', 'x', 'Олег Дальний', 'ru', '2026-11-01 10:00:00.000000')"
        )
    return tmp_path


def test_an_operator_is_made_and_shown(folder: Path) -> None:
    for words, changed in ((("oleg",), True), (("oleg",), False), (("oleg", "--off"), True)):
        done = call(folder, "people", "operator", *words, "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["changed"] is changed
    shown = call(folder, "people", "show", "oleg")
    assert "is operator: no" in shown.stdout
    assert "Дальний" not in shown.stdout
    nobody = call(folder, "people", "operator", "nobody")
    assert nobody.returncode == 1
    assert "nobody signs in as nobody" in nobody.stderr
