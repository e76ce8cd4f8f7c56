"""The journal as its owner reads it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import insert, update

from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.identity.models import User
from tesweb.journal import services as journal
from tesweb.journal.models import SecurityEvent
from tesweb.journal.rules import What
from tesweb.journal.wording import SENTENCES
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeUser

URL = "/profile/events"
SignIn = Callable[..., Client]


@pytest.fixture
def note(app: Flask, core: Core) -> Callable[[MadeUser, What], None]:
    def noted(user: MadeUser, what: What) -> None:
        with app.app_context(), core.database.work() as work:
            journal.record(work, user.id, what)

    return noted


def test_what_when_and_where_from(make: Factory, client: Client, sign_in: SignIn) -> None:
    user = make.user()
    make.account(user)
    client.environ_base |= {
        "REMOTE_ADDR": "203.0.113.77",
        "HTTP_USER_AGENT": "Mozilla/5.0 (Linux; Android 14) Chrome/120.0",
    }
    client.submit("/login", "/login", {"login": user.login, "password": user.password})
    text = sign_in(user).page(URL).text
    for expected in ("Вход", "20 ноября 2026, 12:00", "Chrome, Android", "сеть 203.0.113.*"):
        assert expected in text
    assert "203.0.113.77" not in text


def test_each_kind_has_its_own_sentence(
    make: Factory, sign_in: SignIn, note: Callable[[MadeUser, What], None]
) -> None:
    assert SENTENCES.keys() == set(What)
    user = make.user()
    for what in What:
        note(user, what)
    browser = sign_in(user)
    text = browser.page(URL).text + browser.page(f"{URL}?before=15").text
    for sentence in ("Кабинет создан", "Кто-то ввёл неверный пароль", "Изменён пароль"):
        assert sentence in text
    assert "Другое событие" not in text


def test_a_kind_of_a_newer_version_is_shown(make: Factory, core: Core, sign_in: SignIn) -> None:
    user = make.user()
    row = {"user_id": user.id, "what": "teleported", "happened_at": core.clock.now()}
    row |= {"detail": "{}"}
    with core.database.work() as work:
        work.execute(insert(table_of(SecurityEvent)).values(row))
    assert "Другое событие" in sign_in(user).page(URL).text


def test_the_newest_comes_first_and_pages_follow(
    make: Factory, sign_in: SignIn, clock: FixedClock, note: Callable[[MadeUser, What], None]
) -> None:
    user, other = make.user(), make.user()
    for number in range(60):
        clock.moment += timedelta(minutes=1)
        note(user, What.SIGNED_IN if number else What.REGISTERED)
        note(other, What.RECOVERED)
    browser, url, seen = sign_in(user), URL, []
    for _ in range(3):
        page = browser.page(url)
        seen.append(page.text.count("Вход 20 ноября"))
        assert "Доступ восстановлен" not in page.text
        older = [link for link in page.links if "before=" in link]
        url = older[0] if older else ""
    assert seen == [25, 25, 9]
    assert "Кабинет создан" in page.text
    assert url == ""


@pytest.mark.parametrize("before", ["", "x", "-1", "9" * 30, "\u0663"])
def test_an_odd_page_number_is_the_first_page(
    make: Factory, sign_in: SignIn, note: Callable[[MadeUser, What], None], before: str
) -> None:
    user = make.user()
    note(user, What.REGISTERED)
    assert "Кабинет создан" in sign_in(user).page(f"{URL}?before={before}").text


def test_it_leads_to_the_lock_and_is_open_behind_it(
    make: Factory, sign_in: SignIn, core: Core
) -> None:
    user = make.user()
    browser = sign_in(user)
    page = browser.page(URL)
    assert "Пока ничего не произошло" in page.text
    assert "/profile/freeze" in page.links
    with core.database.work() as work:
        work.execute(update(table_of(User)).values(frozen_at=core.clock.now()))
    assert "/locked" in browser.page(URL).links
