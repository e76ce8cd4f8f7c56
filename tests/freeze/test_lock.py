"""«Заблокировать кабинет»: one button, and everything stands still."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask

from tests.freeze.person import Person, events, freezes, outbox, sessions
from tesweb.app import create_app
from tesweb.clock import FixedClock
from tesweb.config import Settings
from tesweb.current import Core
from tesweb.freeze.services import Wish, lock
from tesweb.identity.session import COOKIE
from tesweb.meters.models import State
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.pages import Page

SEND = "/readings/{}/send"


def test_one_button_locks_and_gives_a_number(person: Person) -> None:
    browser = person.browser()
    page = browser.page("/profile/freeze")
    assert "Что произойдёт" in page.text
    answer = person.lock(browser)
    assert (answer.status_code, answer.location) == (303, "/locked")
    (freeze,) = person.rows(freezes)
    text = browser.page("/locked").text
    for expected in ("Кабинет заблокирован", f"№ {freeze.id}", "20 ноября 2026, 12:00"):
        assert expected in text
    assert (freeze.readings_since, freeze.wants_control) == (None, False)


def test_every_channel_is_told_once(person: Person) -> None:
    person.locked()
    told = person.rows(outbox, outbox.c.template == "security")
    assert {(row.channel, row.recipient) for row in told} == {
        ("email", "anna@example.org"),
        ("sms", "+79001234567"),
    }
    assert [row.what for row in person.rows(events)] == ["frozen"]


def test_everything_leads_to_the_one_page(person: Person) -> None:
    browser = person.locked()
    for url in ("/", f"/accounts/{person.account.id}/", "/profile/freeze", "/more"):
        assert browser.get(url).location == "/locked", url
    assert browser.get("/profile/events").status_code == 200


def test_all_other_devices_are_strangers_at_once(person: Person) -> None:
    old, browser = person.browser(), person.browser()
    assert old.get("/").status_code == 200
    person.lock(browser)
    assert old.get("/").location == "/login?next=/"
    assert len(person.rows(sessions)) == 1


def test_the_old_cookie_of_this_browser_is_worthless_too(
    person: Person, settings: Settings, clock: FixedClock
) -> None:
    browser = person.browser()
    before = browser.get_cookie(COOKIE)
    assert before is not None
    person.lock(browser)
    worker = create_app(settings, clock=clock)  # another one, with a cache of its own
    worker.test_client_class = Client
    elsewhere = worker.test_client()
    elsewhere.set_cookie(COOKIE, before.value, secure=True, httponly=True, samesite="Lax")
    assert elsewhere.get("/locked").location == "/login?next=/locked"
    worker.extensions["tesweb"].database.close()


def test_readings_are_refused_also_by_a_direct_form(person: Person) -> None:
    browser = person.browser()
    url = f"/readings/{person.account.id}/"
    answer = browser.submit(url, f"{url}check", {"reading-1-1": "1100"})
    fields = Page(answer.text).form(f"{url}send").fields
    person.lock(browser)
    fields["csrf_token"] = browser.page("/locked").form("/logout").fields["csrf_token"]
    refused = browser.post(f"{url}send", data=fields, headers=SAME_ORIGIN)
    assert refused.location == "/locked"
    assert person.states() == []


@pytest.mark.parametrize("hours", [1, 3])
def test_readings_since_a_chosen_hour_are_put_aside(
    person: Person, clock: FixedClock, hours: int
) -> None:
    browser = person.browser()
    person.send(browser, "1100")
    clock.moment += timedelta(hours=2)
    # 14:00 in Tyumen; an hour ago only the second one is doubted, three ago both.
    person.send(browser, "1120")
    hour = f"{14 - hours:02d}:00"
    person.lock(browser, since="day", day="2026-11-20", hour=hour)
    first = State.ACCEPTED if hours == 1 else State.QUARANTINED
    assert person.states() == [(1100, first), (1120, State.QUARANTINED)]


def test_readings_since_a_sign_in_are_put_aside(person: Person, clock: FixedClock) -> None:
    values = {"login": person.user.login, "password": person.user.password}
    browser = person.sign_in(person.user)
    browser.delete_cookie(COOKIE)
    browser.submit("/login", "/login", values)
    clock.moment += timedelta(hours=1)
    person.send(browser, "1120")
    (event,) = person.rows(events, events.c.what == "signed_in")
    assert "Не доверять переданным с этого входа: 20 ноября 2026, 12:00" in (
        browser.page("/profile/freeze").text
    )
    person.lock(browser, since=str(event.id))
    assert person.states() == [(1120, State.QUARANTINED)]


def test_a_sign_in_of_somebody_else_is_no_choice(person: Person, bare: Person) -> None:
    values = {"login": bare.user.login, "password": bare.user.password}
    other = bare.sign_in(bare.user)
    other.delete_cookie(COOKIE)
    other.submit("/login", "/login", values)
    (event,) = person.rows(events)
    assert person.lock(person.browser(), since=str(event.id)).status_code == 422
    assert not person.is_locked()


@pytest.mark.parametrize(
    ("day", "hour", "sentence"),
    [
        ("", "", "Выберите день"),
        ("31.02.2026", "", "Выберите день"),
        ("2026-11-20", "25:00", "Введите время"),
        ("2026-11-21", "", "ещё не наступил"),
        ("0001-01-01", "00:00", "Введите время"),
        ("9999-12-31", "23:59", "ещё не наступил"),
    ],
)
def test_a_moment_that_cannot_be_is_told_beside_the_field(
    person: Person, day: str, hour: str, sentence: str
) -> None:
    answer = person.lock(person.browser(), since="day", day=day, hour=hour)
    assert answer.status_code == 422
    assert sentence in Page(answer.text).text
    assert not person.is_locked()


def test_the_wish_for_a_control_reading_is_kept(person: Person) -> None:
    browser = person.locked(control="1")
    assert "Контрольное снятие" in browser.page("/locked").text
    assert person.rows(freezes)[0].wants_control


def test_of_many_at_once_one_locks(app: Flask, core: Core, person: Person) -> None:
    def attempt(_: int) -> int:
        with app.test_request_context(), core.database.work() as work:
            return lock(work, person.user.id, Wish()).number

    with ThreadPoolExecutor(6) as threads:
        numbers = set(threads.map(attempt, range(6)))
    assert len(numbers) == len(person.rows(freezes)) == 1
    assert len(person.rows(events)) == 1


def test_a_sending_that_is_under_way_is_put_aside_or_refused(
    app: Flask, person: Person, clock: FixedClock, core: Core
) -> None:
    browser = person.browser()
    url = f"/readings/{person.account.id}/"
    answer = browser.submit(url, f"{url}check", {"reading-1-1": "1100"})
    fields = Page(answer.text).form(f"{url}send").fields
    since = clock.now() - timedelta(hours=1)

    def freeze() -> None:
        with app.test_request_context(), core.database.work() as work:
            lock(work, person.user.id, Wish(since))

    with ThreadPoolExecutor(2) as threads:
        sending = threads.submit(browser.post, f"{url}send", data=fields, headers=SAME_ORIGIN)
        locking = threads.submit(freeze)
        locking.result()
        answer = sending.result()
    assert person.states() in ([], [(1100, State.QUARANTINED)])
    if not person.states():
        assert answer.location == "/locked" or answer.location.startswith("/login")


def test_the_page_of_a_receipt_says_that_it_waits(person: Person) -> None:
    browser = person.browser()
    receipt = person.send(browser, "1120").location
    person.lock(browser, since="day", day="2026-11-20")
    person.run("UPDATE users SET frozen_at = NULL")
    text = browser.page(receipt).text
    assert "На проверке" in text
    history = browser.page(f"/readings/{person.account.id}/history").text
    assert "на проверке: пока не учитывается" in history


def test_who_is_not_locked_has_no_locked_page(person: Person) -> None:
    assert person.browser().get("/locked").location == "/"
    assert person.browser().get("/locked/unlock").location == "/"
