"""Signing in and out through the pages."""

import re

import pytest
from werkzeug.test import TestResponse

from tesweb.identity.session import COOKIE
from tesweb.testing.client import FRAGMENT, SAME_ORIGIN, Client
from tesweb.testing.factories import Factory, MadeUser


def enter(client: Client, login: str, password: str, **more: str) -> TestResponse:
    return client.submit("/login", "/login", {"login": login, "password": password} | more)


@pytest.fixture
def anna(make: Factory) -> MadeUser:
    user = make.user("anna", name="Анна Петровна")
    make.account(user)
    return user


def test_the_right_password_opens_the_dashboard(client: Client, anna: MadeUser) -> None:
    response = enter(client, anna.login, anna.password)
    assert response.status_code == 303
    assert response.location == "/"
    assert "Анна Петровна" in client.get("/").text


@pytest.mark.parametrize("login", [" ANNA ", "Anna", "ａｎｎａ"])
def test_a_login_is_found_as_people_type_it(client: Client, anna: MadeUser, login: str) -> None:
    assert enter(client, login, anna.password).status_code == 303


@pytest.mark.parametrize(
    ("login", "password"), [("anna", "qwerty-77"), ("nobody", "qwerty-77"), ("anna", "x" * 129)]
)
def test_a_wrong_one_is_told_without_saying_which(
    client: Client, anna: MadeUser, login: str, password: str
) -> None:
    assert anna.login == "anna"
    response = enter(client, login, password)
    assert response.status_code == 422
    assert f'value="{login}"' in response.text
    assert password not in response.text
    assert client.get("/").status_code == 303


def test_the_same_words_for_a_wrong_login_and_a_wrong_password(
    client: Client, anna: MadeUser
) -> None:
    def told(login: str) -> str:
        text = re.sub(r'nonce="[^"]*"|value="[^"]*"', "", enter(client, login, "wrong").text)
        return text.replace(login, "")

    assert told(anna.login) == told("nobody")


def test_a_control_character_is_in_nobody_s_login(client: Client) -> None:
    assert enter(client, "a\x00b", "x").status_code == 422
    assert enter(client, "a\x7fb", "x").status_code == 422


def test_empty_fields_are_named(client: Client) -> None:
    response = enter(client, "", "")
    assert response.status_code == 422
    assert "Введите логин" in response.text
    assert "Введите пароль" in response.text


def test_a_session_id_from_before_is_worthless_after(client: Client, anna: MadeUser) -> None:
    client.get("/login")
    before = client.get_cookie(COOKIE)
    enter(client, anna.login, anna.password)
    after = client.get_cookie(COOKIE)
    assert before is not None
    assert after is not None
    assert before.value != after.value
    client.set_cookie(COOKIE, before.value, secure=True)
    assert client.get("/").status_code == 303


def test_the_cookie_is_locked_to_this_host(client: Client, anna: MadeUser) -> None:
    response = enter(client, anna.login, anna.password)
    (cookie,) = [c for c in response.headers.getlist("Set-Cookie") if c.startswith(COOKIE)]
    assert cookie.startswith("__Host-")
    for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert attribute in cookie
    assert "Domain" not in cookie


def test_signing_out_ends_the_session_for_good(client: Client, anna: MadeUser) -> None:
    enter(client, anna.login, anna.password)
    stolen = client.get_cookie(COOKIE)
    response = client.submit("/", "/logout", {})
    assert response.status_code == 303
    assert response.headers["Clear-Site-Data"] == '"storage"'
    assert stolen is not None
    client.set_cookie(COOKIE, stolen.value, secure=True)
    assert client.get("/").location == "/login?next=/"


def test_after_signing_out_the_stranger_s_cookie_ends_with_the_browser(
    client: Client, anna: MadeUser
) -> None:
    entered = enter(client, anna.login, anna.password)
    left = client.submit("/", "/logout", {})
    (kept,) = [c for c in entered.headers.getlist("Set-Cookie") if c.startswith(COOKIE)]
    (fleeting,) = [c for c in left.headers.getlist("Set-Cookie") if c.startswith(COOKIE)]
    assert "Max-Age" in kept
    assert "Max-Age" not in fleeting


def test_signing_in_anew_ends_the_session_before(
    client: Client, anna: MadeUser, make: Factory
) -> None:
    form = client.page("/login").form("/login").fields
    enter(client, anna.login, anna.password)
    before = client.get_cookie(COOKIE)
    assert before is not None
    token = client.page("/more").form("/language/en").fields["csrf_token"]
    other = make.user()
    answers = {"login": other.login, "password": other.password, "csrf_token": token}
    response = client.post("/login", data=form | answers, headers=SAME_ORIGIN)
    assert response.status_code == 303
    client.set_cookie(COOKIE, before.value, secure=True)
    assert client.get("/").location == "/login?next=/"


def test_after_signing_in_one_goes_where_one_wanted(client: Client, anna: MadeUser) -> None:
    response = client.get("/more?x=1")
    assert response.location == "/login?next=/more?x%3D1"
    page = client.submit(response.location, "/login", {"login": "anna", "password": anna.password})
    assert page.location == "/more?x=1"


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\n/x"],
)
def test_nowhere_else_than_here(client: Client, anna: MadeUser, wanted: str) -> None:
    response = enter(client, anna.login, anna.password, next=wanted)
    assert response.status_code == 303
    assert response.location.startswith("/")
    assert "evil" not in response.location.partition("?")[0] or response.location == "/"
    assert not response.location.startswith(("//", "/\\"))


def test_an_ended_session_never_lands_inside_a_fragment(client: Client) -> None:
    response = client.get(
        "/", headers=FRAGMENT | {"HX-Current-URL": "https://localhost/readings/1/"}
    )
    assert response.status_code == 401
    assert response.headers["HX-Redirect"] == "/login?next=/"
    assert response.text == ""


def test_a_form_without_token_is_refused(client: Client, anna: MadeUser) -> None:
    data = {"login": anna.login, "password": anna.password}
    response = client.post("/login", data=data, headers=SAME_ORIGIN)
    assert response.status_code == 400
    assert "слишком долго" in response.text
    assert client.get("/").status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_a_form_from_another_site_is_refused(
    client: Client, anna: MadeUser, headers: dict[str, str]
) -> None:
    values = {"login": anna.login, "password": anna.password}
    assert client.submit("/login", "/login", values, headers=headers).status_code == 403
    assert client.get("/").status_code == 303


def test_the_eleventh_guess_is_refused_and_time_heals(client: Client, anna: MadeUser) -> None:
    for _ in range(10):
        assert enter(client, anna.login, "wrong").status_code == 422
    refused = enter(client, anna.login, anna.password)
    assert refused.status_code == 429
    assert "пять минут" in refused.text


def test_success_forgives_the_owner(client: Client, anna: MadeUser) -> None:
    for _ in range(9):
        enter(client, anna.login, "wrong")
    assert enter(client, anna.login, anna.password).status_code == 303
    client.submit("/", "/logout", {})
    for _ in range(9):
        assert enter(client, anna.login, "wrong").status_code == 422


def test_a_wrong_password_is_one_sentence_and_blames_no_field(
    client: Client, anna: MadeUser
) -> None:
    answer = enter(client, anna.login, "wrong")
    assert answer.text.count("Логин или пароль не подходят") == 1
    assert 'role="alert"' in answer.text
    assert "aria-invalid" not in answer.text
    assert "Нужно поправить" not in answer.text


def test_whoever_cannot_sign_in_is_told_what_to_do(client: Client) -> None:
    page = client.page("/login")
    assert {"/recover", "/recover/access", "/register"} <= set(page.links)
    wrong = client.submit("/login", "/login", {"login": "nobody", "password": "not a password"})
    assert "Забыли пароль?" in wrong.text
    assert "Нет доступа к старой почте или второму шагу?" in wrong.text
