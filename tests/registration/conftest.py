"""A house whose account can be proved, and a browser that registers page by page."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any, cast

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.identity.models import User
from tesweb.messages.models import OutboxMessage
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeAccount

PASSWORD = "тихий паровоз клюква"
EMAIL = "ivanova@example.ru"
PHONE = "+79123456789"
#: Of the region of Tyumen, which asks for the code of the bill.
PLACE = "tyumen Тюмень"
CODE = "4711-AB"


@pytest.fixture
def overrides() -> dict[str, Any]:
    """Captchas have tests of their own."""
    return {"captchas": []}


@pytest.fixture
def house(make: Factory) -> MadeAccount:
    account = make.account(region="tyumen", bill_code=CODE)
    make.meter(account)
    make.payment(account, date(2026, 11, 3), 34748)
    return account


class Registrar:
    """Fills in the pages of a registration."""

    def __init__(self, client: Client, core: Core) -> None:
        self.client = client
        self.core = core

    def person(self, way: str = "email", **values: str) -> TestResponse:
        filled = {
            "login": "Иванова.Мария",
            "password": PASSWORD,
            "address": EMAIL if way == "email" else "8 (912) 345-67-89",
            "place": PLACE,
        } | values
        url = f"/register/{way}"
        return self.client.submit(url, url, filled)

    def consents(self, **values: str) -> TestResponse:
        ticked = {"personal_data": "1"} | values
        return self.client.submit("/register/consents", "/register/consents", ticked)

    def account(self, number: str, code: str = CODE) -> TestResponse:
        values = {"number": number, "bill_code": code}
        return self.client.submit("/register/account", "/register/account", values)

    def confirm(self) -> TestResponse:
        return self.client.submit("/register/address", "/register/address", {})

    def until_sent(self, house: MadeAccount, way: str = "email", **values: str) -> None:
        for answer in (
            self.person(way, **values),
            self.consents(),
            self.account(house.number),
            self.confirm(),
        ):
            assert answer.status_code == 303, answer.text

    def messages(self, template: str = "activation") -> list[dict[str, Any]]:
        """What was put into the outbox, the oldest first."""
        outbox = table_of(OutboxMessage)
        asked = select(outbox).where(outbox.c.template == template).order_by(outbox.c.id)
        with self.core.database.read() as reader:
            rows = reader.execute(asked).all()
        return [
            {"to": row.recipient, "channel": row.channel} | json.loads(row.payload) for row in rows
        ]

    def link(self) -> str:
        return str(self.messages()[-1]["path"])

    def users(self) -> list[Any]:
        users = table_of(User)
        with self.core.database.read() as reader:
            return list(reader.execute(select(users).order_by(users.c.id)).all())


@pytest.fixture
def registrar(client: Client, core: Core) -> Registrar:
    return Registrar(client, core)


@pytest.fixture
def elsewhere(app: Flask, core: Core, client: Client) -> Callable[[], Registrar]:
    """Another browser."""
    del client
    return lambda: Registrar(cast("Client", app.test_client()), core)
