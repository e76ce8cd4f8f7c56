"""An operator proves twice who it is, always."""

from collections.abc import Callable

import pytest
from flask import Blueprint, Flask

from tests.factors.authenticator import Authenticator
from tests.factors.phones import APP, SECOND, begin
from tests.factors.steps import enrol, is_in, use
from tesweb.clock import FixedClock
from tesweb.identity import policy
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeUser

SignIn = Callable[..., Client]
Browser = Callable[[], Client]


@pytest.fixture(autouse=True)
def office(app: Flask) -> None:
    trial = Blueprint("trial", __name__, url_prefix="/trial")
    trial.get("/office", endpoint="office")(policy.operator(lambda: "office"))
    app.register_blueprint(trial)


@pytest.fixture
def operator(make: Factory) -> MadeUser:
    return make.user(is_operator=True)


def sign(client: Client, user: MadeUser) -> str:
    answers = {"login": user.login, "password": user.password}
    return client.submit("/login", "/login", answers).location or ""


def test_one_without_a_factor_is_led_to_set_one_up(browser: Browser, operator: MadeUser) -> None:
    client = browser()
    assert sign(client, operator) == "/profile/second"
    page = client.page("/profile/second")
    assert {"/profile/passkeys", "/profile/totp"} <= set(page.links)
    refused = client.get("/trial/office")
    assert refused.status_code == 403
    assert "Нужен второй способ проверки" in refused.text
    assert "/profile/passkeys" in refused.text


def test_a_passkey_opens_the_office_at_once(browser: Browser, operator: MadeUser) -> None:
    client = browser()
    sign(client, operator)
    enrol(client, Authenticator())
    assert client.get("/trial/office").text == "office"


def test_an_app_opens_the_office_at_once(
    browser: Browser, operator: MadeUser, clock: FixedClock
) -> None:
    client = browser()
    sign(client, operator)
    client.submit(APP, APP, {"code": begin(client, clock).code()})
    assert client.get("/trial/office").text == "office"


def test_with_a_passkey_the_password_alone_does_not_let_in(
    browser: Browser, operator: MadeUser, sign_in: SignIn
) -> None:
    key = Authenticator()
    enrol(sign_in(operator, "password"), key)
    client = browser()
    assert sign(client, operator) == SECOND
    assert not is_in(client)
    assert "Войти ключом доступа" in client.page(SECOND).text
    assert use(client, key).status_code == 200
    assert client.get("/trial/office").text == "office"


def test_sessions_from_before_the_factor_end(
    browser: Browser, operator: MadeUser, sign_in: SignIn
) -> None:
    thief = browser()
    sign(thief, operator)
    assert is_in(thief)
    enrol(sign_in(operator, "password"), Authenticator())
    assert not is_in(thief)


def test_a_second_passkey_raises_nobody(operator: MadeUser, sign_in: SignIn) -> None:
    enrol(sign_in(operator, "passkey"), Authenticator())
    weak = sign_in(operator, "password")
    enrol(weak, Authenticator())
    assert weak.get("/trial/office").status_code == 403


def test_a_resident_may_come_with_the_password_alone(
    browser: Browser, make: Factory, sign_in: SignIn
) -> None:
    user = make.user()
    enrol(sign_in(user, "password"), Authenticator())
    assert sign(browser(), user) == "/"
