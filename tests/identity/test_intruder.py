"""Guesses from everywhere, and sessions that a change of the password must not leave behind."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert

from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.factors import late
from tesweb.factors.models import Totp
from tesweb.factors.rules import step_of
from tesweb.identity import services as identity
from tesweb.identity import session as sessions
from tesweb.identity.passwords import hash_password, verify_password
from tesweb.recovery.services import set_password
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.factories import Factory, MadeUser

NEW = "мокрый чайник поёт"
SignIn = Callable[..., Client]


@pytest.fixture
def anna(make: Factory) -> MadeUser:
    user = make.user("anna", phone="+79001234567")
    make.account(user)
    return user


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """No guess is right, and none costs the time of argon2: what is tested is the counting."""
    monkeypatch.setattr(identity, "verify_password", lambda _stored, _typed: False)


def guess(client: Client, login: str, address: str) -> int:
    token = client.page("/login").form("/login").fields["csrf_token"]
    data = {"csrf_token": token, "login": login, "password": "x" * 9}
    near = {"REMOTE_ADDR": address}
    return client.post("/login", data=data, headers=SAME_ORIGIN, environ_base=near).status_code


@pytest.mark.usefixtures("fast", "anna")
def test_a_number_is_one_login_however_it_is_spelled(client: Client) -> None:
    digits = "89001234567"
    spelled = [f"{digits[:n]} {digits[n:]}" for n in range(1, 11)] + [
        "+79001234567",
        "+7 900 123-45-67",
    ]
    answers = [guess(client, login, f"10.0.{n}.1") for n, login in enumerate(spelled)]
    assert answers == [422] * 10 + [429] * 2


# ---- sessions of an old password


@pytest.fixture
def changing(
    core: Core, anna: MadeUser, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[Any], None]], None]:
    """Lets something happen between the check of a password and what it opens."""

    def at_the_check(happens: Callable[[Any], None]) -> None:
        real = verify_password
        done: list[bool] = []

        def slow(stored: str | None, typed: str) -> bool:
            answer = real(stored, typed)
            if not done:
                done.append(True)
                with core.database.work() as work:
                    happens(work)
            return answer

        monkeypatch.setattr(identity, "verify_password", slow)

    assert anna
    return at_the_check


def test_a_password_that_was_changed_meanwhile_opens_nothing(
    client: Client, anna: MadeUser, changing: Callable[..., None]
) -> None:
    hashed = hash_password(NEW)
    changing(lambda work: set_password(work, anna.id, hashed))
    values = {"login": "anna", "password": anna.password}
    answer = client.submit("/login", "/login", values)
    assert answer.status_code == 422
    assert client.get("/profile").status_code == 303


def test_a_session_that_was_ended_meanwhile_is_not_born_anew(
    sign_in: SignIn, anna: MadeUser, changing: Callable[..., None]
) -> None:
    browser = sign_in(anna)
    changing(lambda work: sessions.end_all(work, anna.id))
    browser.submit("/confirm", "/confirm", {"password": anna.password})
    assert browser.get("/profile").status_code == 303


@pytest.fixture
def secret(app: Flask, core: Core, anna: MadeUser, clock: FixedClock) -> str:
    """Anna's app."""
    with app.test_request_context():
        made = late.apps.new_secret()
        sealed = late.apps.seal(made, anna.id)
    row = {"user_id": anna.id, "secret": sealed, "counter": 0, "added_at": clock.moment}
    with core.database.work() as work:
        work.execute(insert(table_of(Totp)).values(row))
    return made


def half_way(client: Client, anna: MadeUser) -> dict[str, str]:
    values = {"login": "anna", "password": anna.password}
    assert client.submit("/login", "/login", values).location == "/login/code"
    return client.page("/login/code").form("/login/code").fields


def has_come_in(client: Client, fields: dict[str, str], code: str) -> bool:
    client.post("/login/code", data=fields | {"code": code}, headers=SAME_ORIGIN)
    return client.get("/profile").status_code == 200


def test_half_a_sign_in_by_the_old_password_is_over(
    client: Client, anna: MadeUser, sign_in: SignIn, secret: str, clock: FixedClock
) -> None:
    fields = half_way(client, anna)
    owner = sign_in(anna, "password totp")
    page = "/profile/password"
    assert owner.submit(page, page, {"password": NEW}).status_code == 303
    assert not has_come_in(client, fields, late.apps.code_at(secret, step_of(clock.moment)))


def test_half_a_sign_in_is_ended_with_all_other_devices(
    client: Client, anna: MadeUser, sign_in: SignIn, secret: str, clock: FixedClock
) -> None:
    fields = half_way(client, anna)
    owner = sign_in(anna, "password totp")
    token = owner.page("/profile").form("/logout").fields["csrf_token"]
    answer = owner.post("/profile/devices/all", data={"csrf_token": token}, headers=SAME_ORIGIN)
    assert answer.status_code == 303
    assert not has_come_in(client, fields, late.apps.code_at(secret, step_of(clock.moment)))


def test_without_that_the_code_lets_in(
    client: Client, anna: MadeUser, secret: str, clock: FixedClock
) -> None:
    """What the two tests above would not notice: a code that lets nobody in."""
    fields = half_way(client, anna)
    assert has_come_in(client, fields, late.apps.code_at(secret, step_of(clock.moment)))
