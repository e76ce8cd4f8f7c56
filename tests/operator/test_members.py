"""A false owner is taken out by the supplier: with a ground, told to both sides."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.operator.conftest import STRONG, Office
from tesweb.accounts.models import Membership, Role
from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.factories import Factory, MadeAccount, MadeUser
from tesweb.testing.pages import Page

GROUND = "предъявлены паспорт и выписка, заявление 16"


@pytest.fixture
def owner(make: Factory) -> MadeUser:
    return make.user("owner", name="Анна Иванова", email="owner@example.org")


@pytest.fixture
def thief(make: Factory) -> MadeUser:
    return make.user("thief", name="Пётр Чужой", email="thief@example.org")


@pytest.fixture
def account(make: Factory, owner: MadeUser, thief: MadeUser) -> MadeAccount:
    made = make.account(owner, region="tyumen")
    make.link(thief, made.id, Role.OWNER)
    make.link(make.user("reader", email="reader@example.org"), made.id, Role.READER)
    return made


def members(core: Core, account: MadeAccount) -> set[int]:
    table = table_of(Membership)
    with core.database.read() as reader:
        asked = select(table.c.user_id).where(table.c.account_id == account.id)
        return set(reader.execute(asked).scalars())


def page_of(account: MadeAccount) -> str:
    return f"/operator/accounts/tyumen/{account.number}"


def opened(browser: Client, account: MadeAccount) -> Page:
    page = page_of(account)
    if f"{page}/look" in {form.action for form in browser.page(page).forms}:
        browser.submit(page, f"{page}/look", {})
    return browser.page(page)


def end(browser: Client, account: MadeAccount, user: MadeUser, ground: str = GROUND) -> int:
    opened(browser, account)
    url = f"{page_of(account)}/{user.id}"
    return browser.submit(url, url, {"ground": ground}).status_code


def test_a_false_owner_goes_and_both_sides_hear_of_it(
    office: Office, core: Core, account: MadeAccount, owner: MadeUser, thief: MadeUser
) -> None:
    assert "Чужой" not in office.first.page(page_of(account)).text
    shown = opened(office.first, account).text
    assert "Пётр Ч." in shown
    assert "Чужой" not in shown
    assert end(office.first, account, thief) == 303
    assert thief.id not in members(core, account)
    assert len(members(core, account)) == 2
    for user in (owner, thief):
        what, facts = office.events(user)[-1]
        assert (what, facts["ground"]) == ("member_removed", GROUND)
    told = office.letters("security")
    assert {"owner@example.org", "thief@example.org"} <= set(told)
    assert "reader@example.org" not in told
    assert told["owner@example.org"]["member"] == "Пётр Ч."


def test_the_last_owner_goes_with_everybody(
    office: Office, core: Core, account: MadeAccount, owner: MadeUser, thief: MadeUser
) -> None:
    assert end(office.first, account, thief) == 303
    url = f"{page_of(account)}/{owner.id}"
    assert "последний владелец" in office.first.page(url).text
    assert end(office.first, account, owner) == 303
    assert members(core, account) == set()
    assert "reader@example.org" in office.letters("security")
    assert "ни у кого нет доступа" in office.first.page(page_of(account)).text


@pytest.mark.parametrize("ground", ["", "1234", "паспорт 7104 123456"])
def test_without_a_ground_nothing_happens(
    office: Office, core: Core, account: MadeAccount, thief: MadeUser, ground: str
) -> None:
    assert end(office.first, account, thief, ground) == 422
    assert thief.id in members(core, account)
    assert office.events(thief) == []


@pytest.mark.parametrize(
    ("is_operator", "factors", "status"),
    [(False, STRONG, 404), (True, "password", 403), (True, "", 303)],
)
def test_it_wants_an_operator_two_factors_and_a_fresh_proof(  # noqa: PLR0913 - fixtures
    make: Factory,
    sign_in: Callable[..., Client],
    core: Core,
    account: MadeAccount,
    thief: MadeUser,
    *,
    is_operator: bool,
    factors: str,
    status: int,
) -> None:
    browser = sign_in(make.user(is_operator=is_operator), factors)
    fields = browser.page("/more").form("/logout").fields | {"ground": GROUND}
    url = f"{page_of(account)}/{thief.id}"
    assert browser.get(url).status_code == status
    assert browser.post(url, data=fields, headers=SAME_ORIGIN).status_code == status
    assert thief.id in members(core, account)


def test_an_account_is_found_as_people_type_it(office: Office, account: MadeAccount) -> None:
    typed = f"{account.number[:4]} {account.number[4:]}"
    asked = {"account": typed, "region": "tyumen"}
    found = office.first.get("/operator/accounts", query_string=asked)
    assert found.location == page_of(account)
    for wrong in ({"account": "x"}, {"account": typed, "region": "mars"}, {}):
        answer = office.first.get("/operator/accounts", query_string=wrong)
        assert answer.status_code == 422
        assert "такого" in Page(answer.text).text or "с таким номером" in Page(answer.text).text
    for missing in (f"{page_of(account)}/987654", "/operator/accounts/mars/1"):
        assert office.first.get(missing).status_code == 404
