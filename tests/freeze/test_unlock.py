"""Opening a locked cabinet takes two proofs of different kinds."""

from datetime import timedelta

import pytest
from flask import Flask

from tests.freeze.person import Person, events, freezes, outbox, sessions
from tesweb.clock import FixedClock
from tesweb.identity.session import COOKIE
from tesweb.journal import services as journal
from tesweb.journal.rules import What
from tesweb.testing.client import Client
from tesweb.testing.pages import Page

PAGE = "/locked/unlock"


def test_password_and_letter_open_it(person: Person) -> None:
    browser = person.locked()
    assert "0 из 2" in browser.page(PAGE).text
    assert person.prove_password(browser).status_code == 303
    assert "1 из 2" in browser.page(PAGE).text
    person.prove(browser, "email")
    before = browser.get_cookie(COOKIE)
    answer = person.unlock(browser)
    assert answer.status_code == 303
    assert not person.is_locked()
    (freeze,) = person.rows(freezes)
    assert freeze.lifted_at is not None
    assert browser.get("/").status_code == 200
    after = browser.get_cookie(COOKIE)
    assert before is not None
    assert after is not None
    assert before.value != after.value


def test_it_is_told_everywhere_and_written_down(person: Person) -> None:
    browser = person.locked()
    person.prove_password(browser)
    person.prove(browser, "sms")
    person.unlock(browser)
    told = person.rows(outbox, outbox.c.template == "security")
    assert len(told) == 4  # two channels, locked and unlocked
    assert [row.what for row in person.rows(events)] == ["frozen", "unfrozen"]
    assert '"proofs": "password sms"' in person.rows(events)[-1].detail


def test_letter_and_text_message_open_it(person: Person) -> None:
    browser = person.locked()
    person.prove(browser, "email")
    person.prove(browser, "sms")
    person.unlock(browser)
    assert not person.is_locked()


def test_one_proof_twice_is_one_proof(person: Person) -> None:
    browser = person.locked()
    fields = browser.page(PAGE).form(f"{PAGE}/password").fields
    data = fields | {"password": person.user.password}
    for _ in range(2):
        browser.post(f"{PAGE}/password", data=data, headers={"Sec-Fetch-Site": "same-origin"})
    answer = browser.post(PAGE, data=fields, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 422
    assert "другим способом" in Page(answer.text).text
    assert person.is_locked()


def test_nothing_opens_it_without_proofs(person: Person) -> None:
    browser = person.locked()
    fields = browser.page(PAGE).form(f"{PAGE}/password").fields
    answer = browser.post(PAGE, data=fields, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 422
    assert person.is_locked()


def test_signing_in_with_a_password_and_an_app_is_two_proofs(person: Person) -> None:
    person.locked()
    browser = person.browser("password totp")
    assert "2 из 2" in browser.page(PAGE).text
    person.unlock(browser)
    assert not person.is_locked()
    assert [row.factors for row in person.rows(sessions)] == ["password totp"]


def test_who_waits_behind_the_lock_is_not_let_in_by_the_owner(person: Person) -> None:
    other, browser = person.locked(), person.browser("password totp")
    person.unlock(browser)
    assert other.get("/").location == "/login?next=/"
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize("factors", ["passkey", "password", "password code"])
def test_one_factor_is_one_proof(person: Person, factors: str) -> None:
    person.locked()
    assert "1 из 2" in person.browser(factors).page(PAGE).text


def test_a_proof_is_good_for_a_quarter_of_an_hour(person: Person, clock: FixedClock) -> None:
    browser = person.locked()
    person.prove_password(browser)
    clock.moment += timedelta(minutes=14)
    assert "1 из 2" in browser.page(PAGE).text
    clock.moment += timedelta(minutes=1)
    assert "0 из 2" in browser.page(PAGE).text


def test_proofs_of_another_browser_do_not_count(person: Person) -> None:
    person.prove_password(person.locked())
    assert "0 из 2" in person.browser().page(PAGE).text


@pytest.mark.parametrize(("days", "counts"), [(6, 0), (8, 1)])
def test_what_was_changed_just_before_proves_nothing(
    person: Person, clock: FixedClock, app: Flask, days: int, counts: int
) -> None:
    with app.app_context(), person.core.database.work() as work:
        journal.record(work, person.user.id, What.RECOVERED)
    clock.moment += timedelta(days=days)
    page = person.locked().page(PAGE)
    assert ("подтверждением не считается" in page.text) is not bool(counts)
    assert (f"{PAGE}/password" in {form.action for form in page.forms}) is bool(counts)
    assert f"{counts} из 2" in person.browser("password").page(PAGE).text


def test_a_password_recovered_while_locked_proves_nothing(
    person: Person, clock: FixedClock, app: Flask
) -> None:
    person.locked()
    clock.moment += timedelta(days=1)
    with app.app_context(), person.core.database.work() as work:
        journal.record(work, person.user.id, What.RECOVERED)
    assert "0 из 2" in person.browser("password").page(PAGE).text


def test_what_only_the_owner_of_the_account_has_is_a_proof(bare: Person) -> None:
    browser = bare.locked()
    form = browser.page(PAGE).form(f"{PAGE}/account")
    assert {"/locked/unlock/email/send", "/locked/unlock/sms/send"}.isdisjoint(
        each.action for each in browser.page(PAGE).forms
    )
    answers = {"bill_code": "4711", "meter": f"0{bare.account.id:07d}1", "payment": "1"}
    right = {name: answers[name] for name in form.names & answers.keys()}
    wrong = browser.submit(PAGE, f"{PAGE}/account", dict.fromkeys(right, "12345"))
    assert wrong.status_code == 422
    assert browser.submit(PAGE, f"{PAGE}/account", right).status_code == 303
    bare.prove_password(browser)
    bare.unlock(browser)
    assert not bare.is_locked()


# ---- codes


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def ask(browser: Client, channel: str = "email") -> None:
    answer = browser.submit(PAGE, f"{PAGE}/{channel}/send", {})
    assert answer.status_code == 303


def type_code(browser: Client, code: str, channel: str = "email") -> int:
    page = f"{PAGE}?sent={channel}"
    return browser.submit(page, f"{PAGE}/{channel}", {"code": code}).status_code


def test_five_wrong_codes_make_the_right_one_worthless(person: Person) -> None:
    browser = person.locked()
    ask(browser)
    right = person.code("email")
    assert [type_code(browser, wrong(right)) for _ in range(5)] == [422] * 5
    assert type_code(browser, right) == 422
    assert "0 из 2" in browser.page(PAGE).text


def test_guessing_is_over_after_twenty_tries_whatever_is_sent(
    person: Person, clock: FixedClock
) -> None:
    browser = person.locked()
    answers: list[int] = []
    for _ in range(5):
        ask(browser)
        right = person.code("email")
        answers += [type_code(browser, wrong(right)) for _ in range(5)]
        clock.moment += timedelta(minutes=4)  # an address gets three messages in ten minutes
    assert answers == [422] * 20 + [429] * 5
    assert browser.submit(PAGE, f"{PAGE}/email/send", {}).status_code == 429


@pytest.mark.parametrize(("minutes", "status"), [(9, 303), (10, 422)])
def test_a_code_works_for_ten_minutes(
    person: Person, clock: FixedClock, minutes: int, status: int
) -> None:
    browser = person.locked()
    ask(browser)
    clock.moment += timedelta(minutes=minutes)
    assert type_code(browser, person.code("email")) == status


def test_a_code_works_once_for_its_own_channel_and_browser(person: Person) -> None:
    browser, other = person.locked(), person.browser()
    ask(browser)
    code = person.code("email")
    assert type_code(other, code) == 422
    ask(browser, "sms")
    if code != person.code("sms"):
        assert type_code(browser, code, "sms") == 422
    assert type_code(browser, f" {code[:3]} {code[3:]} ") == 303
    fields = browser.page(PAGE).form(f"{PAGE}/password").fields
    replay = browser.post(
        f"{PAGE}/email", data=fields | {"code": code}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert replay.status_code == 422


def test_a_wrong_password_is_told_and_counted(person: Person) -> None:
    browser = person.locked()
    values = {"password": "wrong"}
    answers = [browser.submit(PAGE, f"{PAGE}/password", values).status_code for _ in range(21)]
    assert answers == [422] * 20 + [429]


# ---- what was put aside


def test_readings_wait_until_the_owner_says_that_they_are_mine(person: Person) -> None:
    browser = person.browser()
    person.send(browser, "1120")
    person.lock(browser, since="day", day="2026-11-20")
    assert person.states() == [(1120, "quarantined")]
    person.prove_password(browser)
    person.prove(browser, "email")
    location = person.unlock(browser).location
    assert person.states() == [(1120, "quarantined")]
    page = browser.page(location)
    assert "01120" in page.text
    (form,) = [form for form in page.forms if form.action.startswith("/profile/freeze/readings/")]
    answer = browser.submit("/profile/freeze/readings", form.action, {})
    assert answer.status_code == 303
    assert person.states() == [(1120, "accepted")]
    assert "Отложенных показаний нет" in browser.page("/profile/freeze/readings").text


def test_another_s_readings_are_not_theirs_to_release(person: Person, bare: Person) -> None:
    mine = person.browser()
    person.send(mine, "1120")
    person.lock(mine, since="day", day="2026-11-20")
    theirs = bare.browser()
    fields = theirs.page("/more").form("/logout").fields
    headers = {"Sec-Fetch-Site": "same-origin"}
    for number in (1, 999, 2**53):
        theirs.post(f"/profile/freeze/readings/{number}", data=fields, headers=headers)
    assert person.states() == [(1120, "quarantined")]


def test_what_was_sent_anew_waits_no_more(person: Person) -> None:
    browser = person.browser()
    person.send(browser, "1120")
    person.lock(browser, since="day", day="2026-11-20")
    person.prove_password(browser)
    person.prove(browser, "email")
    person.unlock(browser)
    person.send(browser, "1090")
    assert person.states() == [(1120, "quarantined"), (1090, "accepted")]
    assert "Отложенных показаний нет" in browser.page("/profile/freeze/readings").text


def test_there_are_codes_by_letter_and_text_message_only(person: Person) -> None:
    browser = person.locked()
    fields = browser.page(PAGE).form(f"{PAGE}/password").fields
    headers = {"Sec-Fetch-Site": "same-origin"}
    for path in ("pigeon", "pigeon/send", "account/send"):
        assert browser.post(f"{PAGE}/{path}", data=fields, headers=headers).status_code == 404
