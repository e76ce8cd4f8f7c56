"""Somebody who locks the cabinet, and what a test asks about it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, text
from werkzeug.test import TestResponse

from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.freeze.models import Freeze
from tesweb.identity.models import Session, User
from tesweb.journal.models import SecurityEvent
from tesweb.messages.models import OutboxMessage
from tesweb.meters.models import Reading
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.factories import MadeAccount, MadeUser
from tesweb.testing.pages import Page

freezes = table_of(Freeze)
users = table_of(User)
sessions = table_of(Session)
events = table_of(SecurityEvent)
outbox = table_of(OutboxMessage)
readings = table_of(Reading)


@dataclass
class Person:
    """Somebody with an account."""

    core: Core
    user: MadeUser
    account: MadeAccount
    sign_in: Callable[..., Client]
    last_month: date = date(2026, 10, 1)

    def browser(self, factors: str = "") -> Client:
        return self.sign_in(self.user, factors)

    def lock(self, browser: Client, **wish: str) -> TestResponse:
        return browser.submit("/profile/freeze", "/profile/freeze", wish)

    def locked(self, **wish: str) -> Client:
        browser = self.browser()
        assert self.lock(browser, **wish).location == "/locked"
        return browser

    def send(self, browser: Client, value: str) -> TestResponse:
        url = f"/readings/{self.account.id}/"
        answer = browser.submit(url, f"{url}check", {"reading-1-1": value})
        fields = Page(answer.text).form(f"{url}send").fields
        return browser.post(f"{url}send", data=fields, headers=SAME_ORIGIN)

    def code(self, channel: str) -> str:
        """The newest code that was written to the person."""
        found = self.rows(outbox, outbox.c.template == "unfreeze", outbox.c.channel == channel)
        return str(json.loads(found[-1].payload)["code"])

    def prove(self, browser: Client, channel: str) -> None:
        browser.submit("/locked/unlock", f"/locked/unlock/{channel}/send", {})
        page = f"/locked/unlock?sent={channel}"
        answer = browser.submit(page, f"/locked/unlock/{channel}", {"code": self.code(channel)})
        assert answer.status_code == 303, Page(answer.text).text

    def prove_password(self, browser: Client) -> TestResponse:
        values = {"password": self.user.password}
        return browser.submit("/locked/unlock", "/locked/unlock/password", values)

    def unlock(self, browser: Client) -> TestResponse:
        return browser.submit("/locked/unlock", "/locked/unlock", {})

    def is_locked(self) -> bool:
        (row,) = self.rows(users, users.c.id == self.user.id)
        return row.frozen_at is not None

    def states(self) -> list[tuple[int, str]]:
        found = self.rows(readings, readings.c.period > self.last_month)
        return [(int(row.value), row.state) for row in sorted(found, key=lambda row: row.version)]

    def rows(self, table: Any, *where: Any) -> list[Any]:  # noqa: ANN401 - a table and clauses
        with self.core.database.read() as reader:
            key = table.primary_key.columns.values()[0]
            return list(reader.execute(select(table).where(*where).order_by(key)))

    def run(self, statement: str) -> None:
        with self.core.database.work() as work:
            work.execute(text(statement))
