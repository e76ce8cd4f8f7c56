"""Registration by e-mail, from the first page to the signed-in cabinet."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import SQLModel

from tests.registration.conftest import EMAIL, PASSWORD, Registrar
from tesweb.accounts.models import Role
from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.identity.models import Challenge
from tesweb.journal.models import SecurityEvent
from tesweb.registration.models import Consent
from tesweb.testing.client import SAME_ORIGIN
from tesweb.testing.factories import Factory, MadeAccount


def test_a_letter_opens_the_cabinet(registrar: Registrar, house: MadeAccount) -> None:
    assert "бесплатный" in registrar.client.page("/register").text
    registrar.until_sent(house)
    assert EMAIL in registrar.client.page("/register/sent").text
    assert registrar.users() == []
    link = registrar.link()
    assert registrar.client.page(link).form("/activate")
    assert registrar.users() == []  # whoever opens the link has not pressed the button
    answer = registrar.client.submit(link, "/activate", {})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/?welcome=1")
    page = registrar.client.page("/?welcome=1")
    assert "Ваш кабинет открыт" in page.text
    assert "Республики" in page.text
    assert "Ваш кабинет открыт" not in registrar.client.page("/").text
    assert [(user.login, user.email, user.city) for user in registrar.users()] == [
        ("иванова.мария", EMAIL, "Тюмень")
    ]


def test_another_device_is_asked_for_the_password(
    registrar: Registrar, elsewhere: Callable[[], Registrar], house: MadeAccount
) -> None:
    registrar.until_sent(house)
    phone, link = elsewhere(), registrar.link()
    assert "пароль" in phone.client.page(link).text
    wrong = phone.client.submit(link, "/activate", {"password": "чужой пароль сюда"})
    assert (wrong.status_code, registrar.users()) == (422, [])
    right = phone.client.submit(link, "/activate", {"password": PASSWORD})
    assert right.status_code == 303
    assert "Республики" in phone.client.page("/").text
    assert registrar.client.get("/").status_code == 303  # this one may sign in


def test_five_wrong_passwords_close_the_link_there(
    registrar: Registrar, elsewhere: Callable[[], Registrar], house: MadeAccount
) -> None:
    registrar.until_sent(house)
    other, link = elsewhere(), registrar.link()
    for _ in range(5):
        assert other.client.submit(link, "/activate", {"password": "x"}).status_code == 422
    assert other.client.submit(link, "/activate", {"password": PASSWORD}).status_code == 410
    assert registrar.users() == []
    assert registrar.client.submit(link, "/activate", {}).status_code == 303


def test_a_link_works_once_and_says_so(registrar: Registrar, house: MadeAccount) -> None:
    registrar.until_sent(house)
    link = registrar.link()
    page = registrar.client.page(link).form("/activate")
    registrar.client.submit(link, "/activate", {})
    again = registrar.client.post("/activate", data=page.fields, headers=SAME_ORIGIN)
    assert again.status_code in {400, 410}  # a new session, a new form token
    assert "уже открыт" in registrar.client.page(link, 410).text
    assert len(registrar.users()) == 1


def test_a_day_later_the_link_has_expired_and_a_letter_can_be_had_anew(
    registrar: Registrar, house: MadeAccount, clock: FixedClock
) -> None:
    registrar.until_sent(house)
    old, start = registrar.link(), clock.moment
    clock.moment = start + timedelta(hours=23, minutes=59)
    assert "/activate" in [form.action for form in registrar.client.page(old).forms]
    assert registrar.client.submit("/register/sent", "/register/again", {}).status_code == 303
    clock.moment = start + timedelta(hours=24)
    assert "Срок ссылки закончился" in registrar.client.page(old, 410).text
    assert registrar.users() == []
    clock.moment = start + timedelta(hours=47)
    assert registrar.client.submit(registrar.link(), "/activate", {}).status_code == 303


def test_another_address_makes_the_first_letter_worthless(
    registrar: Registrar, house: MadeAccount
) -> None:
    registrar.until_sent(house, address="ivanva@example.ru")
    first = registrar.link()
    values = {"address": EMAIL}
    answer = registrar.client.submit("/register/contact", "/register/contact", values)
    assert answer.status_code == 303
    assert [message["to"] for message in registrar.messages()] == ["ivanva@example.ru", EMAIL]
    assert registrar.client.get(first).status_code == 410
    assert registrar.client.submit(registrar.link(), "/activate", {}).status_code == 303
    assert [user.email for user in registrar.users()] == [EMAIL]


def test_what_is_kept_of_it(registrar: Registrar, house: MadeAccount, core: Core) -> None:
    registrar.person()
    kept = _rows(core, Challenge)
    assert PASSWORD not in str(kept)
    assert "$argon2id$" in str(kept)
    for answer in (registrar.consents(), registrar.account(house.number)):
        assert answer.status_code == 303
    registrar.confirm()
    assert _rows(core, Consent) == []
    registrar.client.submit(registrar.link(), "/activate", {})
    consents = {(row.purpose, row.version, row.withdrawn_at) for row in _rows(core, Consent)}
    assert consents == {("personal_data", "2026-11-20", None)}
    assert {row.given_at for row in _rows(core, Consent)} == {core.clock.now()}
    assert "$argon2id$" not in str([row.payload for row in _rows(core, Challenge)])
    happened = [row.what for row in _rows(core, SecurityEvent)]
    assert happened == ["registered", "account_linked", "signed_in"]


def test_a_second_holder_waits_for_the_first(
    registrar: Registrar, house: MadeAccount, make: Factory, core: Core
) -> None:
    owner = make.user(email="owner@example.ru")
    make.link(owner, house.id, Role.OWNER)
    registrar.until_sent(house)
    registrar.client.submit(registrar.link(), "/activate", {})
    assert "Республики" not in registrar.client.page("/").text
    told = [row.user_id for row in _rows(core, SecurityEvent) if row.what == "consent_asked"]
    assert told == [owner.id]


def _rows(core: Core, model: type[SQLModel]) -> list[Any]:
    table = table_of(model)
    with core.database.read() as reader:
        return list(reader.execute(select(table)).all())
