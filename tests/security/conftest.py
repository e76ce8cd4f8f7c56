"""A household of everything that can be somebody's, and whoever may try to see it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tesweb.accounts.models import Role
from tesweb.current import Core
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeAccount, MadeUser

#: Words that stand in the owner's data and nowhere else.
CANARIES = (
    "Канарейкина",
    "улица-Канареечная",
    "canary.owner@example.ru",
    "+79995550101",
    "720499887766",
    "CANARY0SERIAL",
    "canary-passkey",
)
STRANGER_CANARIES = ("Чужестранцева", "канарейка-чужого")
OPERATOR_FACTORS = "password totp"


@dataclass(frozen=True, slots=True)
class House:
    """The owner's account and everybody around it."""

    account: MadeAccount
    owner: MadeUser
    people: dict[str, MadeUser]
    #: For each name of a number in an address: the owner's own.
    numbers: dict[str, Any]


@pytest.fixture
def house(make: Factory, core: Core) -> House:
    contacts = {"email": CANARIES[2], "phone": CANARIES[3]}
    owner = make.user("canary-owner", name=CANARIES[0], **contacts)
    account = make.account(owner, number=CANARIES[4], address=f"г. Тюмень, {CANARIES[1]}, 1")
    meter = make.meter(account, serial=CANARIES[5])
    make.reading(meter, date(2026, 10, 1), "1234", "34")
    make.charge(account, date(2026, 10, 1), 123_456_78)
    people = {
        "other": make.user("other", name=STRANGER_CANARIES[0]),
        "ex-member": make.user("gone", name="Бывший Жилец"),
        "reader": make.user("reader", name="Читатель"),
        "payer": make.user("payer", name="Плательщик"),
        "operator": make.user("operator", name="Оператор", is_operator=True),
    }
    make.account(people["other"], address=f"г. Тюмень, {STRANGER_CANARIES[1]}")
    make.account(people["ex-member"])
    make.link(people["ex-member"], account.id, Role.OWNER)
    make.link(people["reader"], account.id, Role.READER)
    make.link(people["payer"], account.id, Role.PAYER)
    with core.database.work() as work:
        values = {"user": people["ex-member"].id, "account": account.id}
        work.execute(
            text("DELETE FROM memberships WHERE user_id = :user AND account_id = :account"), values
        )
    numbers = {"account_id": account.id, "user_id": people["reader"].id}
    return House(account, owner, people, numbers)


@pytest.fixture
def visit(sign_in: Callable[..., Client], client: Client, house: House) -> Callable[[str], Client]:
    """A browser of the owner, of one of the people, or of nobody."""

    def browser(who: str) -> Client:
        if who == "anonymous":
            return client
        if who == "owner":
            return sign_in(house.owner, "password")
        factors = OPERATOR_FACTORS if who == "operator" else "password"
        return sign_in(house.people[who], factors)

    return browser


def routes(app: Flask, method: str) -> Iterator[Rule]:
    """Every route of the application, plugins' included, that answers to the method."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if method in (rule.methods or set()):
            yield rule


def got(client: Client, url: str, headers: Mapping[str, str] | None = None) -> TestResponse:
    """An answer, read and closed: some are files."""
    answer = client.get(url, headers=headers)
    answer.get_data()
    answer.close()
    return answer


#: What stands for an argument that is no number of the house's.
WORDS = {
    "purpose": "account",
    "way": "email",
    "kind": "email",
    "code": "ru",
}


def address_of(rule: Rule, numbers: dict[str, Any]) -> str:
    """The route's address about the owner's things; 1 where nothing of that kind was made."""
    values = {name: numbers.get(name, WORDS.get(name, 1)) for name in rule.arguments}
    built = rule.build(values, append_unknown=False)
    assert built is not None, rule.rule
    return built[1]
