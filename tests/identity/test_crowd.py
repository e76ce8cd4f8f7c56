"""Guesses from so many networks that no limit of one holds: whoever is no program comes in."""

import json
import re
from html import unescape
from typing import Any

import pytest

from tests.captcha.conftest import solved
from tesweb.identity import services as identity
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.factories import Factory, MadeUser


@pytest.fixture
def overrides() -> dict[str, Any]:
    """One attempt for a login, ten for a network, a hundred for all the world."""
    return {"login_attempts": 1}


@pytest.fixture
def anna(make: Factory) -> MadeUser:
    return make.user("anna")


def guess(client: Client, login: str, address: str, password: str = "x" * 9, **more: str) -> int:
    fields = client.page("/login").form("/login").fields
    data = fields | {"login": login, "password": password} | more
    near = {"REMOTE_ADDR": address}
    return client.post("/login", data=data, headers=SAME_ORIGIN, environ_base=near).status_code


@pytest.fixture
def crowd(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred guesses, each from a customer of its own."""
    with monkeypatch.context() as patch:
        patch.setattr(identity, "verify_password", lambda _stored, _typed: False)
        for n in range(100):
            assert guess(client, f"nobody{n}", f"2001:db8:{n:x}::1") == 422


def test_one_customer_s_networks_are_limited_together(client: Client) -> None:
    answers = [guess(client, f"nobody{n}", f"2001:db8:0:{n:x}::1") for n in range(41)]
    assert answers == [422] * 40 + [429]


def ask(client: Client, login: str) -> str:
    """Try without one, and solve the captcha that is asked for then."""
    fields = client.page("/login").form("/login").fields
    data = fields | {"login": login, "password": "typed before"}
    page = client.post("/login", data=data, headers=SAME_ORIGIN)
    assert page.status_code == 422
    assert "очень много попыток входа" in page.text
    found = re.search(r'data-captcha="([^"]*)"', page.text)
    assert found is not None
    return solved(json.loads(unescape(found[1])))


@pytest.mark.usefixtures("crowd")
def test_the_owner_comes_in_by_a_captcha(client: Client, anna: MadeUser) -> None:
    answer = ask(client, "somebody")
    assert guess(client, "anna", "198.51.100.7", anna.password, altcha=answer) == 303
    assert client.get("/profile").status_code == 200


@pytest.mark.usefixtures("crowd")
def test_a_program_stays_outside(client: Client, anna: MadeUser) -> None:
    assert guess(client, "anna", "198.51.100.7", anna.password) == 422
    assert guess(client, "anna", "203.0.113.7", anna.password, altcha="e30=") == 429
    assert client.get("/profile").status_code == 303


@pytest.mark.usefixtures("crowd")
def test_a_browser_that_is_known_is_asked_for_nothing(client: Client, anna: MadeUser) -> None:
    answer = ask(client, "somebody")
    assert guess(client, "anna", "198.51.100.7", anna.password, altcha=answer) == 303
    client.submit("/profile", "/logout", {})
    assert guess(client, "anna", "198.51.100.7", anna.password) == 303


def test_without_a_crowd_there_is_none(client: Client) -> None:
    assert not client.page("/login").form("/login").names & {"altcha", "captcha_mark"}
