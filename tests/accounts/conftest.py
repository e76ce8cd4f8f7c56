"""An account with a code on its bill, and what people find in their journals."""

import json
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text

from tesweb.current import Core
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeAccount, MadeUser

CODE = "4172-0936"
ADDRESS = "г. Тюмень, ул. Республики, д. 142, кв. 17"
MASKED = "г. Тюмень, ул. Р*********, д. **, кв. **"
LINK = "/profile/accounts/link"
CONFIRM = f"{LINK}/confirm"
MINE = "/profile/accounts"

#: Signs in with a fresh proof, in a browser of its own.
Enter = Callable[[MadeUser], Client]


@pytest.fixture
def account(make: Factory) -> MadeAccount:
    """Nobody holds it."""
    made = make.account(region="tyumen", bill_code=CODE, address=ADDRESS)
    make.meter(made, serial="00417583")
    return made


@pytest.fixture
def enter(app: Flask, core: Core) -> Enter:
    def signed_in(user: MadeUser) -> Client:
        client = Client(app, app.response_class)
        client.become(core, user.id, "password")
        return client

    return signed_in


def events(core: Core, user: MadeUser) -> list[tuple[str, dict[str, str]]]:
    """What happened to somebody, the oldest first."""
    query = text("SELECT what, detail FROM security_events WHERE user_id = :id ORDER BY id")
    with core.database.read() as reader:
        rows = reader.execute(query, {"id": user.id}).all()
    return [(what, json.loads(detail)) for what, detail in rows]


def roles(core: Core, account: MadeAccount) -> dict[int, str]:
    """Who may do what on an account."""
    query = text("SELECT user_id, role FROM memberships WHERE account_id = :id")
    with core.database.read() as reader:
        return {row.user_id: row.role for row in reader.execute(query, {"id": account.id})}


def letters(core: Core, template: str) -> list[tuple[str, dict[str, str]]]:
    """The recipient and the values of each message that waits, the oldest first."""
    query = text("SELECT recipient, payload FROM outbox WHERE template = :name ORDER BY id")
    with core.database.read() as reader:
        rows = reader.execute(query, {"name": template}).all()
    return [(recipient, json.loads(payload)) for recipient, payload in rows]
