"""What PostgreSQL tells about a row that it refuses stays out of the logs."""

import logging
import traceback
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from tests.database.crowd import accounts
from tests.plugins_loader.fakes import Folder
from tesweb.current import Core
from tesweb.database.engine import Database
from tesweb.testing.client import Client

ADDRESS = "г. Тюмень, ул. Тайная, д. 7"
NUMBER = "720400777777"
ROW = {"number": NUMBER, "region": "tyumen", "address": ADDRESS, "category": "urban"}
CLUMSY = """
from flask import Blueprint, request
from sqlalchemy import insert
from tesweb.api import Account, core, hookimpl, policy, table_of

blueprint = Blueprint("clumsy", __name__)


def twice():
    with core().database.work() as work:
        for _ in range(2):
            work.execute(insert(table_of(Account)).values(request.args.to_dict()))


@blueprint.get("/")
@policy.anyone
def index():
    twice()


@hookimpl
def blueprints():
    return [blueprint]
"""


@pytest.fixture
def overrides(tmp_path: Path) -> dict[str, Any]:
    Folder(tmp_path / "plugins").add("clumsy", CLUMSY)
    return {"plugins_folder": tmp_path / "plugins"}


def test_a_crash_is_logged_without_the_row(
    app: Flask, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    app.testing = False
    with caplog.at_level(logging.DEBUG):
        assert client.get("/clumsy/", query_string=ROW).status_code == 500
    assert "IntegrityError" in caplog.text
    assert "accounts" in caplog.text
    assert NUMBER not in caplog.text
    assert "Тайная" not in caplog.text


@pytest.mark.parametrize(
    "change",
    [
        {"number": "1", "address": None},
        {"number": "2", "category": None, "address": f"{ADDRESS}\nDETAIL: {NUMBER}"},
    ],
)
def test_a_row_with_a_hole_is_not_told(core: Core, change: dict[str, Any]) -> None:
    text = refusal(core.database, ROW | change)
    assert "address" in text or "category" in text
    assert "Тайная" not in text
    assert NUMBER not in text


def refusal(database: Database, row: dict[str, Any]) -> str:
    with pytest.raises(IntegrityError) as caught, database.work() as work:
        work.execute(accounts.insert().values(row))
    return "".join(traceback.format_exception(caught.value))
