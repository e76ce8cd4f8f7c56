"""The link in each security message: it opens a page, the page's button locks, and once only."""

import json
from datetime import timedelta

import pytest
from flask import Flask

from tests.freeze.person import Person, freezes, outbox, sessions
from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.journal import services as journal
from tesweb.journal.rules import What
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.pages import Page


@pytest.fixture
def keys(app: Flask, core: Core, person: Person) -> list[str]:
    """The links of two messages about two events, the oldest first."""
    with app.app_context():
        for what in (What.NEW_DEVICE, What.PASSWORD_CHANGED):
            with core.database.work() as work:
                journal.record(work, person.user.id, what)
    told = person.rows(outbox, outbox.c.channel == "email")
    return [json.loads(row.payload)["lock"] for row in told]


def url(key: str) -> str:
    return f"/freeze?key={key}"


def press(browser: Client, key: str, **wish: str) -> str:
    answer = browser.submit(url(key), "/freeze", wish)
    assert answer.status_code == 303, Page(answer.text).text
    return str(answer.location)


def test_opening_the_link_changes_nothing(person: Person, client: Client, keys: list[str]) -> None:
    for _ in range(2):
        assert "входить для этого не нужно" in client.page(url(keys[0])).text
    assert not person.is_locked()


def test_the_button_locks_without_signing_in(
    person: Person, client: Client, keys: list[str]
) -> None:
    inside = person.browser()
    told = client.page(press(client, keys[0], control="1"))
    (freeze,) = person.rows(freezes)
    assert f"№ {freeze.id}" in told.text
    assert freeze.wants_control
    assert person.is_locked()
    assert person.rows(sessions) == []
    assert inside.get("/").location == "/login?next=/"
    assert client.get("/locked").location == "/login?next=/locked"


def test_the_page_of_a_stranger_names_nobody(
    person: Person, client: Client, keys: list[str]
) -> None:
    page = client.page(url(keys[0])).text
    for secret in (person.account.number, "Анна", "anna@example.org", person.user.login):
        assert secret not in page


def test_a_link_works_once_and_takes_the_others_with_it(
    person: Person, client: Client, keys: list[str]
) -> None:
    token = client.page(url(keys[0])).form("/freeze").fields
    press(client, keys[0])
    person.run("UPDATE users SET frozen_at = NULL")
    for key in keys:
        assert "больше не действует" in client.page(url(key), 404).text
        replay = client.post("/freeze", data=token | {"key": key}, headers=SAME_ORIGIN)
        assert replay.status_code == 404
    assert not person.is_locked()


@pytest.mark.parametrize("key", ["", "x", "x" * 5000, "\u0000"])
def test_a_key_that_was_never_given_says_what_to_do(
    client: Client, person: Person, key: str
) -> None:
    page = client.page(f"/freeze?key={key}" if key != "\u0000" else "/freeze?key=%00", 404)
    assert "позвоните нам" in page.text
    assert not person.is_locked()


def test_it_works_for_seven_days(
    client: Client, person: Person, keys: list[str], clock: FixedClock
) -> None:
    clock.moment += timedelta(days=7) - timedelta(minutes=1)
    assert client.get(url(keys[0])).status_code == 200
    clock.moment += timedelta(minutes=1)
    assert client.get(url(keys[0])).status_code == 404
    assert not person.is_locked()


def test_a_cabinet_that_is_locked_keeps_its_number(
    person: Person, client: Client, clock: FixedClock
) -> None:
    person.locked()
    (freeze,) = person.rows(freezes)
    clock.moment += timedelta(hours=1)
    told = person.rows(outbox, outbox.c.channel == "email")
    key = json.loads(told[-1].payload)["lock"]
    assert f"№ {freeze.id}" in client.page(press(client, key)).text
    assert [row.id for row in person.rows(freezes)] == [freeze.id]


def test_a_wrong_day_is_told_and_the_link_still_works(
    person: Person, client: Client, keys: list[str]
) -> None:
    answer = client.submit(url(keys[0]), "/freeze", {"since": "day"})
    assert answer.status_code == 422
    assert not person.is_locked()
    press(client, keys[0])
    assert person.is_locked()


def test_nobody_else_is_told_the_number(client: Client, person: Person, keys: list[str]) -> None:
    press(client, keys[0])
    assert person.is_locked()
    stranger = client.application.test_client()
    assert stranger.get("/freeze/done").location == "/login"
