"""A new address: proved by a letter's link, told to the old and the new one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.profile.conftest import SignIn
from tesweb.clock import FixedClock
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.factories import Factory, MadeUser

Inbox = Callable[[str], list[tuple[str, dict[str, Any]]]]
Stored = Callable[[MadeUser], Any]
NEW = "new@example.ru"
FORM = "/profile/contacts/email"
LINK = "/profile/contacts/email/link"


@pytest.fixture
def browser(anna: MadeUser, sign_in: SignIn) -> Client:
    return sign_in(anna, "password")


@pytest.fixture
def link(browser: Client, inbox: Inbox) -> str:
    """The link of a letter that was asked for."""
    assert browser.submit(FORM, FORM, {"email": " New@Example.ru"}).location == f"{FORM}/sent"
    ((kind, values),) = inbox(NEW)
    assert kind == "email_change"
    return str(values["path"])


def test_the_address_changes_with_the_button_and_not_before(
    browser: Client, link: str, anna: MadeUser, stored: Stored, inbox: Inbox
) -> None:
    assert NEW in browser.page(f"{FORM}/sent").text
    assert "Да, это мой адрес" in browser.get(link).text
    assert stored(anna).email == "anna@example.ru"
    done = browser.submit(link, LINK, {})
    assert done.status_code == 303
    assert stored(anna).email == NEW
    assert "n•••@example.ru" in browser.page(done.location).text
    for address in ("anna@example.ru", NEW):
        kind, values = inbox(address)[-1]
        assert (kind, values["what"]) == ("security", "email_changed")


def test_a_link_works_once(browser: Client, link: str) -> None:
    browser.submit(link, LINK, {})
    assert browser.get(link).status_code == 410


def test_a_link_works_for_a_day(
    browser: Client, link: str, clock: FixedClock, anna: MadeUser, stored: Stored
) -> None:
    form = browser.page(link).form(LINK).fields
    clock.moment += timedelta(hours=24)
    page = browser.get(link)
    assert page.status_code == 410
    assert "больше не действует" in page.text
    assert browser.post(LINK, data=form, headers=SAME_ORIGIN).status_code == 410
    assert stored(anna).email == "anna@example.ru"


def test_a_new_letter_makes_the_one_before_worthless(
    browser: Client, link: str, inbox: Inbox
) -> None:
    browser.submit(f"{FORM}/sent", "/profile/contacts/email/again", {})
    second = inbox(NEW)[-1][1]["path"]
    assert second != link
    assert browser.get(link).status_code == 410
    assert browser.get(second).status_code == 200


def test_the_link_is_for_its_own_cabinet(
    link: str, make: Factory, sign_in: SignIn, stranger: Client
) -> None:
    assert stranger.get(link).location.startswith("/login")
    assert sign_in(make.user(), "password").get(link).status_code == 410


def test_an_address_that_somebody_has_gets_the_same_answer(
    browser: Client, make: Factory, inbox: Inbox, anna: MadeUser, stored: Stored
) -> None:
    make.user("boris", name="Борис", email="boris@example.ru")
    texts = []
    for address in ("boris@example.ru", "freed@example.ru"):
        answer = browser.submit(FORM, FORM, {"email": address})
        assert (answer.status_code, answer.location) == (303, f"{FORM}/sent")
        texts.append(browser.page(f"{FORM}/sent").text.replace(address, ""))
    assert texts[0] == texts[1]
    assert [(kind, values["name"]) for kind, values in inbox("boris@example.ru")] == [
        ("email_taken", "Борис")
    ]
    assert "path" not in inbox("boris@example.ru")[0][1]
    assert stored(anna).email == "anna@example.ru"


def test_who_was_faster_keeps_the_address(
    browser: Client, link: str, make: Factory, anna: MadeUser, stored: Stored
) -> None:
    make.user(email=NEW)
    assert browser.submit(link, LINK, {}).status_code == 410
    assert stored(anna).email == "anna@example.ru"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "Введите адрес"),
        ("ivanova", "Проверьте адрес"),
        ("a@b.ru\r\nBcc: c@d.ru", "Проверьте адрес"),
        ("ANNA@example.ru", "Это и есть ваш адрес"),
    ],
)
def test_bad_input_gets_a_sentence_and_changes_nothing(
    browser: Client, typed: str, told: str, inbox: Inbox
) -> None:
    answer = browser.submit(FORM, FORM, {"email": typed})
    assert answer.status_code == 422
    assert told in answer.text
    assert inbox("anna@example.ru") == []


def test_letters_are_bounded(browser: Client, inbox: Inbox) -> None:
    answers = [browser.submit(FORM, FORM, {"email": NEW}).status_code for _ in range(4)]
    assert answers == [303, 303, 303, 422]
    assert len(inbox(NEW)) == 3


def test_letters_to_many_addresses_are_bounded_too(browser: Client) -> None:
    answers = [
        browser.submit(FORM, FORM, {"email": f"{count}@example.ru"}).status_code
        for count in range(4)
    ]
    assert answers == [303, 303, 303, 422]


def test_nobody_signs_in_with_the_letter(stranger: Client, link: str) -> None:
    assert stranger.get(link).status_code == 303
    assert stranger.get("/profile").location == "/login?next=/profile"
