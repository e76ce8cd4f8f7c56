"""What changes who may get in wants a proof of the last minutes; an operator wants two."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Blueprint, Flask

from tesweb.clock import FixedClock
from tesweb.identity import policy
from tesweb.identity.session import COOKIE
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.factories import Factory, MadeUser

SignIn = Callable[..., Client]


@pytest.fixture(autouse=True)
def trial(app: Flask) -> None:
    blueprint = Blueprint("trial", __name__, url_prefix="/trial")
    blueprint.get("/fresh", endpoint="page")(policy.fresh(policy.signed_in(lambda: "fresh")))
    blueprint.post("/fresh")(policy.fresh(policy.signed_in(changed)))
    blueprint.get("/operator", endpoint="office")(policy.operator(lambda: "operator"))
    app.register_blueprint(blueprint)


def changed() -> str:
    return "changed"


@pytest.fixture
def user(make: Factory) -> MadeUser:
    return make.user()


def test_an_old_proof_is_asked_for_again_and_then_one_goes_on(
    user: MadeUser, sign_in: SignIn
) -> None:
    client = sign_in(user)
    asked = client.get("/trial/fresh")
    assert asked.location == "/confirm?next=/trial/fresh"
    before = client.get_cookie(COOKIE)
    done = client.submit(asked.location, "/confirm", {"password": user.password})
    assert (done.status_code, done.location) == (303, "/trial/fresh")
    assert client.get("/trial/fresh").text == "fresh"
    after = client.get_cookie(COOKIE)
    assert before is not None
    assert after is not None
    assert after.value != before.value


def test_the_proof_ages(user: MadeUser, sign_in: SignIn, clock: FixedClock) -> None:
    client = sign_in(user, "password")
    clock.moment += policy.FRESH - timedelta(seconds=1)
    assert client.get("/trial/fresh").status_code == 200
    clock.moment += timedelta(seconds=1)
    assert client.get("/trial/fresh").status_code == 303


def test_a_form_is_not_acted_upon_without_a_fresh_proof(user: MadeUser, sign_in: SignIn) -> None:
    client = sign_in(user)
    form = client.page("/confirm").form("/confirm").fields
    headers = SAME_ORIGIN | {"Referer": "https://localhost/trial/fresh"}
    answer = client.post("/trial/fresh", data={"csrf_token": form["csrf_token"]}, headers=headers)
    assert (answer.status_code, answer.location) == (303, "/confirm?next=/trial/fresh")


def test_a_wrong_password_proves_nothing(user: MadeUser, sign_in: SignIn) -> None:
    client = sign_in(user)
    wrong = client.submit("/confirm", "/confirm", {"password": "not the password"})
    assert wrong.status_code == 422
    assert "Пароль не подошёл" in wrong.text
    assert client.get("/trial/fresh").status_code == 303


def test_guesses_at_the_password_are_limited(user: MadeUser, sign_in: SignIn) -> None:
    client = sign_in(user)
    answers = [
        client.submit("/confirm", "/confirm", {"password": f"guess number {count}"}).status_code
        for count in range(11)
    ]
    assert answers == [422] * 10 + [429]


def test_the_old_session_id_is_nobodys_after_the_proof(
    user: MadeUser, sign_in: SignIn, app: Flask
) -> None:
    client = sign_in(user)
    before = client.get_cookie(COOKIE)
    assert before is not None
    client.submit("/confirm", "/confirm", {"password": user.password})
    thief = app.test_client()
    thief.set_cookie(COOKIE, before.value, secure=True)
    assert thief.get("/", base_url="https://localhost").location == "/login?next=/"


@pytest.mark.parametrize(
    ("factors", "status"),
    [("password", 403), ("password totp", 200), ("passkey", 200), ("password code", 200)],
)
def test_an_operator_comes_with_two_factors(
    make: Factory, sign_in: SignIn, factors: str, status: int
) -> None:
    client = sign_in(make.user(is_operator=True), factors)
    assert client.get("/trial/operator").status_code == status


def test_the_back_office_does_not_exist_for_a_resident(make: Factory, sign_in: SignIn) -> None:
    assert sign_in(make.user(), "passkey").get("/trial/operator").status_code == 404


def test_the_proof_leads_to_pages_of_ours_only(user: MadeUser, sign_in: SignIn) -> None:
    client = sign_in(user)
    url = "/confirm?next=https://evil.example/"
    done = client.submit(url, "/confirm", {"password": user.password})
    assert done.location == "/"
