"""The old mail or the second factor is lost: a proof, three days, and whoever can stops it."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, text

from tests.recovery.conftest import Letters, events_of
from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.factors.models import Totp
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.factories import Factory, MadeUser

URL, OPEN, STOP = "/recover/access", "/recover/access/open", "/recover/stop"
ACTION = "/recover/access?region=tyumen"
URL_OF = "/recover/access?region=tyumen"
NEW, CODE, SERIAL = "мокрый чайник поёт", "7K3MPQ", "01234567"


@pytest.fixture
def number(make: Factory, anna: MadeUser, core: Core, clock: FixedClock) -> str:
    account = make.account(anna, region="tyumen", bill_code=CODE)
    make.meter(account, serial=SERIAL)
    with core.database.work() as work:
        row = {"user_id": anna.id, "secret": b"x" * 20, "counter": 0, "added_at": clock.moment}
        work.execute(insert(table_of(Totp)).values(row))
    return account.number


def ask(client: Client, number: str, letters: Letters, **more: str) -> dict[str, str]:
    """Ask, and return the path of each template's letter."""
    values = {"login": "anna", "number": number, "bill_code": CODE, "meter": SERIAL}
    answer = client.submit(URL_OF, ACTION, values | {"email": "new@example.ru"} | more)
    assert answer.location == "/recover/waiting", answer.text
    return {one["template"]: one["values"].get("path", "") for one in letters()}


def open_with(client: Client, path: str) -> int:
    form = client.page("/recover").form("/recover").fields
    values = {"csrf_token": form["csrf_token"], "key": path.partition("=")[2], "password": NEW}
    return client.post(OPEN, data=values, headers=SAME_ORIGIN).status_code


def test_after_three_days_the_new_address_opens_it(
    client: Client, number: str, letters: Letters, clock: FixedClock, core: Core
) -> None:
    path = ask(client, number, letters)["access"]
    assert {(one["template"], one["recipient"]) for one in letters()} == {
        ("security", "anna@example.ru"),
        ("security", "+79123456789"),
        ("access_waiting", "anna@example.ru"),
        ("access_waiting", "+79123456789"),
        ("access", "new@example.ru"),
    }
    clock.moment += timedelta(hours=71, minutes=59)
    assert open_with(client, path) == 200  # the page that says from when
    with core.database.read() as reader:
        assert reader.execute(text("SELECT count(*) FROM totps")).scalar() == 1
    clock.moment += timedelta(minutes=1)
    assert client.submit(path, OPEN, {"password": NEW}).location == "/recover/done"
    assert open_with(client, path) == 404
    done = client.submit("/login", "/login", {"login": "new@example.ru", "password": NEW})
    assert (done.status_code, done.location) == (303, "/")
    started, recovered, _signed_in = events_of(core)
    assert started[0] == "recovery_started"
    assert started[1]["told"] == "a•••@example.ru, +7\u00a0912\u00a0•••\u2011••\u201189"
    assert recovered == ("recovered", {"second": "off", "to": "n•••@example.ru"})
    last = {one["recipient"] for one in letters() if "recovered" in one["payload"]}
    assert last == {"anna@example.ru", "new@example.ru", "+79123456789"}


def test_each_old_contact_can_stop_it(
    client: Client, number: str, letters: Letters, clock: FixedClock, core: Core
) -> None:
    paths = ask(client, number, letters)
    assert client.get(paths["access_waiting"]).status_code == 200  # a scanner stops nothing
    assert client.submit(paths["access_waiting"], STOP, {}).location == "/recover/kept"
    assert events_of(core)[-1] == ("recovery_stopped", {"by": "link"})
    assert client.get(paths["access_waiting"]).status_code == 404
    clock.moment += timedelta(hours=73)
    assert open_with(client, paths["access"]) == 404


def test_signing_in_stops_it(
    client: Client, make: Factory, letters: Letters, clock: FixedClock, core: Core
) -> None:
    vera = make.user("vera", email="vera@example.ru")
    account = make.account(vera, region="tyumen", bill_code=CODE)
    make.meter(account, serial=SERIAL)
    path = ask(client, account.number, letters, login="vera")["access"]
    values = {"login": "vera", "password": vera.password}
    client.submit("/login", "/login", values)
    assert ("recovery_stopped", {"by": "sign_in"}) in events_of(core)
    clock.moment += timedelta(hours=73)
    assert open_with(client, path) == 404


def test_asking_again_starts_the_wait_anew(
    client: Client, number: str, letters: Letters, clock: FixedClock
) -> None:
    first = ask(client, number, letters)["access"]
    clock.moment += timedelta(hours=71)
    second = ask(client, number, letters)["access"]
    clock.moment += timedelta(hours=2)
    assert (open_with(client, first), open_with(client, second)) == (404, 200)
    assert client.submit("/login", "/login", {"login": "anna", "password": NEW}).status_code == 422


@pytest.fixture
def others(make: Factory, clock: FixedClock) -> str:
    """The account of an operator and of somebody whose cabinet is locked."""
    make.user("boris")
    boss = make.user("olga", is_operator=True)
    locked = make.user("lena", frozen_at=clock.moment)
    account = make.account(boss, locked, region="tyumen", bill_code=CODE)
    make.meter(account, serial=SERIAL)
    return account.number


@pytest.mark.parametrize("login", ["nobody", "boris", "olga", "lena", "anna"])
def test_who_may_not_gets_the_same_answer_and_no_letter(
    client: Client, others: str, anna: MadeUser, letters: Letters, login: str
) -> None:
    del anna
    assert ask(client, others, letters, login=login) == {}


@pytest.mark.parametrize("wrong", [{"bill_code": "AAAAAA"}, {"meter": "1"}, {"email": "x"}])
def test_a_wrong_proof_starts_nothing(
    client: Client, number: str, letters: Letters, wrong: dict[str, str]
) -> None:
    values = {"login": "anna", "number": number, "bill_code": CODE, "meter": SERIAL}
    answer = client.submit(URL_OF, ACTION, values | {"email": "new@example.ru"} | wrong)
    assert answer.status_code == 422
    assert letters() == []
