"""All routes and everybody who may try them: nobody sees or changes what is somebody else's.

The routes come from the application itself, so a new one is tried as soon as it is there.
"""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlmodel import SQLModel

from tests.security.conftest import CANARIES, House, address_of, got, routes
from tesweb.current import Core
from tesweb.identity.policy import Policy, policy_of
from tesweb.testing.client import SAME_ORIGIN, Client

Visit = Callable[[str], Client]
OUTSIDERS = ("anonymous", "other", "ex-member", "operator")
MEMBERS = ("owner", "payer", "reader")


def policy(app: Flask, endpoint: str) -> Policy:
    found = policy_of(app.view_functions[endpoint])
    assert found is not None
    return found


def token_of(client: Client) -> str:
    for url in ("/profile/contacts", "/login", "/"):
        page = client.get(url, follow_redirects=True)
        token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
        if token:
            return token
    raise AssertionError("no page has a form")


def told(body: str) -> list[str]:
    """Which of the owner's words are in an answer."""
    return [word for word in CANARIES if word in body]


@pytest.mark.parametrize("who", OUTSIDERS)
def test_no_page_shows_an_outsider_anything_of_the_owner_s(
    app: Flask, house: House, visit: Visit, who: str
) -> None:
    client = visit(who)
    for rule in routes(app, "GET"):
        url = address_of(rule, house.numbers)
        answer = got(client, url)
        assert told(answer.text) == [], url
        assert answer.status_code < 500, url
        if "account_id" not in rule.arguments:
            continue
        if who == "anonymous":
            assert answer.status_code == 303, url
            assert answer.location.startswith("/login"), url
        else:
            assert answer.status_code == 404, url


@pytest.mark.parametrize("who", OUTSIDERS)
def test_no_form_lets_an_outsider_change_anything_of_the_owner_s(
    app: Flask, house: House, visit: Visit, core: Core, who: str
) -> None:
    client = visit(who)
    before = state(core)
    for rule in routes(app, "POST"):
        if "account_id" not in rule.arguments:
            continue
        url = address_of(rule, house.numbers)
        answer = client.post(url, data={"csrf_token": token_of(client)}, headers=SAME_ORIGIN)
        assert told(answer.text) == [], url
        if who == "anonymous":
            assert answer.status_code in {303, 400}, url
        else:
            assert answer.status_code == 404, url
    assert state(core) == before


def test_an_account_of_nobody_answers_as_one_of_somebody_else(
    app: Flask, house: House, visit: Visit
) -> None:
    client = visit("other")
    nobodys = house.numbers | {"account_id": 987_654}
    for rule in routes(app, "GET"):
        if "account_id" not in rule.arguments:
            continue
        told_apart = []
        for numbers in (house.numbers, nobodys):
            url = address_of(rule, numbers)
            answer = client.get(url)
            told_apart.append((answer.status_code, without_nonce(answer.text).replace(url, "")))
        assert told_apart[0] == told_apart[1], rule.rule


@pytest.mark.parametrize("who", MEMBERS)
def test_members_see_what_is_for_their_role_and_no_more(
    app: Flask, house: House, visit: Visit, who: str
) -> None:
    client, seen = visit(who), 0
    for rule in routes(app, "GET"):
        role = policy(app, rule.endpoint).role
        if role is None:
            continue
        url = address_of(rule, house.numbers)
        answer = got(client, url)
        if role.value == "owner" and who != "owner":
            assert answer.status_code == 403, url
            assert "Читатель" not in answer.text or who == "reader", url
        elif role.value == "payer" and who == "reader":
            assert answer.status_code == 403, url
        elif set(rule.arguments) == {"account_id"}:
            assert answer.status_code in {200, 303}, url
            seen += answer.status_code == 200
    assert seen > 2


def test_only_the_owner_s_own_pages_tell_the_owner_s_contacts(
    app: Flask, house: House, visit: Visit
) -> None:
    for who in ("reader", "payer"):
        client = visit(who)
        for rule in routes(app, "GET"):
            answer = got(client, address_of(rule, house.numbers))
            for word in (house.owner.login, CANARIES[2], CANARIES[3]):
                assert word not in answer.text, rule.rule


def test_operators_pages_are_for_operators(app: Flask, house: House, visit: Visit) -> None:
    for who in ("owner", "other"):
        client = visit(who)
        for rule in routes(app, "GET"):
            if policy(app, rule.endpoint).name == "operator":
                assert client.get(address_of(rule, house.numbers)).status_code == 404, rule.rule


def test_every_unsafe_route_for_accounts_is_tried(app: Flask) -> None:
    tried = [rule for rule in routes(app, "POST") if "account_id" in rule.arguments]
    assert len(tried) >= 3


def without_nonce(html: str) -> str:
    """The page without what is new in each answer."""
    words: list[str] = []
    for part in html.split('nonce="'):
        words.append(part.partition('"')[2] if words else part)
    return "".join(words)


def state(core: Core) -> dict[str, list[str]]:
    """All rows of all tables that are about an account or hold who may get in."""
    tables = [
        table
        for table in SQLModel.metadata.sorted_tables
        if "account_id" in table.columns or table.name in {"accounts", "users"}
    ]
    with core.database.read() as reader:
        return {
            table.name: sorted(map(repr, reader.execute(select(table)).all())) for table in tables
        }
