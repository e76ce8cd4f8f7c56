"""Somebody who was invited to a household registers without a bill."""

from collections.abc import Callable

import pytest
from sqlalchemy import text

from tests.registration.conftest import Registrar
from tesweb.accounts.models import Role
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeAccount, MadeUser


@pytest.fixture
def owner(make: Factory, house: MadeAccount) -> MadeUser:
    made = make.user(name="Анна Иванова", email="anna@example.ru")
    make.link(made, house.id, Role.OWNER)
    return made


@pytest.fixture
def invitation(
    registrar: Registrar, owner: MadeUser, house: MadeAccount, sign_in: Callable[..., Client]
) -> str:
    """The link of the letter."""
    url = f"/accounts/{house.id}/people/invite"
    sign_in(owner, "password").submit(url, url, {"contact": "gost@example.ru", "role": "reader"})
    return str(registrar.messages("invitation")[-1]["path"])


def register(registrar: Registrar, invitation: str) -> None:
    """From the letter's page to the letter with the link that activates."""
    links = registrar.client.page(invitation).links
    start = next(link for link in links if link.startswith("/register"))
    person = next(
        link for link in registrar.client.page(start).links if link.startswith("/register/email")
    )
    values = {"login": "Гость", "password": "тихий паровоз клюква", "address": "gost@example.ru"}
    registrar.client.submit(person, person, values | {"place": "tyumen Тюмень"})
    answer = registrar.consents()
    assert answer.location == "/register/sent"


def test_the_invitation_takes_the_place_of_a_proof(
    registrar: Registrar, invitation: str, house: MadeAccount
) -> None:
    register(registrar, invitation)
    link = registrar.messages()[-1]["path"]
    registrar.client.submit(link, "/activate", {})
    with registrar.core.database.read() as reader:
        roles = reader.execute(
            text(
                "SELECT role FROM memberships JOIN users ON users.id = user_id "
                "WHERE login = 'гость' AND account_id = :id"
            ),
            {"id": house.id},
        ).all()
    assert [row.role for row in roles] == ["reader"]


def test_an_invitation_that_was_taken_back_opens_no_cabinet(
    registrar: Registrar, invitation: str
) -> None:
    register(registrar, invitation)
    with registrar.core.database.work() as work:
        work.execute(
            text("UPDATE challenges SET spent_at = created_at WHERE purpose = 'invitation'")
        )
    link = registrar.messages()[-1]["path"]
    answer = registrar.client.submit(link, "/activate", {})
    assert answer.status_code == 410
    with registrar.core.database.read() as reader:
        assert reader.execute(text("SELECT 1 FROM users WHERE login = 'гость'")).first() is None


def test_a_made_up_invitation_is_no_proof(registrar: Registrar, house: MadeAccount) -> None:
    del house
    values = {"login": "Гость", "password": "тихий паровоз клюква", "address": "gost@example.ru"}
    url = "/register/email?invitation=made-up"
    registrar.client.submit(url, url, values | {"place": "tyumen Тюмень"})
    assert registrar.consents().location == "/register/account"
