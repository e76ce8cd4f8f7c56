"""Linking: number, proof, masked address, «Всё верно»; a second holder asks the first."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask

from tests.accounts.conftest import CODE, CONFIRM, LINK, MASKED, MINE, Enter, events, letters, roles
from tesweb.accounts.models import Role
from tesweb.accounts.services import Linked, link
from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.messages.texts import compose
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.factories import Factory, MadeAccount, MadeUser

FULL = f"{LINK}?full=1"


@dataclass(frozen=True, slots=True)
class Street:
    """What most stories need."""

    core: Core
    make: Factory
    enter: Enter
    account: MadeAccount


@pytest.fixture
def street(core: Core, make: Factory, enter: Enter, account: MadeAccount) -> Street:
    return Street(core, make, enter, account)


def prove(client: Client, account: MadeAccount, url: str = LINK, **answers: str) -> str:
    """Give the proof and say where it leads."""
    action = f"{LINK}?region=tyumen" + ("&full=1" if url == FULL else "")
    answer = client.submit(url, action, {"number": account.number, "bill_code": CODE} | answers)
    return answer.location if answer.status_code == 303 else answer.text


def confirm(client: Client) -> str:
    """Press «Всё верно» and say what became of it."""
    return client.submit(CONFIRM, CONFIRM, {}).location.rpartition("done=")[2]


def test_the_first_holder_is_the_owner_at_once(
    core: Core, make: Factory, enter: Enter, account: MadeAccount
) -> None:
    user = make.user(email="anna@example.ru")
    client = enter(user)
    assert prove(client, account) == CONFIRM
    page = client.page(CONFIRM).text
    assert MASKED in page
    assert "Республики" not in page
    assert "142" not in page
    assert roles(core, account) == {}
    assert confirm(client) == "owner"
    assert roles(core, account) == {user.id: "owner"}
    assert "Республики" in client.page(MINE).text
    assert [what for what, _ in events(core, user)] == ["account_linked"]
    assert [to for to, _ in letters(core, "security")] == ["anna@example.ru"]


def test_the_number_may_be_typed_with_spaces_and_dashes(
    make: Factory, enter: Enter, account: MadeAccount
) -> None:
    typed = f" {account.number[:4]}-{account.number[4:8]} {account.number[8:]} "
    assert prove(enter(make.user()), account, number=typed, bill_code="41720936") == CONFIRM


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"number": "72O4"}, "только цифры"),
        ({"number": ""}, "Введите номер лицевого счёта"),
        ({"bill_code": ""}, "Введите код, который напечатан на бумажной квитанции."),
        ({"bill_code": "1" * 101}, "Слишком длинно"),
        ({"bill_code": "9999-9999"}, "Это не совпадает с нашими данными."),
        ({"number": "7204 9999 9999"}, "Это не совпадает с нашими данными."),
    ],
)
def test_what_is_wrong_is_said_and_no_address_is_seen(
    street: Street, answers: dict[str, str], said: str
) -> None:
    core, account = street.core, street.account
    client = street.enter(street.make.user())
    page = prove(client, account, **answers)
    assert said in page
    assert "ул." not in page.partition("<main")[2]
    assert client.get(CONFIRM).location == LINK
    assert client.post(CONFIRM, headers=SAME_ORIGIN).status_code in {303, 400}
    assert roles(core, account) == {}


def test_the_sixth_wrong_proof_of_a_day_is_told_whoever_sends_it(
    make: Factory, enter: Enter, account: MadeAccount
) -> None:
    for _ in range(5):
        assert "не совпадает" in prove(enter(make.user()), account, bill_code="1")
    assert "слишком много неверных ответов" in prove(enter(make.user()), account)


def test_a_proof_is_good_in_its_own_browser_once_and_as_long_as_it_is_fresh(
    core: Core, make: Factory, enter: Enter, account: MadeAccount, clock: FixedClock
) -> None:
    user, stranger = make.user(), make.user()
    client = enter(user)
    prove(client, account)
    assert enter(stranger).get(CONFIRM).location == LINK
    assert enter(user).get(CONFIRM).location == LINK
    # Somebody else signs in in the browser of the proof: its session has another id.
    clock.moment += timedelta(minutes=31)
    assert client.get(CONFIRM).location == f"/confirm?next={CONFIRM}"
    clock.moment -= timedelta(minutes=31)
    confirm(client)
    assert client.get(CONFIRM).location == LINK
    assert roles(core, account) == {user.id: "owner"}


def test_a_second_holder_waits_for_an_owner_who_is_told(
    app: Flask, core: Core, make: Factory, enter: Enter, account: MadeAccount
) -> None:
    owner = make.user(name="Анна Петровна Иванова", email="anna@example.ru")
    second = make.user(name="Борис Сергеевич Петров")
    make.link(owner, account.id, Role.OWNER)
    client = enter(second)
    prove(client, account)
    assert "уже есть владелец" in client.page(CONFIRM).text
    assert confirm(client) == "asked"
    assert roles(core, account) == {owner.id: "owner"}
    page = client.page(MINE).text
    assert "ждёт ответа владельца" in page
    assert "Республики" not in page
    assert client.get(f"/accounts/{account.id}/").status_code == 404
    ((what, detail),) = events(core, owner)
    assert (what, detail["member"]) == ("consent_asked", "Борис П.")
    assert [to for to, _ in letters(core, "security")] == ["anna@example.ru"]
    ((_, values),) = letters(core, "security")
    with app.app_context():
        told = compose("security", "email", "ru", values).body
    assert "Кто: Борис П." in told
    assert "/profile/accounts\n" in told
    # Asked again, the owner is not told again.
    prove(client, account)
    assert confirm(client) == "asked"
    assert len(events(core, owner)) == 1


@pytest.mark.parametrize(("answer", "done"), [("allow", "allowed"), ("refuse", "refused")])
def test_the_owner_decides(street: Street, answer: str, done: str) -> None:
    core, make, enter, account = street.core, street.make, street.enter, street.account
    owner, second = make.user(name="Анна Иванова"), make.user(name="Борис Петров")
    make.link(owner, account.id, Role.OWNER)
    asking = enter(second)
    prove(asking, account)
    confirm(asking)
    client, people = enter(owner), f"/accounts/{account.id}/people"
    assert "1 человек просит доступ" in client.page(MINE).text
    page = client.page(people)
    assert "Борис П. просит доступ" in page.text
    (question,) = {link for link in page.links if "/questions/" in link}
    sent = client.page(question).form(question).fields | {"answer": answer, "role": "reader"}
    given = client.submit(question, question, {"answer": answer, "role": "reader"})
    assert given.location == f"{people}?done={done}"
    allowed = {owner.id: "owner", second.id: "reader"}
    assert roles(core, account) == (allowed if answer == "allow" else {owner.id: "owner"})
    # The same page sent again opens nothing.
    assert client.get(question).status_code == 404
    again = client.post(question, headers=SAME_ORIGIN, data=sent)
    assert again.status_code == 404
    prove(asking, account)
    if answer == "refuse":
        assert confirm(asking) == "refused"
        assert "владелец не дал доступ" in asking.page(MINE).text


def test_an_answer_needs_a_role_and_comes_within_three_days(
    make: Factory, enter: Enter, account: MadeAccount, core: Core, clock: FixedClock
) -> None:
    owner, second = make.user(), make.user()
    make.link(owner, account.id, Role.OWNER)
    asking = enter(second)
    prove(asking, account)
    confirm(asking)
    client = enter(owner)
    (question,) = {
        link
        for link in client.page(f"/accounts/{account.id}/people").links
        if "/questions/" in link
    }
    assert client.submit(question, question, {"answer": "allow"}).status_code == 422
    clock.moment += timedelta(hours=72)
    assert enter(owner).get(question).status_code == 404
    assert "просит доступ" not in enter(owner).page(f"/accounts/{account.id}/people").text
    assert roles(core, account) == {owner.id: "owner"}


def test_a_full_proof_needs_no_consent_and_every_holder_is_told(
    core: Core, make: Factory, enter: Enter, account: MadeAccount
) -> None:
    owner, payer, second = make.user(), make.user(), make.user(name="Борис Сергеевич Петров")
    make.link(owner, account.id, Role.OWNER)
    make.link(payer, account.id, Role.PAYER)
    client = enter(second)
    assert "не совпадает" in prove(client, account, FULL, meter="417584")
    assert prove(client, account, FULL, meter="417583") == CONFIRM
    assert confirm(client) == "owner"
    assert roles(core, account)[second.id] == "owner"
    for holder in (owner, payer):
        ((what, detail),) = events(core, holder)
        assert (what, detail["member"]) == ("member_joined", "Борис П.")
        assert detail["account"] == f"…{account.number[-4:]}"


def test_who_has_access_already_is_told_so(
    core: Core, make: Factory, enter: Enter, account: MadeAccount
) -> None:
    reader, owner = make.user(), make.user()
    make.link(owner, account.id, Role.OWNER)
    make.link(reader, account.id, Role.READER)
    client = enter(reader)
    prove(client, account, FULL, meter="417583")
    assert "уже есть в вашем кабинете" in client.page(CONFIRM).text
    assert roles(core, account)[reader.id] == "reader"


def test_two_who_link_at_the_same_moment_are_one_owner_and_one_question(
    app: Flask, core: Core, make: Factory, account: MadeAccount
) -> None:
    users = [make.user() for _ in range(4)]

    def go(user: MadeUser) -> Linked:
        with app.app_context(), core.database.work() as work:
            return link(work, user.id, account.id)

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(go, users))
    assert sorted(outcomes) == [Linked.ASKED] * 3 + [Linked.OWNER]
    assert list(roles(core, account).values()) == ["owner"]


def test_one_who_presses_twice_is_linked_once(
    app: Flask, core: Core, make: Factory, account: MadeAccount
) -> None:
    user = make.user()

    def go(_: int) -> Linked:
        with app.app_context(), core.database.work() as work:
            return link(work, user.id, account.id)

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(go, range(4)))
    assert sorted(outcomes) == [Linked.ALREADY] * 3 + [Linked.OWNER]
    assert [what for what, _ in events(core, user)] == ["account_linked"]
