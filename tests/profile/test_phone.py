"""A new number: proved by a code, told to the old and the new one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.profile.conftest import SignIn
from tesweb.clock import FixedClock
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeUser

Inbox = Callable[[str], list[tuple[str, dict[str, Any]]]]
Stored = Callable[[MadeUser], Any]
NEW = "+79120000002"
FORM = "/profile/contacts/phone"
CODE = "/profile/contacts/phone/code"


@pytest.fixture
def browser(anna: MadeUser, sign_in: SignIn) -> Client:
    return sign_in(anna, "password")


def ask(browser: Client, number: str = "8 (912) 000-00-02") -> int:
    return browser.submit(FORM, FORM, {"phone": number}).status_code


def code_of(inbox: Inbox) -> str:
    kind, values = inbox(NEW)[-1]
    assert kind == "sms_change"
    return str(values["code"])


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_the_number_changes_with_the_code(
    browser: Client, anna: MadeUser, stored: Stored, inbox: Inbox
) -> None:
    assert ask(browser) == 303
    assert stored(anna).phone == "+79120000001"
    code = code_of(inbox)
    done = browser.submit(CODE, CODE, {"code": f" {code[:3]} {code[3:]} "})
    assert done.status_code == 303
    assert stored(anna).phone == NEW
    assert "+7 912 •••‑••‑02" in browser.page(done.location).text
    for address in ("+79120000001", NEW, "anna@example.ru"):
        kind, values = inbox(address)[-1]
        assert (kind, values["what"]) == ("security", "phone_changed")


def test_the_code_s_field_is_what_phones_fill_in(browser: Client) -> None:
    ask(browser)
    text = browser.get(CODE).text
    assert 'autocomplete="one-time-code"' in text
    assert 'inputmode="numeric"' in text


def test_five_wrong_codes_kill_the_right_one(
    browser: Client, inbox: Inbox, anna: MadeUser, stored: Stored
) -> None:
    ask(browser)
    code = code_of(inbox)
    answers = [browser.submit(CODE, CODE, {"code": wrong(code)}).status_code for _ in range(5)]
    assert answers == [422] * 5
    last = browser.submit(CODE, CODE, {"code": code})
    assert last.status_code == 422
    assert "Запросите новый" in last.text
    assert stored(anna).phone == "+79120000001"


def test_a_code_is_for_the_browser_that_asked(
    browser: Client, inbox: Inbox, anna: MadeUser, sign_in: SignIn, stored: Stored
) -> None:
    ask(browser)
    other = sign_in(anna, "password")
    assert other.get(CODE).status_code == 410
    token = other.page(FORM).form(FORM).fields["csrf_token"]
    typed = {"code": code_of(inbox), "csrf_token": token}
    answer = other.post(CODE, data=typed, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 410
    assert stored(anna).phone == "+79120000001"


def test_a_code_ages(browser: Client, clock: FixedClock) -> None:
    ask(browser)
    clock.moment += timedelta(minutes=5)
    assert browser.get(CODE).status_code == 410


def test_a_new_code_replaces_the_one_before(browser: Client, inbox: Inbox) -> None:
    ask(browser)
    first = code_of(inbox)
    assert browser.submit(CODE, FORM, {}).location == CODE
    second = code_of(inbox)
    assert len(inbox(NEW)) == 2
    if first != second:
        assert browser.submit(CODE, CODE, {"code": first}).status_code == 422
    assert browser.submit(CODE, CODE, {"code": second}).status_code == 303


def test_three_codes_in_ten_minutes_ten_in_a_day(
    browser: Client, inbox: Inbox, clock: FixedClock, anna: MadeUser, sign_in: SignIn
) -> None:
    assert [ask(browser) for _ in range(4)] == [303, 303, 303, 422]
    for _ in range(3):
        clock.moment += timedelta(minutes=11)
        browser = sign_in(anna, "password")
        ask(browser)
        ask(browser)
        ask(browser)
    assert len(inbox(NEW)) == 10


def test_a_number_that_somebody_has_gets_the_same_answer(
    browser: Client, make: Factory, inbox: Inbox, anna: MadeUser, stored: Stored
) -> None:
    make.user(phone=NEW)
    assert ask(browser) == 303
    assert [kind for kind, _ in inbox(NEW)] == ["sms_taken"]
    assert browser.get(CODE).status_code == 200
    assert stored(anna).phone == "+79120000001"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "Введите номер"),
        ("12345", "Проверьте номер"),
        ("+1 202 555 0100", "Проверьте номер"),
        ("8 912 000 00 01", "Это и есть ваш номер"),
    ],
)
def test_bad_input_gets_a_sentence_and_sends_nothing(
    browser: Client, typed: str, told: str, inbox: Inbox
) -> None:
    answer = browser.submit(FORM, FORM, {"phone": typed})
    assert answer.status_code == 422
    assert told in answer.text
    assert inbox("+79120000001") == []


def test_the_number_is_removed_and_told(
    browser: Client, anna: MadeUser, stored: Stored, inbox: Inbox
) -> None:
    url = "/profile/contacts/phone/remove"
    assert browser.submit(url, url, {}).status_code == 303
    assert stored(anna).phone is None
    assert inbox("+79120000001")[-1][1]["what"] == "phone_changed"


def test_the_last_way_to_reach_somebody_stays(
    make: Factory, sign_in: SignIn, stored: Stored
) -> None:
    user = make.user(phone="+79120000009")
    browser = sign_in(user, "password")
    page = browser.page("/profile/contacts/phone/remove")
    assert "Сначала добавьте почту" in page.text
    token = browser.page(FORM).form(FORM).fields["csrf_token"]
    answer = browser.post(
        "/profile/contacts/phone/remove",
        data={"csrf_token": token},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status_code == 422
    assert stored(user).phone == "+79120000009"


def test_nobody_is_offered_a_code_that_nothing_would_carry(browser: Client) -> None:
    page = browser.page("/profile/contacts")
    assert FORM not in page.links
    assert f"{FORM}/remove" in page.links
