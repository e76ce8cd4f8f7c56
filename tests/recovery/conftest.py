"""Anna, who forgot her password, and her letters."""

import json
from collections.abc import Callable
from typing import Any, cast

import pytest
from flask import Flask
from sqlalchemy import text

from tesweb.current import Core
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeUser

Letters = Callable[[], list[dict[str, Any]]]


def events_of(core: Core) -> list[tuple[str, dict[str, Any]]]:
    """Every event of the journal with its facts."""
    with core.database.read() as reader:
        rows = reader.execute(text("SELECT what, detail FROM security_events ORDER BY id")).all()
    return [(row.what, json.loads(row.detail)) for row in rows]


@pytest.fixture
def anna(make: Factory) -> MadeUser:
    return make.user("anna", email="anna@example.ru", phone="+79123456789")


@pytest.fixture
def letters(core: Core) -> Letters:
    """What the outbox holds, the values of each taken apart."""

    def read() -> list[dict[str, Any]]:
        with core.database.read() as reader:
            rows = reader.execute(text("SELECT * FROM outbox ORDER BY id")).mappings().all()
        return [dict(row) | {"values": json.loads(row["payload"])} for row in rows]

    return read


@pytest.fixture
def second(app: Flask, client: Client) -> Client:
    """Another browser."""
    del client
    return cast("Client", app.test_client())
