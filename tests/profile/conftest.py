"""A person with contacts, and what was written to whom."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.identity.models import User
from tesweb.journal.models import SecurityEvent
from tesweb.messages.models import OutboxMessage
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeUser

SignIn = Callable[..., Client]


@pytest.fixture
def anna(make: Factory) -> MadeUser:
    user = make.user("anna", email="anna@example.ru", phone="+79120000001")
    make.account(user)
    return user


@pytest.fixture
def inbox(core: Core) -> Callable[[str], list[tuple[str, dict[str, Any]]]]:
    """Kinds and values of the messages to an address, the oldest first."""
    outbox = table_of(OutboxMessage)

    def messages(address: str) -> list[tuple[str, dict[str, Any]]]:
        asked = (
            select(outbox.c.template, outbox.c.payload)
            .where(outbox.c.recipient == address)
            .order_by(outbox.c.id)
        )
        with core.database.read() as reader:
            return [(kind, json.loads(text)) for kind, text in reader.execute(asked).all()]

    return messages


@pytest.fixture
def happened(core: Core) -> Callable[[MadeUser], list[str]]:
    """The kinds of a user's security events, the oldest first."""
    events = table_of(SecurityEvent)

    def kinds(user: MadeUser) -> list[str]:
        asked = select(events.c.what).where(events.c.user_id == user.id).order_by(events.c.id)
        with core.database.read() as reader:
            return list(reader.execute(asked).scalars())

    return kinds


@pytest.fixture
def stored(core: Core) -> Callable[[MadeUser], Any]:
    """The row of a user."""
    users = table_of(User)

    def row(user: MadeUser) -> Any:  # noqa: ANN401 - a row
        with core.database.read() as reader:
            return reader.execute(select(users).where(users.c.id == user.id)).one()

    return row


@pytest.fixture
def stranger(app: Flask, client: Client) -> Client:
    """A browser in which nobody is signed in."""
    del client
    opened = app.test_client()
    assert isinstance(opened, Client)
    return opened
