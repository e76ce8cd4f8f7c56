"""Who becomes an operator, and what is said about a cabinet."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.identity.models import Session, User
from tesweb.journal.models import SecurityEvent
from tesweb.operator.services import Nobody, appoint, state_of
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def count(core: Core, model: type[Session | SecurityEvent]) -> int:
    with core.database.read() as reader:
        return len(reader.execute(select(table_of(model))).all())


def test_an_operator_comes_in_anew(core: Core, make: Factory, app: Flask, client: Client) -> None:
    del app
    user = make.user("oleg", phone="+79001234567")
    client.become(core, user.id, "password totp")
    assert client.get("/operator").status_code == 404
    assert appoint("+7 900 123-45-67", is_operator=True)
    assert count(core, Session) == 0
    assert not appoint("OLEG", is_operator=True)
    assert count(core, SecurityEvent) == 1
    client.become(core, user.id, "password totp")
    assert client.get("/operator").status_code == 200
    assert appoint("oleg", is_operator=False)
    assert client.get("/operator").status_code == 303
    with core.database.read() as reader:
        assert reader.execute(select(table_of(User).c.is_operator)).scalars().all() == [False]


@pytest.mark.parametrize("login", ["nobody", "", "\u0441 drop"])
def test_nobody_is_said(login: str) -> None:
    with pytest.raises(Nobody):
        appoint(login, is_operator=True)
    with pytest.raises(Nobody):
        state_of(login)


def test_the_state_has_nothing_personal(make: Factory) -> None:
    user = make.user("anna", name="Анна Петровна", email="anna@example.org", phone="+79001234567")
    account = make.account(user)
    found = state_of("anna")
    assert (found["has_email"], found["accounts"], found["locked"]) == (True, 1, None)
    for secret in ("Анна", "anna", "+7900", account.number):
        assert secret not in repr(found)
