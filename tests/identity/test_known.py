"""A browser that its owner has signed in on before is known; another one is told about."""

import json

import pytest
from flask import Flask
from sqlalchemy import select

from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.identity import known
from tesweb.journal.models import SecurityEvent
from tesweb.messages.models import OutboxMessage
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeUser

events = table_of(SecurityEvent)
outbox = table_of(OutboxMessage)


@pytest.fixture
def user(make: Factory) -> MadeUser:
    return make.user("anna", email="anna@example.ru")


@pytest.fixture
def browser(app: Flask, client: Client) -> Client:
    """Another browser than `client`."""
    del client
    opened = app.test_client()
    assert isinstance(opened, Client)
    return opened


def enter(client: Client, login: str, password: str) -> int:
    return client.submit("/login", "/login", {"login": login, "password": password}).status_code


def happened(core: Core, user: MadeUser) -> list[str]:
    with core.database.read() as reader:
        asked = select(events.c.what).where(events.c.user_id == user.id).order_by(events.c.id)
        return list(reader.execute(asked).scalars())


def told(core: Core) -> list[tuple[str, str]]:
    with core.database.read() as reader:
        rows = reader.execute(select(outbox.c.recipient, outbox.c.payload)).all()
    return [(recipient, json.loads(payload)["what"]) for recipient, payload in rows]


def test_the_first_browser_is_no_surprise_and_the_second_one_is(
    client: Client, browser: Client, user: MadeUser, core: Core
) -> None:
    assert enter(client, user.login, user.password) == 303
    assert told(core) == []
    assert enter(browser, user.login, user.password) == 303
    assert told(core) == [("anna@example.ru", "new_device")]
    assert happened(core, user) == ["signed_in", "new_device"]


def test_a_browser_stays_known_after_signing_out(
    client: Client, browser: Client, user: MadeUser, core: Core
) -> None:
    for opened in (client, browser, client, browser):
        opened.submit("/", "/logout", {}) if opened.get_cookie(known.COOKIE) else None
        assert enter(opened, user.login, user.password) == 303
    assert happened(core, user).count("new_device") == 1


def test_the_cookie_is_for_this_server_alone(client: Client, user: MadeUser) -> None:
    answer = client.submit("/login", "/login", {"login": user.login, "password": user.password})
    given = [text for text in answer.headers.getlist("Set-Cookie") if known.COOKIE in text]
    assert len(given) == 1
    for mark in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=31536000"):
        assert mark in given[0]
    assert "Domain" not in given[0]


def test_a_cookie_made_by_somebody_else_is_worth_nothing(
    client: Client, browser: Client, user: MadeUser, core: Core
) -> None:
    enter(client, user.login, user.password)
    for text in ("a" * 32, "ы" * 32, ".".join(["b" * 32] * 99), ""):
        browser.delete_cookie("__Host-sid")
        browser.set_cookie(known.COOKIE, text, secure=True)
        assert enter(browser, user.login, user.password) == 303
    assert happened(core, user).count("new_device") == 4


def test_a_family_shares_a_browser_and_the_fourth_takes_the_place_of_the_oldest(
    client: Client, make: Factory, core: Core
) -> None:
    family = [make.user(email=f"{count}@example.ru") for count in range(4)]
    for person in (*family, *family[1:], family[0]):
        client.delete_cookie("__Host-sid")
        assert enter(client, person.login, person.password) == 303
    assert [happened(core, person)[-1] for person in family] == [
        "new_device",
        "signed_in",
        "signed_in",
        "signed_in",
    ]


def test_a_stranger_s_guesses_lock_nobody_out_of_a_known_browser(
    client: Client, browser: Client, user: MadeUser
) -> None:
    enter(client, user.login, user.password)
    client.submit("/", "/logout", {})
    answers = [enter(browser, user.login, f"guess {count}") for count in range(11)]
    assert answers == [422] * 10 + [429]
    assert enter(browser, user.login, user.password) == 429
    assert enter(client, user.login, user.password) == 303


def test_a_known_browser_guesses_no_longer_than_another(client: Client, user: MadeUser) -> None:
    enter(client, user.login, user.password)
    client.submit("/", "/logout", {})
    answers = [enter(client, user.login, f"guess {count}") for count in range(11)]
    assert answers == [422] * 10 + [429]


def test_failed_sign_ins_cannot_fill_the_journal(
    client: Client, user: MadeUser, core: Core, clock: FixedClock
) -> None:
    for name in (user.login, "anna@example.ru", user.login, "nobody"):
        assert enter(client, name, "wrong") == 422
    assert happened(core, user) == ["sign_in_failed"]
    clock.moment = clock.moment.replace(minute=clock.moment.minute + 11)
    assert enter(client, user.login, "wrong") == 422
    assert happened(core, user) == ["sign_in_failed"] * 2
    assert told(core) == []
