"""What plugins hold about a person: in the copy of the data, and gone with the cabinet."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from tests.plugins_loader.fakes import Folder
from tesweb.current import Core
from tesweb.profile import plugged
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeUser
from tesweb.worker import SWEEPS

DATA = "/profile/data"
DELETE = f"{DATA}/delete"
SignIn = Callable[..., Client]
_HEAD = """
from datetime import date
from decimal import Decimal
from pathlib import Path
from sqlalchemy import text
from tesweb.api import InWords, PersonalData, PersonalFile, hookimpl

def picture():
    return b"a picture"

def listed(*values):
    columns = {f"column_{number}": f"Heading {number}" for number in range(len(values))}
    return PersonalData("things", "Things", columns, [values])

@hookimpl
"""
#: What each tells, as the body of its hook.
TOLD = {
    "tells": (
        "return [listed(user_id, 'words', True, None, Decimal('1.5'), date(2026, 11, 20),"
        " InWords('open', 'Open'), PersonalFile('me.png', 'image/png', 9, picture))]"
    ),
    "says_nothing": "return None",
    "raises": "raise RuntimeError('no copy')",
    "half_way": "yield listed(1)\n    raise RuntimeError('half')",
    "wrong_kind": "return ['a list?']",
    "wrong_value": "return [listed(object())]",
    "short_row": "return [PersonalData('things', 'Things', {'a': 'A', 'b': 'B'}, [[1]])]",
    "lost_file": ("return [listed(1, PersonalFile('me.png', 'image/png', 9, lambda: 1 / 0))]"),
}
#: Which of them fail however the copy is made, and which where files are read.
FAILING = ["half_way", "raises", "short_row", "wrong_kind"]
_FORGETS = """
def forget_person(work, user_id):
    work.execute(text("UPDATE users SET city = 'forgets' WHERE id = :id"), {"id": user_id})
"""
#: Fails after it has changed something, on PostgreSQL with a transaction that is broken.
_FAILS = """
def forget_person(work, user_id):
    if Path(__file__).with_name("stays").exists():
        work.execute(text("UPDATE users SET region = 'fails' WHERE id = :id"), {"id": user_id})
        work.execute(text("SELECT nothing FROM nowhere"))
    work.execute(text("UPDATE users SET region = 'done' WHERE id = :id"), {"id": user_id})
"""


@pytest.fixture
def overrides(folder: Folder) -> dict[str, Any]:
    for name, body in TOLD.items():
        folder.add(name, f"{_HEAD}def personal_data(reader, user_id):\n    {body}\n")
    folder.add("forgets", _HEAD + _FORGETS)
    (folder.add("fails", _HEAD + _FAILS) / "stays").touch()
    return {"plugins_folder": folder.path}


@pytest.fixture
def person(make: Factory) -> MadeUser:
    return make.user()


def copy_of(person: MadeUser, sign_in: SignIn) -> dict[str, Any]:
    answer = sign_in(person, "password").submit(DATA, f"{DATA}/json", {})
    told: dict[str, Any] = json.loads(answer.data)
    return told


def test_the_copy_has_what_plugins_tell(person: MadeUser, sign_in: SignIn) -> None:
    plugins = copy_of(person, sign_in)["plugins"]
    assert plugins.keys() >= {"tells", "readings"}
    (row,) = plugins["tells"]["things"]
    *values, photo = row.values()
    assert values == [person.id, "words", True, None, "1.5", "2026-11-20", "open"]
    assert base64.b64decode(photo.pop("content_base64")) == b"a picture"
    assert photo == {"name": "me.png", "media_type": "image/png", "size": 9}


def test_who_fails_is_named_in_the_copy_and_told_the_operator(
    person: MadeUser, sign_in: SignIn, core: Core
) -> None:
    told = copy_of(person, sign_in)
    failing = sorted([*FAILING, "lost_file", "wrong_value"])
    assert told["missing"] == failing
    assert not set(failing) & told["plugins"].keys()
    for name in failing:
        assert "personal_data" in core.plugins.known[name].faults


def test_the_paper_is_made_beside_them_too(person: MadeUser, sign_in: SignIn, core: Core) -> None:
    answer = sign_in(person, "password").submit(DATA, f"{DATA}/pdf", {})
    assert answer.data.startswith(b"%PDF-")
    faults = {name for name, plugin in core.plugins.known.items() if plugin.faults}
    assert faults >= set(FAILING)
    assert "lost_file" not in faults


def ghost(core: Core) -> None:
    with core.database.work() as work:
        work.execute(text("CREATE TABLE alembic_version_ghost (version_num TEXT)"))


def test_a_plugin_that_is_off_is_missing_where_it_has_tables(
    person: MadeUser, sign_in: SignIn, core: Core
) -> None:
    ghost(core)
    assert "ghost" in copy_of(person, sign_in)["missing"]


def row_of(core: Core, person: MadeUser) -> tuple[Any, ...]:
    with core.database.read() as reader:
        asked = text("SELECT city, region, deleted_at FROM users WHERE id = :id")
        return tuple(reader.execute(asked, {"id": person.id}).one())


def waiting(core: Core) -> int:
    with core.database.read() as reader:
        return int(reader.execute(text("SELECT count(*) FROM unforgotten")).scalar_one())


def test_a_cabinet_is_deleted_though_a_plugin_fails_which_forgets_later(
    app: Flask, person: MadeUser, sign_in: SignIn, core: Core, folder: Folder
) -> None:
    client = sign_in(person, "password")
    assert client.submit(DELETE, DELETE, {"word": "удалить"}).status_code == 303
    city, region, deleted = row_of(core, person)
    assert (city, region) == ("forgets", None)
    assert deleted is not None
    assert "forget_person" in core.plugins.known["fails"].faults
    with app.app_context():
        SWEEPS["profile"](core)
        assert waiting(core) == 1
        (Path(folder.path) / "fails" / "tesweb_fails" / "stays").unlink()
        SWEEPS["profile"](core)
    assert row_of(core, person)[1] == "done"
    assert waiting(core) == 0


def test_nobody_waits_where_every_plugin_has_forgotten(
    person: MadeUser, sign_in: SignIn, core: Core, folder: Folder
) -> None:
    (Path(folder.path) / "fails" / "tesweb_fails" / "stays").unlink()
    sign_in(person, "password").submit(DELETE, DELETE, {"word": "удалить"})
    assert row_of(core, person)[:2] == ("forgets", "done")
    assert waiting(core) == 0


def test_whom_a_plugin_that_is_off_holds_waits_for_it(
    app: Flask, person: MadeUser, sign_in: SignIn, core: Core, folder: Folder
) -> None:
    (Path(folder.path) / "fails" / "tesweb_fails" / "stays").unlink()
    ghost(core)
    sign_in(person, "password").submit(DELETE, DELETE, {"word": "удалить"})
    assert waiting(core) == 1
    with core.database.work() as work:
        work.execute(text("DROP TABLE alembic_version_ghost"))
    with app.app_context():
        plugged.sweep(core)
    assert waiting(core) == 0
