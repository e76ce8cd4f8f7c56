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


GROUND = ("--ground", "паспорт предъявлен в офисе, заявление 15")


@pytest.fixture
def locked(folder: Path) -> Path:
    with closing(sqlite3.connect(folder / "tesweb.db")) as database, database:
        database.execute("UPDATE users SET frozen_at = '2026-11-01 10:00:00.000000'")
        database.execute(
            "INSERT INTO freezes (user_id, frozen_at, wants_control) "
            "SELECT id, frozen_at, 0 FROM users"
        )
    return folder


def test_one_person_at_the_server_helps_where_there_is_one_operator(locked: Path) -> None:
    done = call(locked, "people", "restore", "1", *GROUND, "--json")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["code"]) == 20
    with closing(sqlite3.connect(locked / "tesweb.db")) as database:
        events = [row[0] for row in database.execute("SELECT what FROM security_events")]
        (frozen,) = database.execute("SELECT frozen_at FROM users").fetchone()
    assert events == ["office_started", "office_confirmed"]
    assert frozen is not None


def test_what_cannot_be_restored_is_refused(locked: Path) -> None:
    for words, reason in (
        (("2", *GROUND), "no cabinet is locked by request 2"),
        (("1", *GROUND, "--way", "email"), "no email is known"),
        (("1", "--ground", "паспорт 7104 123456"), "no number of a passport"),
        (("1",), "--ground"),
    ):
        refused = call(locked, "people", "restore", *words)
        assert refused.returncode != 0
        assert reason in refused.stderr


def test_members_are_listed_and_removed(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "tesweb.db")) as database, database:
        database.execute(
            "INSERT INTO accounts (region, number, address, category, balance) "
            "VALUES ('tyumen', '720400000001', 'ул. Мира, 1', 'urban', 0)"
        )
        database.execute(
            "INSERT INTO memberships (user_id, account_id, role, position, linked_at, nickname) "
            "VALUES (1, 1, 'owner', 0, '2026-11-01 10:00:00.000000', '')"
        )
    account = ("7204 0000 0001", "--region", "tyumen")
    listed = json.loads(call(folder, "people", "members", *account, "--json").stdout)
    assert [(each["id"], each["role"]) for each in listed["members"]] == [(1, "owner")]
    stranger = call(folder, "people", "remove", account[0], "7", *account[1:], *GROUND)
    assert "user 7 has no access" in stranger.stderr
    done = call(folder, "people", "remove", account[0], "1", *account[1:], *GROUND)
    assert done.returncode == 0, done.stderr
    assert "nobody has access" in call(folder, "people", "members", *account).stdout
    nowhere = call(folder, "people", "members", "1", "--region", "mars")
    assert "region mars has no account" in nowhere.stderr
