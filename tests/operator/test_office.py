"""A locked cabinet whose password is lost: two operators, one code, and still two proofs."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import insert, select, text

from tests.operator.conftest import GROUND, NEW, STRONG, Office
from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.factors.models import Totp
from tesweb.identity.models import Session
from tesweb.journal import services as journal
from tesweb.journal.rules import What
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.factories import Factory, MadeUser
from tesweb.testing.pages import Page

CODE = "/recover/office"
UNLOCK = "/locked/unlock"
SignIn = Callable[..., Client]


def code_of(shown: str) -> str:
    """The code as the page shows it, in groups of five."""
    found = re.search(r"\d{5}(?: \d{5}){3}", Page(shown).text)
    assert found is not None
    return found.group()


def type_code(client: Client, code: str, password: str = NEW) -> int:
    answer = client.submit(CODE, CODE, {"key": code, "password": password})
    return answer.status_code


def signed_in(client: Client, password: str) -> int:
    values = {"login": "anna", "password": password}
    return client.submit("/login", "/login", values).status_code


def test_two_operators_and_one_more_proof_open_it(office: Office, client: Client) -> None:
    shown = office.start(office.first)
    assert shown.status_code == 200
    code = code_of(shown.text)
    assert type_code(client, code) == 422  # nobody has confirmed it
    assert signed_in(client, NEW) == 422
    page = office.first.page(office.page)
    assert f"{office.page}/confirm" not in {form.action for form in page.forms}
    assert "Ждёт второго сотрудника" in page.text
    assert office.confirm(office.second).location == office.page
    assert client.get(f"{CODE}?key={code}").status_code == 200  # a scanner changes nothing
    assert type_code(client, code) == 303
    assert type_code(client, code) == 422
    assert office.is_locked()
    assert signed_in(client, NEW) == 303
    page = client.page(UNLOCK)
    assert "1 из 2" in page.text
    assert f"{UNLOCK}/password" not in {form.action for form in page.forms}
    client.submit(UNLOCK, f"{UNLOCK}/email/send", {})
    letter = office.letters("unfreeze")["anna@example.org"]
    client.submit(f"{UNLOCK}?sent=email", f"{UNLOCK}/email", {"code": letter["code"]})
    client.submit(UNLOCK, UNLOCK, {})
    assert not office.is_locked()
    assert office.events()[-1][1]["proofs"] == "email office"


def test_it_is_written_down_and_told_at_every_contact(office: Office, client: Client) -> None:
    code = code_of(office.start(office.first).text)
    office.confirm(office.second)
    type_code(client, code)
    kinds = [what for what, _ in office.events()]
    assert kinds == ["frozen", "office_started", "office_confirmed", "password_changed"]
    facts = dict(office.events())
    started, confirmed = facts["office_started"], facts["office_confirmed"]
    assert started["ground"] == GROUND
    assert started["operator"] != confirmed["operator"]
    told = office.letters("office_started")
    assert set(told) == {"anna@example.org", "+79001234567"}
    assert all(letter["path"].startswith("/recover/stop?key=") for letter in told.values())
    assert set(office.letters("security")) == set(told)
    assert code not in str(office.events())


def test_each_contact_can_stop_it(office: Office, client: Client) -> None:
    code = code_of(office.start(office.first).text)
    office.confirm(office.second)
    path = office.letters("office_started")["+79001234567"]["path"]
    assert client.get(path).status_code == 200
    assert client.submit(path, "/recover/stop", {}).location == "/recover/kept"
    assert type_code(client, code) == 422
    assert office.events()[-1] == ("office_stopped", {"by": "link"})


def test_the_first_operator_can_neither_confirm_nor_come_in(office: Office) -> None:
    code = code_of(office.start(office.first).text)
    fields = office.first.page(office.page).form(f"{office.page}/stop").fields
    url = f"{office.page}/confirm"
    assert office.first.post(url, data=fields, headers=SAME_ORIGIN).status_code == 403
    assert type_code(office.first, code) == 422
    stopped = office.second.post(f"{office.page}/stop", data=csrf(office), headers=SAME_ORIGIN)
    assert stopped.status_code == 303
    assert office.events()[-1][0] == "office_stopped"
    assert office.second.post(url, data=csrf(office), headers=SAME_ORIGIN).status_code == 404


def csrf(office: Office) -> dict[str, str]:
    """The token of the second operator's browser."""
    return office.second.page("/operator").form("/logout").fields


def test_sent_to_a_contact_no_operator_sees_it(office: Office, client: Client) -> None:
    assert office.start(office.first, way="email").location == office.page
    assert office.letters("office") == {}
    office.confirm(office.second)
    (recipient, letter), *more = office.letters("office").items()
    assert (recipient, more) == ("anna@example.org", [])
    page = client.page(letter["path"])
    assert client.submit(letter["path"], CODE, {"password": NEW}).status_code == 303
    assert signed_in(client, NEW) == 303
    assert letter["path"].partition("=")[2] in str(page.form(CODE).fields)


@pytest.mark.parametrize(("way", "offered"), [("email", False), ("sms", True)])
def test_a_contact_that_may_be_a_thiefs_is_not_offered(  # noqa: PLR0913 - fixtures
    make: Factory,
    office: Office,
    app: Flask,
    locked: Callable[[MadeUser], int],
    *,
    way: str,
    offered: bool,
) -> None:
    robbed = make.user("vera", email="thief@example.org", phone="+79001234560")
    with app.app_context(), office.core.database.work() as work:
        journal.record(work, robbed.id, What.EMAIL_CHANGED)
    office.resident, office.number = robbed, locked(robbed)
    assert (office.start(office.first, way=way).status_code == 303) is offered
    if offered:
        told = office.letters("office_started")
        assert told["thief@example.org"]["path"] == ""
        assert told["+79001234560"]["path"]


def test_the_new_password_counts_for_nothing_and_the_office_for_a_day(
    office: Office, client: Client, clock: FixedClock
) -> None:
    code = code_of(office.start(office.first).text)
    office.confirm(office.second)
    type_code(client, code)
    clock.moment += timedelta(hours=23)
    signed_in(client, NEW)
    assert "1 из 2" in client.page(UNLOCK).text
    clock.moment += timedelta(hours=1)
    assert "0 из 2" in client.page(UNLOCK).text


def test_the_offices_word_is_worth_nothing_to_who_came_in_otherwise(
    office: Office, client: Client, sign_in: SignIn
) -> None:
    code = code_of(office.start(office.first).text)
    before = sign_in(office.resident, "password")
    office.confirm(office.second)
    type_code(client, code)
    assert before.get(UNLOCK).status_code == 303  # every session has ended
    stranger = sign_in(office.resident, "passkey")
    assert "1 из 2" in stranger.page(UNLOCK).text  # the passkey's own


@pytest.mark.parametrize("second", [False, True])
def test_the_second_step_goes_only_where_it_is_said(
    office: Office, client: Client, clock: FixedClock, *, second: bool
) -> None:
    with office.core.database.work() as work:
        row = {"user_id": office.resident.id, "secret": b"x" * 20, "counter": 0}
        work.execute(insert(table_of(Totp)).values(row | {"added_at": clock.moment}))
    code = code_of(office.start(office.first, **({"second": "y"} if second else {})).text)
    office.confirm(office.second)
    type_code(client, code)
    values = {"login": "anna", "password": NEW}
    assert (client.submit("/login", "/login", values).location == "/login/code") is not second


def test_a_code_is_worthless_after_a_day_and_once_the_cabinet_is_open(
    office: Office, client: Client, clock: FixedClock, sign_in: SignIn
) -> None:
    code = code_of(office.start(office.first).text)
    office.confirm(office.second)
    sign_in(office.resident, STRONG).submit(UNLOCK, UNLOCK, {})
    assert not office.is_locked()
    assert type_code(client, code) == 422
    clock.moment += timedelta(days=1)
    assert type_code(client, code) == 422


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"ground": ""}, "Напишите, что предъявлено"),
        ({"ground": "паспорт 71 04 123456"}, "Уберите длинный номер"),
        ({"ground": "x" * 201}, "не длиннее 200"),
        ({"way": "owl"}, "Выберите, как человек получит код"),
    ],
)
def test_what_is_filled_in_wrongly_changes_nothing(
    office: Office, values: dict[str, str], sentence: str
) -> None:
    answer = office.start(office.first, **values)
    assert answer.status_code == 422
    assert sentence in Page(answer.text).text
    assert [what for what, _ in office.events()] == ["frozen"]


def test_an_operators_cabinet_is_not_opened_here(
    make: Factory, office: Office, locked: Callable[[MadeUser], int]
) -> None:
    office.number = locked(make.user(is_operator=True))
    office.look(office.first)
    page = office.first.page(office.page)
    assert f"{office.page}/help" not in {form.action for form in page.forms}
    fields = csrf_of(office.first) | {"ground": GROUND, "way": "hand"}
    answer = office.first.post(f"{office.page}/help", data=fields, headers=SAME_ORIGIN)
    assert answer.status_code == 422


def csrf_of(browser: Client) -> dict[str, str]:
    return browser.page("/operator").form("/logout").fields


@pytest.mark.parametrize(
    ("is_operator", "factors", "status"),
    [(False, STRONG, 404), (True, "password", 403), (True, "", 303)],
)
def test_it_wants_an_operator_two_factors_and_a_fresh_proof(  # noqa: PLR0913 - fixtures
    make: Factory, sign_in: SignIn, office: Office, *, is_operator: bool, factors: str, status: int
) -> None:
    browser = sign_in(make.user(is_operator=is_operator), factors)
    assert browser.get(office.page).status_code == status
    fields = browser.page("/more").form("/logout").fields
    for act in ("look", "help", "confirm", "stop"):
        answer = browser.post(f"{office.page}/{act}", data=fields, headers=SAME_ORIGIN)
        assert answer.status_code == status


def test_an_old_proof_is_asked_for_anew(office: Office, clock: FixedClock) -> None:
    office.look(office.first)
    clock.moment += timedelta(minutes=15)
    answer = office.first.get(office.page)
    assert answer.location.startswith("/confirm")


@pytest.mark.parametrize(
    ("typed", "status"), [("{number}", 303), ("№ {number}", 303), ("x", 422), ("77", 422)]
)
def test_it_is_found_by_its_request_number(office: Office, typed: str, status: int) -> None:
    number = typed.format(number=office.number)
    answer = office.first.get("/operator/cabinets", query_string={"number": number})
    assert answer.status_code == status
    if status == 303:
        assert answer.location == office.page
    shown = office.first.page(office.page)
    assert "ул. Республики" not in shown.text  # the look is not written down yet
    office.look(office.first)
    assert "ул. Республики" in office.first.page(office.page).text


def test_nobodys_session_comes_of_it(office: Office, client: Client) -> None:
    code = code_of(office.start(office.first).text)
    office.confirm(office.second)
    type_code(client, code)
    sessions = table_of(Session)
    with office.core.database.read() as reader:
        owners = set(reader.execute(select(sessions.c.user_id)).scalars())
    assert office.resident.id not in owners


def test_a_look_at_one_cabinet_shows_no_other(
    office: Office,
    make: Factory,
    core: Core,
    locked: Callable[[MadeUser], int],
) -> None:
    """Each look is in the journal under what was looked at, so one must not open the next."""
    other = make.user("boris", email="boris@example.org")
    make.account(other, address="г. Тюмень, ул. Ленина, д. 7, кв. 7")
    page = f"/operator/cabinets/{locked(other)}"
    office.look(office.first)
    assert "ул. Ленина" not in office.first.page(page).text
    assert "ул. Ленина" not in office.first.page("/operator").text
    office.first.submit(page, f"{page}/look", {})
    assert "ул. Ленина" in office.first.page(page).text
    assert "ул. Ленина" not in office.second.page(page).text
    looks = text("SELECT count(*) FROM security_events WHERE what = 'operator_looked'")
    with core.database.read() as reader:
        assert reader.execute(looks).scalar() == 2
