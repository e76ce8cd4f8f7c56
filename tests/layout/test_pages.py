"""The shell, the dashboard, errors, languages, and pages without a visitor."""

import json
from collections.abc import Callable

import pytest
from flask import Flask
from markupsafe import escape
from sqlalchemy.exc import OperationalError

from tesweb.current import Core
from tesweb.layout.languages import COOKIE
from tesweb.testing.client import FRAGMENT, SAME_ORIGIN, Client
from tesweb.testing.factories import PASSWORD, Factory, MadeUser

SignIn = Callable[[MadeUser], Client]


def test_the_dashboard_shows_the_first_account(sign_in: SignIn, make: Factory) -> None:
    user = make.user(name="Анна Петровна")
    account = make.account(user, address="г. Тюмень, ул. Республики, д. 142, кв. 17")
    page = sign_in(user).page("/")
    assert "ул. Республики, д. 142" in page.text
    assert account.number[:4] in page.text


def test_a_name_and_an_address_are_text(sign_in: SignIn, make: Factory) -> None:
    user = make.user(name="""<i>"x"</i> & 'y'""")
    make.account(user, address="""<u>"a"</u> & 'b'""")
    text = sign_in(user).get("/").text
    assert str(escape(user_name := """<i>"x"</i> & 'y'""")) in text
    assert str(escape("""<u>"a"</u> & 'b'""")) in text
    assert user_name not in text


def test_who_has_no_account_is_told_what_to_do(sign_in: SignIn, make: Factory) -> None:
    page = sign_in(make.user()).page("/")
    assert "счёт" in page.text
    assert not [form for form in page.forms if form.action.startswith("/readings")]


def test_accounts_are_switched_by_plain_links(sign_in: SignIn, make: Factory) -> None:
    user = make.user()
    first, second = make.account(user), make.account(user)
    page = sign_in(user).page(f"/accounts/{first.id}/")
    assert f"/accounts/{second.id}/" in page.links


@pytest.mark.parametrize(
    ("balance", "words"),
    [(128_460, "1 284,60 ₽"), (-5_210, "52,10 ₽"), (0, "Долга нет")],
)
def test_the_balance_is_said_in_words(
    sign_in: SignIn, make: Factory, balance: int, words: str
) -> None:
    user = make.user()
    make.account(user, balance=balance)
    text = sign_in(user).page("/").text
    assert words.replace(" ", "") in text.replace(" ", "")
    assert ("Переплата" in text) == (balance < 0)


def test_what_is_not_there_is_said_in_words(client: Client) -> None:
    response = client.get("/nowhere")
    assert response.status_code == 404
    assert "Такой страницы нет" in response.text
    assert client.post("/offline", headers=SAME_ORIGIN).status_code in {400, 405}


def test_without_the_database_the_page_says_when_to_come_back(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch, core: Core
) -> None:
    def down(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("secret host is down"))

    app.testing = False
    monkeypatch.setattr(core.database.reader, "connect", down)
    client.set_cookie("__Host-sid", "A" * 43, secure=True)
    response = client.get("/")
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "60"
    assert "secret host" not in response.text


def test_a_fragment_is_the_same_page_without_its_shell(sign_in: SignIn, make: Factory) -> None:
    user = make.user()
    make.account(user)
    client = sign_in(user)
    whole, part = client.get("/"), client.get("/", headers=FRAGMENT)
    assert whole.text.count("<html") == 1
    assert "<html" not in part.text
    assert "<nav" not in part.text
    assert len(part.text) < len(whole.text)
    for response in (whole, part):
        assert {"HX-Request", "HX-Request-Type", "Cookie"} <= set(response.vary)


@pytest.mark.parametrize(
    ("shown", "pushed"),
    [
        ("https://localhost/pay", "/login?a=1&b=%D1%8B"),
        ("https://localhost/login?a=1&b=%D1%8B", None),
        ("https://localhost/login?a=1", "/login?a=1&b=%D1%8B"),
        ("", "/login?a=1&b=%D1%8B"),
        ("https://[", "/login?a=1&b=%D1%8B"),
    ],
)
def test_the_address_bar_shows_where_a_form_has_led(
    client: Client, shown: str, pushed: str | None
) -> None:
    answer = client.get("/login?a=1&b=%D1%8B", headers=FRAGMENT | {"HX-Current-URL": shown})
    assert answer.headers.get("HX-Push-Url") == pushed


def test_a_page_that_is_loaded_as_a_whole_pushes_nothing(client: Client) -> None:
    assert "HX-Push-Url" not in client.get("/login").headers


def test_going_back_gets_the_whole_page(sign_in: SignIn, make: Factory) -> None:
    client = sign_in(make.user())
    restored = client.get("/", headers=FRAGMENT | {"HX-History-Restore-Request": "true"})
    assert "<html" in restored.text


def test_the_language_is_chosen_and_kept(sign_in: SignIn, make: Factory) -> None:
    user = make.user()
    make.account(user)
    client = sign_in(user)
    assert '<html lang="ru"' in client.get("/").text
    response = client.submit("/", "/language/en", {})
    assert response.status_code == 303
    assert '<html lang="en"' in client.get("/").text
    assert '<html lang="en"' in sign_in(user).get("/").text


def test_a_person_s_choice_counts_more_than_the_browser_s(sign_in: SignIn, make: Factory) -> None:
    client = sign_in(make.user(language="en"))
    client.set_cookie(COOKIE, "ru", secure=True)
    assert '<html lang="en"' in client.get("/more").text


def test_a_stranger_s_choice_is_kept_by_the_browser(client: Client) -> None:
    client.submit("/login", "/language/en", {})
    russian = {"Accept-Language": "ru"}
    assert '<html lang="en"' in client.get("/login", headers=russian).text


def test_a_choice_made_before_signing_in_is_kept_by_the_account(
    client: Client, make: Factory
) -> None:
    make.user("anna")
    client.submit("/login", "/language/en", {})
    client.submit("/login", "/login", {"login": "anna", "password": PASSWORD})
    client.delete_cookie(COOKIE)
    assert '<html lang="en"' in client.get("/more").text


def test_another_language_is_no_new_version_of_the_worker(client: Client) -> None:
    russian, english = (
        client.get("/sw.js", headers={"Accept-Language": code}).data for code in ("ru", "en")
    )
    assert russian == english


def test_a_browser_s_wish_counts_before_signing_in(client: Client) -> None:
    english = client.get("/login", headers={"Accept-Language": "en-GB,en;q=0.9"})
    other = client.get("/login", headers={"Accept-Language": "fr"})
    assert '<html lang="en"' in english.text
    assert '<html lang="ru"' in other.text


def test_the_manifest_bears_the_region_s_name(client: Client, core: Core) -> None:
    response = client.get("/manifest.webmanifest")
    assert response.mimetype == "application/manifest+json"
    facts = json.loads(response.text)
    assert facts["name"] == core.default_region.title("ru")
    for icon in facts["icons"]:
        with client.get(icon["src"]) as picture:
            assert picture.status_code == 200


def test_the_service_worker_keeps_nothing_of_anybody_s(client: Client) -> None:
    response = client.get("/sw.js")
    assert response.mimetype == "text/javascript"
    assert response.headers["Cache-Control"] == "no-cache"
    assert "/offline" in response.text
    assert "/readings" not in response.text
    assert "<nav" not in client.get("/offline").text


def test_health_is_told_to_the_operator(client: Client) -> None:
    assert client.get("/healthz").json == {"status": "ok", "plugins": []}


@pytest.mark.parametrize(
    "url", ["/%ff%fe", "/accounts/0x10/", "/accounts/-1/", "/?a=%00", "/a\u0301"]
)
def test_odd_addresses_do_no_harm(client: Client, url: str) -> None:
    assert client.get(url).status_code in {303, 400, 404}


def test_an_abbreviation_stays_with_its_number(sign_in: SignIn, make: Factory) -> None:
    user = make.user()
    make.account(user, address="г. Тюмень, ул. Республики, д. 142, кв. 17")
    shown = sign_in(user).get("/").text
    assert "ул.\u00a0Республики, д.\u00a0142, кв.\u00a017" in shown
