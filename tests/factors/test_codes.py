"""Codes of an app and codes on paper: setting up, signing in, using up."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from tests.factors.authenticator import LONELY, Authenticator
from tests.factors.phones import APP, PAPER, SECOND, STEP, Phone, begin, new_set
from tests.factors.steps import enrol, events, is_in
from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.factors.models import RecoveryCode, Totp
from tesweb.identity.session import COOKIE
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeUser

Browser = Callable[[], Client]


def password(client: Client, user: MadeUser, wanted: str = "") -> None:
    url = f"/login?next={wanted}" if wanted else "/login"
    answers = {"login": user.login, "password": user.password}
    assert client.submit(url, "/login", answers).location == SECOND


def enter(client: Client, user: MadeUser, code: str) -> int:
    password(client, user)
    return client.submit(SECOND, SECOND, {"code": code}).status_code


def test_an_app_is_set_up_by_one_code_of_it(
    owner: Client, clock: FixedClock, user: MadeUser, core: Core
) -> None:
    phone = begin(owner, clock)
    html = owner.get(APP).text
    assert 'src="data:image/svg+xml' in html
    secret = phone.facts["secret"][0]
    assert " ".join(re.findall(".{4}", secret)) in html
    assert len(secret) >= 32
    wrong = owner.submit(APP, APP, {"code": "000000"})
    assert wrong.status_code == 422
    assert "Код не подошёл" in wrong.text
    typed = f" {phone.code()[:3]} {phone.code()[3:]} "
    assert owner.submit(APP, APP, {"code": typed}).location == f"{PAPER}?done=added"
    assert events(core, user.id)[-1] == "totp_added"
    assert "otpauth" not in owner.get(APP).text, "the secret is shown no more"


def test_a_clock_that_is_off_is_told(owner: Client, clock: FixedClock) -> None:
    phone = begin(owner, clock)
    answer = owner.submit(APP, APP, {"code": phone.code(6)})
    assert answer.status_code == 422
    assert "Часы на телефоне" in answer.text


def test_without_the_code_of_the_app_nobody_is_in(
    app_phone: Phone, browser: Browser, user: MadeUser
) -> None:
    client = browser()
    password(client, user, "/more")
    assert not is_in(client)
    assert client.submit(SECOND, SECOND, {"code": "123456"}).status_code == 422
    assert not is_in(client)
    done = client.submit(SECOND, SECOND, {"code": app_phone.code()})
    assert done.location == "/more"
    assert is_in(client)
    assert client.get(APP).status_code == 200


@pytest.mark.parametrize("steps", [-2, -1, 0, 1, 2])
def test_a_step_before_and_after_is_accepted(
    app_phone: Phone, browser: Browser, user: MadeUser, clock: FixedClock, steps: int
) -> None:
    clock.moment += 4 * STEP
    is_near = abs(steps) <= 1
    assert enter(browser(), user, app_phone.code(steps)) == (303 if is_near else 422)


def test_a_code_works_once_and_no_older_one_after_it(
    app_phone: Phone, browser: Browser, user: MadeUser, clock: FixedClock
) -> None:
    clock.moment += 4 * STEP
    assert enter(browser(), user, app_phone.code()) == 303
    client = browser()
    password(client, user)
    for steps in (0, -1):
        answer = client.submit(SECOND, SECOND, {"code": app_phone.code(steps)})
        assert answer.status_code == 422
        assert "уже использован" in answer.text
    assert enter(browser(), user, app_phone.code(1)) == 303


def test_a_code_that_set_the_app_up_signs_nobody_in(
    owner: Client, clock: FixedClock, browser: Browser, user: MadeUser
) -> None:
    phone = begin(owner, clock)
    code = phone.code()
    owner.submit(APP, APP, {"code": code})
    assert enter(browser(), user, code) == 422


def test_after_five_wrong_codes_the_password_is_asked_for_anew(
    app_phone: Phone, browser: Browser, user: MadeUser, clock: FixedClock
) -> None:
    client = browser()
    password(client, user)
    for _ in range(4):
        assert client.submit(SECOND, SECOND, {"code": "000000"}).status_code == 422
    last = client.submit(SECOND, SECOND, {"code": "000000"})
    assert "Войдите ещё раз" in last.text
    clock.moment += timedelta(minutes=6)
    answer = client.get(SECOND)
    assert answer.location == "/login"
    assert not is_in(client)
    assert enter(browser(), user, app_phone.code()) == 303


def test_codes_are_limited_for_the_user_from_wherever(
    app_phone: Phone, browser: Browser, user: MadeUser, clock: FixedClock
) -> None:
    for _ in range(5):
        assert enter(browser(), user, "000000") == 422
    assert enter(browser(), user, app_phone.code()) == 429
    tried = 6
    while tried < 20:
        clock.moment += timedelta(minutes=5, seconds=1)
        for _ in range(min(5, 20 - tried)):
            enter(browser(), user, "000000")
            tried += 1
    clock.moment += timedelta(minutes=5, seconds=1)
    assert enter(browser(), user, app_phone.code()) == 429, "twenty an hour"
    clock.moment += timedelta(hours=1)
    assert enter(browser(), user, app_phone.code()) == 303


def test_the_owner_may_sign_in_as_often_as_needed(
    app_phone: Phone, browser: Browser, user: MadeUser, clock: FixedClock
) -> None:
    for _ in range(7):
        clock.moment += STEP
        assert enter(browser(), user, app_phone.code()) == 303


def test_the_second_step_ends_after_ten_minutes(
    app_phone: Phone, browser: Browser, user: MadeUser, clock: FixedClock
) -> None:
    client = browser()
    password(client, user)
    clock.moment += timedelta(minutes=10, seconds=1)
    assert client.get(SECOND).location == "/login"
    assert app_phone


def test_the_second_step_is_the_browsers_own(
    app_phone: Phone, browser: Browser, user: MadeUser
) -> None:
    client = browser()
    password(client, user)
    fields = client.page(SECOND).form(SECOND).fields
    thief = browser()
    thief.get("/login")
    mine = thief.page("/login").form("/login").fields["csrf_token"]
    sent = fields | {"csrf_token": mine, "code": app_phone.code()}
    answer = thief.post(SECOND, data=sent, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 422
    assert not is_in(thief)


def test_the_secret_is_unreadable_at_rest(app_phone: Phone, core: Core) -> None:
    with core.database.read() as reader:
        sealed = reader.execute(select(table_of(Totp).c.secret)).scalar_one()
        kept = " ".join(reader.execute(text("SELECT payload FROM challenges")).scalars())
    secret = app_phone.facts["secret"][0]
    assert secret.encode() not in sealed
    assert secret not in kept
    assert len(sealed) > len(secret)


def test_an_app_can_be_switched_off_and_its_codes_go_with_it(
    paper: list[str], owner: Client, browser: Browser, user: MadeUser, core: Core
) -> None:
    assert owner.submit(APP, f"{APP}/remove", {}).location == f"{APP}?done=removed"
    assert events(core, user.id)[-1] == "totp_removed"
    client = browser()
    answers = {"login": user.login, "password": user.password}
    assert client.submit("/login", "/login", answers).location == "/"
    with core.database.read() as reader:
        assert reader.execute(select(table_of(RecoveryCode))).all() == []
    assert paper


def test_switching_it_off_wants_a_fresh_proof(
    app_phone: Phone, owner: Client, clock: FixedClock
) -> None:
    clock.moment += timedelta(minutes=16)
    for url in (APP, PAPER):
        assert owner.get(url).location == f"/confirm?next={url}"
    assert app_phone


def test_a_new_phone_replaces_the_old_one(
    app_phone: Phone, owner: Client, browser: Browser, user: MadeUser, clock: FixedClock
) -> None:
    fresh = begin(owner, clock)
    assert enter(browser(), user, app_phone.code()) == 303, "the old one works until then"
    clock.moment += STEP
    assert owner.submit(APP, APP, {"code": fresh.code()}).status_code == 303
    clock.moment += STEP
    assert enter(browser(), user, app_phone.code()) == 422
    assert enter(browser(), user, fresh.code()) == 303


def test_setting_it_up_raises_the_session_under_a_new_id(owner: Client, clock: FixedClock) -> None:
    phone = begin(owner, clock)
    before = owner.get_cookie(COOKIE)
    owner.submit(APP, APP, {"code": phone.code()})
    after = owner.get_cookie(COOKIE)
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert owner.get(APP).status_code == 200


def test_ten_codes_are_shown_once(app_phone: Phone, owner: Client, core: Core) -> None:
    made = new_set(owner)
    assert len(set(made)) == 10
    assert not re.search(r"\d{5} \d{5} \d{5}", owner.get(PAPER).text)
    assert "Вы сохранили новые коды?" in owner.page(PAPER).text
    digits = [code.replace(" ", "") for code in made]
    with core.database.read() as reader:
        kept = " ".join(reader.execute(text("SELECT payload FROM challenges")).scalars())
    assert not any(code in kept for code in digits)
    assert kept.count("$argon2id$") == 10
    assert app_phone


def test_codes_work_only_after_one_proved_that_they_were_kept(
    app_phone: Phone, owner: Client, browser: Browser, user: MadeUser, core: Core
) -> None:
    made = new_set(owner)
    assert enter(browser(), user, made[1]) == 422
    wrong = owner.submit(PAPER, f"{PAPER}/check", {"code": "1" * 20})
    assert wrong.status_code == 422
    done = owner.submit(PAPER, f"{PAPER}/check", {"code": made[0].replace(" ", "-")})
    assert done.location == f"{PAPER}?done=saved"
    assert "Осталось 9 кодов" in owner.page(PAPER).text
    assert events(core, user.id)[-1] == "codes_made"
    assert enter(browser(), user, made[1]) == 303
    assert events(core, user.id).count("code_used") == 1
    assert app_phone


def test_a_used_code_is_told_to_be_used(
    paper: list[str], browser: Browser, user: MadeUser, owner: Client
) -> None:
    assert enter(browser(), user, paper[0]) == 303
    client = browser()
    password(client, user)
    page = client.page(f"{SECOND}?paper=1")
    assert "Двадцать цифр" in page.text
    assert "/recover/access" in page.links
    answer = client.submit(f"{SECOND}?paper=1", SECOND, {"code": paper[0]})
    assert "уже использован" in answer.text
    assert not is_in(client)
    assert "Осталось 8 кодов" in owner.page(PAPER).text


def test_a_new_set_replaces_the_old_one_once_it_is_proved(
    paper: list[str], owner: Client, browser: Browser, user: MadeUser
) -> None:
    made = new_set(owner)
    assert enter(browser(), user, paper[0]) == 303, "nothing is lost by looking"
    owner.submit(PAPER, f"{PAPER}/check", {"code": made[0]})
    assert enter(browser(), user, paper[1]) == 422
    assert enter(browser(), user, made[1]) == 303


def test_anothers_codes_open_nothing(
    paper: list[str],
    make: Factory,
    sign_in: Callable[..., Client],
    browser: Browser,
    clock: FixedClock,
) -> None:
    other = make.user()
    client = sign_in(other, "password")
    phone = begin(client, clock)
    client.submit(APP, APP, {"code": phone.code()})
    assert enter(browser(), other, paper[0]) == 422


def test_codes_stand_in_for_a_factor_that_is_there(owner: Client) -> None:
    assert "сначала подключите" in owner.page(PAPER).text
    with pytest.raises(LookupError):
        owner.page(PAPER).form(PAPER)


def test_a_passkey_on_one_device_leads_to_the_codes(owner: Client) -> None:
    enrol(owner, Authenticator(flags=LONELY))
    assert "запасные коды" in owner.page("/profile/passkeys").text
    assert len(new_set(owner)) == 10


@pytest.mark.parametrize("code", ["", "abc", "1" * 65, "１２３４５６", "\x00"])
def test_what_is_no_code_is_told_beside_the_field(
    app_phone: Phone, browser: Browser, user: MadeUser, code: str
) -> None:
    client = browser()
    password(client, user)
    answer = client.submit(SECOND, SECOND, {"code": code})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert app_phone
