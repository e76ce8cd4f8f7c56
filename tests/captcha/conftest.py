"""A form that strangers may send: the first page of a registration."""

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from typing import Any, cast

import altcha
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tesweb.captcha.rules import read_mark
from tesweb.current import Core
from tesweb.identity.session import hash_of
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.pages import Page

URL = "/register/email"
PERSON = {
    "login": "Иванова.Мария",
    "password": "тихий паровоз клюква",
    "address": "ivanova@example.ru",
    "place": "tyumen Тюмень",
}


@dataclass(slots=True)
class Stranger:
    """A browser that fills in the form."""

    client: Client

    def task(self) -> dict[str, Any]:
        """The task that a page sets."""
        text = self.client.get(URL).text
        found = re.search(r'data-captcha="([^"]*)"', text)
        assert found is not None
        return cast("dict[str, Any]", json.loads(unescape(found[1])))

    def send(self, **captcha: str) -> TestResponse:
        """The form, filled in rightly but for the captcha."""
        fields = Page(self.client.get(URL).text).form(URL).fields
        return self.client.post(URL, data=fields | PERSON | captcha, headers=SAME_ORIGIN)


def solved(task: dict[str, Any]) -> str:
    """What a browser sends once it has done the work: solved by the library, not by us."""
    found = altcha.solve_challenge(altcha.Challenge.from_dict(task))
    assert found is not None
    return packed(task, found.to_dict())


def packed(task: dict[str, Any], solution: dict[str, Any]) -> str:
    text = json.dumps({"challenge": task, "solution": solution})
    return base64.b64encode(text.encode()).decode()


def mark_of(stranger: Stranger) -> str:
    return Page(stranger.client.get(URL).text).form(URL).fields["captcha_mark"]


def digits_of(stranger: Stranger, core: Core, text: str) -> str:
    """What a person reads: worked out with the server's key, which only the server has."""
    cookie = stranger.client.get_cookie("__Host-sid")
    assert cookie is not None
    key = core.settings.secret_key.get_secret_value().encode()
    mark = read_mark(text, hash_of("captcha " + cookie.value).hex()[:32], key)
    assert mark is not None
    return mark.digits(key)


@pytest.fixture
def stranger(client: Client) -> Stranger:
    return Stranger(client)


@pytest.fixture
def another(app: Flask, client: Client) -> Callable[[], Stranger]:
    del client
    return lambda: Stranger(cast("Client", app.test_client()))
