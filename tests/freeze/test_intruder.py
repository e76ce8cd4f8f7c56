"""Somebody who knows the password, against the owner who has locked the cabinet."""

import gc
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import cast

import pytest
from flask import Flask

from tests.freeze.person import Person, events, outbox
from tesweb.accounts.models import Role
from tesweb.clock import FixedClock
from tesweb.identity.session import COOKIE
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.factories import Factory, MadeAccount

PAGE = "/locked/unlock"
NEW = "мокрый чайник поёт"


@pytest.fixture
def intruder(app: Flask, person: Person) -> Client:
    """A browser that nobody knows, signed in by the password once the cabinet is locked."""
    del person
    return cast("Client", app.test_client())


def enter(browser: Client, person: Person, password: str = "") -> None:
    values = {"login": person.user.login, "password": password or person.user.password}
    assert browser.submit("/login", "/login", values).status_code == 303


def token_of(browser: Client) -> str:
    return browser.page(PAGE).form("/logout").fields["csrf_token"]


def post(browser: Client, path: str, **values: str) -> int:
    """Send a form whether or not the page shows it."""
    token = token_of(browser)
    data = {"csrf_token": token} | values
    return browser.post(f"{PAGE}{path}", data=data, headers=SAME_ORIGIN).status_code


def stranger_s(make: Factory) -> MadeAccount:
    account = make.account(region="tyumen", bill_code="AAAA-1111")
    make.meter(account, serial="777")
    return account


def test_an_account_that_was_linked_lately_is_no_proof(
    person: Person, make: Factory, clock: FixedClock, intruder: Client
) -> None:
    own = stranger_s(make)
    clock.moment += timedelta(days=8)
    thief = person.browser("password")
    url = "/profile/accounts/link?region=tyumen"
    linked = {"number": own.number, "bill_code": "AAAA-1111"}
    assert thief.submit(url, url, linked).location == "/profile/accounts/link/confirm"
    page = "/profile/accounts/link/confirm"
    assert thief.submit(page, page, {}).status_code == 303
    person.lock(person.browser("password"))
    enter(intruder, person)
    proof = {"number": own.number, "bill_code": "AAAA-1111", "meter": "777"}
    assert post(intruder, "/account", **proof) == 422
    assert post(intruder, "") == 422
    assert person.is_locked()


def test_what_the_pages_show_is_no_proof(person: Person, intruder: Client) -> None:
    """The meter's number stands in the cabinet; the code of the bill does not."""
    person.locked()
    enter(intruder, person)
    assert post(intruder, "/account", meter="01234567", payment="347,48") == 422
    assert person.is_locked()


def test_an_address_that_came_by_recovery_is_no_proof(
    person: Person, make: Factory, clock: FixedClock, client: Client
) -> None:
    clock.moment += timedelta(days=8)
    account = make.account(person.user, region="tyumen", bill_code="4711-AB")
    make.meter(account, serial="555")
    clock.moment += timedelta(days=8)
    url = "/recover/access?region=tyumen"
    values = {"login": person.user.login, "number": account.number, "email": "thief@example.com"}
    answer = client.submit(url, url, values | {"bill_code": "4711-AB", "meter": "555"})
    assert answer.location == "/recover/waiting"
    (letter,) = person.rows(outbox, outbox.c.template == "access")
    clock.moment += timedelta(hours=73)
    path = json.loads(letter.payload)["path"]
    done = client.submit(path, "/recover/access/open", {"password": NEW})
    assert done.location == "/recover/done"
    told = person.rows(outbox, outbox.c.recipient == "anna@example.org")
    lock = json.loads(told[-1].payload)["lock"]
    person.browser().submit(f"/freeze?key={lock}", "/freeze", {})
    assert person.is_locked()
    enter(client, person, NEW)
    post(client, "/email/send")
    post(client, "/email", code=person.code("email"))
    post(client, "/account", bill_code="4711-AB", meter="555")
    assert post(client, "") == 422
    assert person.is_locked()


def test_a_way_back_that_was_begun_before_the_lock_is_over(
    person: Person, make: Factory, clock: FixedClock, client: Client
) -> None:
    account = make.account(person.user, region="tyumen", bill_code="4711-AB")
    make.meter(account, serial="555")
    clock.moment += timedelta(days=8)
    url = "/recover/access?region=tyumen"
    values = {"login": person.user.login, "number": account.number, "email": "thief@example.com"}
    client.submit(url, url, values | {"bill_code": "4711-AB", "meter": "555"})
    (letter,) = person.rows(outbox, outbox.c.template == "access")
    owner = person.locked()
    person.prove(owner, "email")
    person.prove(owner, "sms")
    person.unlock(owner)
    assert not person.is_locked()
    clock.moment += timedelta(hours=73)
    assert client.get(json.loads(letter.payload)["path"]).status_code == 404


def test_an_invitation_of_before_the_lock_opens_nothing(person: Person, make: Factory) -> None:
    thief = person.browser("password")
    url = f"/accounts/{person.account.id}/people/invite"
    thief.submit(url, url, {"contact": "thief@example.com", "role": Role.OWNER.value})
    (letter,) = person.rows(outbox, outbox.c.template == "invitation")
    owner = person.locked()
    person.prove(owner, "email")
    person.prove(owner, "sms")
    person.unlock(owner)
    guest = person.sign_in(make.user(), "password")
    path = json.loads(letter.payload)["path"]
    assert "/invitation" not in {form.action for form in guest.page(path, 410).forms}


def test_whoever_knows_the_password_does_not_use_up_the_owner_s_tries(
    person: Person, client: Client, intruder: Client
) -> None:
    enter(client, person)  # the owner's own browser, known from now on
    person.lock(client)
    enter(intruder, person)
    for _ in range(6):
        post(intruder, "/email/send")
    for _ in range(21):
        post(intruder, "/email", code="000000")
    assert post(intruder, "/password", password=person.user.password) == 429
    assert post(client, "/email/send") == 303
    assert post(client, "/email", code=person.code("email")) == 303
    assert person.prove_password(client).status_code == 303
    person.unlock(client)
    assert not person.is_locked()


def test_a_number_gets_few_codes_a_day(person: Person, clock: FixedClock) -> None:
    browser = person.locked()
    for _ in range(24):
        for _ in range(5):
            post(browser, "/sms/send")
        clock.moment += timedelta(hours=1, seconds=1)
    texts = person.rows(outbox, outbox.c.template == "unfreeze", outbox.c.channel == "sms")
    assert 1 <= len(texts) <= 10


def test_of_many_buttons_at_once_one_opens_it(person: Person, app: Flask) -> None:
    owner = person.locked()
    person.prove(owner, "email")
    person.prove(owner, "sms")
    cookie = owner.get_cookie(COOKIE)
    assert cookie is not None
    token = token_of(owner)
    clones = [cast("Client", app.test_client()) for _ in range(4)]
    for clone in clones:
        clone.set_cookie(COOKIE, cookie.value, secure=True)

    def press(browser: Client) -> int:
        return browser.post(PAGE, data={"csrf_token": token}, headers=SAME_ORIGIN).status_code

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(press, clones)) <= {303, 422}
    gc.collect()  # what the threads kept open goes with them, before the database is closed
    assert [row.what for row in person.rows(events)].count("unfrozen") == 1


def test_a_browser_that_came_in_while_it_was_locked_stays_a_new_one(
    person: Person, intruder: Client
) -> None:
    person.locked()
    enter(intruder, person)
    intruder.delete_cookie(COOKIE)
    enter(intruder, person)
    assert [row.what for row in person.rows(events)] == ["frozen", "signed_in", "new_device"]
    assert intruder.get_cookie("__Host-known") is None
