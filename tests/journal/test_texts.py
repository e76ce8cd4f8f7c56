"""Text messages about what anybody with the password may repeat are few; letters tell each."""

from datetime import timedelta
from typing import cast

from flask import Flask
from sqlalchemy import text

from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeUser


def told(core: Core) -> dict[str, int]:
    query = "SELECT channel, count(*) FROM outbox GROUP BY channel"
    with core.database.read() as reader:
        return {row[0]: row[1] for row in reader.execute(text(query))}


def come_in(app: Flask, user: MadeUser) -> None:
    browser = cast("Client", app.test_client())
    values = {"login": user.login, "password": user.password}
    assert browser.submit("/login", "/login", values).status_code == 303


def test_new_devices_cost_three_texts_a_day(
    app: Flask, client: Client, make: Factory, core: Core, clock: FixedClock
) -> None:
    del client
    user = make.user(email="anna@example.org", phone="+79001234567")
    for _ in range(9):
        come_in(app, user)
    assert told(core) == {"email": 8, "sms": 3}
    clock.moment += timedelta(days=1)
    come_in(app, user)
    assert told(core) == {"email": 9, "sms": 4}
