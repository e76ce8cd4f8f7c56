"""A new password ends every other session and gives this one a new id."""

from collections.abc import Callable

import pytest

from tests.profile.conftest import SignIn
from tesweb.identity.session import COOKIE
from tesweb.testing.client import Client
from tesweb.testing.factories import MadeUser

URL = "/profile/password"
NEW = "мокрый чайник поёт"


def test_the_new_password_opens_and_the_old_one_does_not(
    anna: MadeUser, sign_in: SignIn, stranger: Client
) -> None:
    done = sign_in(anna, "password").submit(URL, URL, {"password": NEW})
    assert (done.status_code, done.location) == (303, "/profile?done=password")
    for word, status in ((anna.password, 422), (NEW, 303)):
        values = {"login": anna.login, "password": word}
        assert stranger.submit("/login", "/login", values).status_code == status


def test_every_other_session_ends_and_this_one_changes_its_id(
    anna: MadeUser, sign_in: SignIn, stranger: Client, happened: Callable[[MadeUser], list[str]]
) -> None:
    other, client = sign_in(anna), sign_in(anna, "password")
    before = client.get_cookie(COOKIE)
    assert before is not None
    client.submit(URL, URL, {"password": NEW})
    assert "Новый пароль действует" in client.page("/profile?done=password").text
    assert other.get("/profile").location == "/login?next=/profile"
    stranger.set_cookie(COOKIE, before.value, secure=True)
    assert stranger.get("/profile").location == "/login?next=/profile"
    assert "password_changed" in happened(anna)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "Введите новый пароль"),
        ("short", "8 знаков"),
        ("password123", "пробуют первыми"),
        ("x" * 129, "128"),
    ],
)
def test_bad_passwords_are_refused_with_a_sentence(
    anna: MadeUser, sign_in: SignIn, stranger: Client, typed: str, told: str
) -> None:
    answer = sign_in(anna, "password").submit(URL, URL, {"password": typed})
    assert answer.status_code == 422
    assert told in answer.text
    values = {"login": anna.login, "password": anna.password}
    assert stranger.submit("/login", "/login", values).status_code == 303
