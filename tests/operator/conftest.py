"""A cabinet that was locked and whose password is lost, and the operators who may help."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.freeze.services import Wish, lock
from tesweb.identity.models import User
from tesweb.journal.models import SecurityEvent
from tesweb.messages.models import OutboxMessage
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeUser

STRONG = "password totp"
GROUND = "паспорт предъявлен в офисе, заявление 15"
NEW = "мокрый чайник поёт"


@dataclass
class Office:
    """Two operators and the locked cabinet of request `number`."""

    core: Core
    resident: MadeUser
    number: int
    first: Client
    second: Client

    @property
    def page(self) -> str:
        return f"/operator/cabinets/{self.number}"

    def look(self, browser: Client) -> None:
        look = f"{self.page}/look"
        if look in {form.action for form in browser.page(self.page).forms}:
            assert browser.submit(self.page, look, {}).location == self.page

    def start(self, browser: Client, **values: str) -> TestResponse:
        self.look(browser)
        given = {"ground": GROUND, "way": "hand"} | values
        return browser.submit(self.page, f"{self.page}/help", given)

    def confirm(self, browser: Client) -> TestResponse:
        self.look(browser)
        return browser.submit(self.page, f"{self.page}/confirm", {})

    def events(self, user: MadeUser | None = None) -> list[tuple[str, dict[str, Any]]]:
        events = table_of(SecurityEvent)
        whose = events.c.user_id == (user or self.resident).id
        with self.core.database.read() as reader:
            rows = reader.execute(select(events).where(whose).order_by(events.c.id)).all()
        return [(row.what, json.loads(row.detail)) for row in rows]

    def letters(self, template: str) -> dict[str, dict[str, Any]]:
        """The newest of each address."""
        outbox = table_of(OutboxMessage)
        with self.core.database.read() as reader:
            asked = select(outbox).where(outbox.c.template == template).order_by(outbox.c.id)
            return {row.recipient: json.loads(row.payload) for row in reader.execute(asked)}

    def is_locked(self) -> bool:
        users = table_of(User)
        with self.core.database.read() as reader:
            asked = select(users.c.frozen_at).where(users.c.id == self.resident.id)
            return reader.execute(asked).scalar() is not None


@pytest.fixture
def locked(app: Flask, core: Core) -> Callable[[MadeUser], int]:
    """Locks somebody's cabinet and returns the number of the request."""

    def lock_it(user: MadeUser) -> int:
        with app.test_request_context(), core.database.work() as work:
            return lock(work, user.id, Wish()).number

    return lock_it


@pytest.fixture
def office(
    make: Factory,
    core: Core,
    sign_in: Callable[..., Client],
    locked: Callable[[MadeUser], int],
) -> Office:
    resident = make.user("anna", email="anna@example.org", phone="+79001234567")
    make.account(resident, bill_code="4711")
    number = locked(resident)
    browsers = [sign_in(make.user(is_operator=True), STRONG) for _ in range(2)]
    return Office(core, resident, number, *browsers)
