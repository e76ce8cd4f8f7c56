"""A forgotten password: the same answer for everybody, one link, and no way around a factor."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import insert, text

from tests.recovery.conftest import Letters
from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.factors.models import Totp
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.factories import Factory, MadeUser

URL = "/recover"
CHOOSE = "/recover/password"
NEW = "мокрый чайник поёт"
SignIn = Callable[..., Client]


def link_of(client: Client, letters: Letters, typed: str = "anna") -> str:
    assert client.submit(URL, URL, {"login": typed}).location == "/recover/sent"
    return str(letters()[-1]["values"]["path"])


def plain(page: str) -> str:
    return re.sub(r'(nonce|value|content)="[^"]*"', "", page)


@pytest.mark.parametrize("typed", ["anna", "ANNA@example.ru", "8 (912) 345-67-89"])
def test_the_letter_goes_to_the_owner_by_any_name(
    anna: MadeUser, client: Client, letters: Letters, typed: str
) -> None:
    del anna
    client.submit(URL, URL, {"login": typed})
    (letter,) = letters()
    assert (letter["recipient"], letter["template"]) == ("anna@example.ru", "recovery")


def test_whoever_has_no_mail_gets_a_text_message(
    make: Factory, client: Client, letters: Letters
) -> None:
    make.user("boris", phone="+79123456780")
    client.submit(URL, URL, {"login": "boris"})
    assert [(one["channel"], one["recipient"]) for one in letters()] == [("sms", "+79123456780")]


def test_a_stranger_learns_nothing(
    anna: MadeUser, client: Client, second: Client, letters: Letters, core: Core
) -> None:
    del anna
    answers = []
    for browser, typed in ((client, "anna"), (second, "nobody")):
        answer = browser.submit(URL, URL, {"login": typed})
        sent = browser.get("/recover/sent")
        answers.append((answer.status_code, answer.location, plain(sent.text)))
    assert answers[0] == answers[1]
    assert [letter["recipient"] for letter in letters()] == ["anna@example.ru"]
    with core.database.read() as reader:
        asked = text("SELECT count(*) FROM challenges WHERE purpose = 'recovery'")
        assert reader.execute(asked).scalar() == 1


def test_the_new_password_opens_and_every_session_is_ended(
    anna: MadeUser, client: Client, letters: Letters, sign_in: SignIn
) -> None:
    elsewhere = sign_in(anna)
    link = link_of(client, letters)
    assert client.submit(link, CHOOSE, {"password": NEW}).location == "/recover/done"
    assert elsewhere.get("/profile").location == "/login?next=/profile"
    assert client.get("/profile").status_code == 303  # the letter signs nobody in
    for word, status in ((anna.password, 422), (NEW, 303)):
        values = {"login": "anna", "password": word}
        assert client.submit("/login", "/login", values).status_code == status
    told = {one["recipient"] for one in letters() if one["template"] == "security"}
    assert told == {"anna@example.ru", "+79123456789"}


@pytest.mark.usefixtures("anna")
def test_opening_the_link_changes_nothing_and_it_works_once(
    client: Client, letters: Letters
) -> None:
    link = link_of(client, letters)
    for _ in range(3):
        assert client.get(link).status_code == 200
    form = client.page(link).form(CHOOSE).fields | {"password": NEW}
    assert client.post(CHOOSE, data=form, headers=SAME_ORIGIN).status_code == 303
    assert client.post(CHOOSE, data=form, headers=SAME_ORIGIN).status_code == 404
    assert client.get(link).status_code == 404


@pytest.mark.usefixtures("anna")
def test_another_links_are_worthless_once_one_was_used(client: Client, letters: Letters) -> None:
    first, second = link_of(client, letters), link_of(client, letters)
    client.submit(first, CHOOSE, {"password": NEW})
    assert client.get(second).status_code == 404


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize(("minutes", "status"), [(59, 303), (61, 404)])
def test_the_link_lives_for_an_hour(
    client: Client, letters: Letters, clock: FixedClock, minutes: int, status: int
) -> None:
    link = link_of(client, letters)
    form = client.page(link).form(CHOOSE).fields | {"password": NEW}
    clock.moment += timedelta(minutes=minutes)
    assert client.post(CHOOSE, data=form, headers=SAME_ORIGIN).status_code == status


def test_the_second_factor_is_asked_for_all_the_same(
    anna: MadeUser, client: Client, letters: Letters, core: Core, clock: FixedClock
) -> None:
    with core.database.work() as work:
        row = {"user_id": anna.id, "secret": b"x" * 20, "counter": 0, "added_at": clock.moment}
        work.execute(insert(table_of(Totp)).values(row))
    link = link_of(client, letters)
    client.submit(link, CHOOSE, {"password": NEW})
    assert client.get("/profile").status_code == 303
    done = client.submit("/login", "/login", {"login": "anna", "password": NEW})
    assert done.location == "/login/code"
    assert client.get("/profile").status_code == 303


@pytest.mark.parametrize("typed", ["", "short", "password123", "anna@example.ru", "x" * 129])
def test_a_bad_password_is_refused_and_the_link_stays(
    anna: MadeUser, client: Client, letters: Letters, typed: str
) -> None:
    link = link_of(client, letters)
    assert client.submit(link, CHOOSE, {"password": typed}).status_code == 422
    values = {"login": "anna", "password": anna.password}
    assert client.submit("/login", "/login", values).status_code == 303
    assert client.get(link).status_code == 200


@pytest.mark.usefixtures("anna")
def test_letters_are_few(client: Client, letters: Letters) -> None:
    for _ in range(5):
        assert client.submit(URL, URL, {"login": "anna"}).status_code == 303
    assert len(letters()) == 3
    assert client.submit(URL, URL, {"login": "anna"}).status_code == 429
    for _ in range(5):
        assert client.submit(URL, URL, {"login": "nobody"}).status_code == 303
    assert client.submit(URL, URL, {"login": "nobody"}).status_code == 429


def test_a_locked_cabinet_is_not_opened_by_a_letter(
    make: Factory, client: Client, letters: Letters, clock: FixedClock
) -> None:
    make.user("vera", email="vera@example.ru", frozen_at=clock.moment)
    client.submit(URL, URL, {"login": "vera"})
    (letter,) = letters()
    assert letter["template"] == "recovery_locked"
    assert "path" not in letter["values"]


@pytest.mark.parametrize("typed", ["", "a\x00b", "x" * 300])
def test_what_is_no_name_gets_a_sentence(client: Client, typed: str) -> None:
    assert client.submit(URL, URL, {"login": typed}).status_code == 422


def test_the_login_page_leads_here(client: Client) -> None:
    assert 'href="/recover"' in client.get("/login").text
