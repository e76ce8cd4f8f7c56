"""A request sent since a moment that the owner of a locked cabinet does not trust."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select
from tesweb_readings.commands import disputes as command
from tesweb_readings.models import Answer, Dispute

from tests.freeze.person import Person
from tesweb.accounts.models import Role
from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.freeze.services import Wish, lock
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory

TODAY = {"since": "day", "day": "2026-11-20"}
DOUBTED = "которому владелец кабинета не доверяет"
disputes = table_of(Dispute)
SignIn = Callable[..., Client]


@pytest.fixture
def person(make: Factory, core: Core, sign_in: SignIn) -> Person:
    """Somebody with a meter, an e-mail, and a request that was sent today at noon."""
    user = make.user(email="anna@example.org")
    made = Person(core, user, make.account(user), sign_in)
    make.reading(make.meter(made.account), made.last_month, "1000", "100")
    ask(made)
    return made


def ask(person: Person, value: str = "1010") -> None:
    url = f"/readings/{person.account.id}/dispute"
    answer = person.browser().submit(url, url, {"reading-1-1": value})
    assert answer.status_code == 303


@pytest.fixture
def run(app: Flask) -> Callable[..., Result]:
    def ran(*words: str) -> Result:
        with app.app_context():
            return CliRunner().invoke(command, words)

    return ran


def state(person: Person, number: int = 1) -> str:
    with person.core.database.read() as reader:
        asked = select(disputes.c.answer).where(disputes.c.id == number)
        return str(reader.execute(asked).scalar_one())


def test_it_waits_until_the_cabinet_is_open(person: Person, run: Callable[..., Result]) -> None:
    browser = person.locked(**TODAY)
    assert run("list").output.startswith("1: account")
    assert ", on hold\n" in run("list").output
    refused = run("accept", "1")
    assert refused.exit_code == 1
    assert "its owner may not have sent it" in refused.output
    assert (state(person), person.states()) == (Answer.OPEN, [])
    person.prove_password(browser)
    person.prove(browser, "email")
    assert person.unlock(browser).status_code == 303
    (listed,) = json.loads(run("list", "--json").output)
    assert (listed["on_hold"], listed["doubted"]) == (False, True)
    assert ", doubted\n" in run("list").output
    assert DOUBTED in browser.page(f"/readings/{person.account.id}/disputes/1").text
    assert run("accept", "1").exit_code == 0
    assert [value for value, _ in person.states()] == [1010]


@pytest.mark.parametrize("wish", [{}, {"since": "day", "day": "2026-11-20", "hour": "12:30"}])
def test_what_is_trusted_does_not_wait(
    person: Person, run: Callable[..., Result], clock: FixedClock, wish: dict[str, str]
) -> None:
    clock.moment += timedelta(hours=1)
    person.locked(**wish)
    (listed,) = json.loads(run("list", "--json").output)
    assert (listed["on_hold"], listed["doubted"]) == (False, False)
    assert run("accept", "1").exit_code == 0


def test_what_is_not_the_owner_s_can_be_refused(person: Person, run: Callable[..., Result]) -> None:
    person.locked(**TODAY)
    assert run("refuse", "1", "--why", "Это были не вы").exit_code == 0
    assert state(person) == Answer.REFUSED


def test_another_member_s_request_does_not_wait(
    person: Person, make: Factory, sign_in: SignIn, run: Callable[..., Result]
) -> None:
    member = make.user()
    make.link(member, person.account.id, Role.PAYER)
    ask(Person(person.core, member, person.account, sign_in), "1020")
    person.locked(**TODAY)
    assert [fact["on_hold"] for fact in json.loads(run("list", "--json").output)] == [True, False]
    page = sign_in(member).page(f"/readings/{person.account.id}/disputes/1")
    assert "Заявка отложена" in page.text
    assert "Заявка отложена" not in (
        sign_in(member).page(f"/readings/{person.account.id}/disputes/2").text
    )
    assert run("accept", "2").exit_code == 0


def test_what_is_sent_after_the_unlocking_is_not_doubted(
    person: Person, run: Callable[..., Result], clock: FixedClock
) -> None:
    browser = person.locked(**TODAY)
    person.prove_password(browser)
    person.prove(browser, "email")
    person.unlock(browser)
    clock.moment += timedelta(minutes=1)
    ask(person, "1030")
    assert [fact["doubted"] for fact in json.loads(run("list", "--json").output)] == [True, False]


def test_of_taking_and_locking_at_once_one_comes_first(
    person: Person, app: Flask, core: Core, clock: FixedClock, run: Callable[..., Result]
) -> None:
    def freeze() -> None:
        with app.test_request_context(), core.database.work() as work:
            lock(work, person.user.id, Wish(clock.now() - timedelta(hours=1)))

    with ThreadPoolExecutor(2) as threads:
        taking, locking = threads.submit(run, "accept", "1"), threads.submit(freeze)
        locking.result()
        taken = taking.result().exit_code == 0
    assert (state(person), len(person.states())) == (("taken", 1) if taken else ("open", 0))
