"""What registration refuses, and what it never tells."""

import pytest

from tests.registration.conftest import CODE, EMAIL, Registrar
from tesweb.testing.factories import Factory, MadeAccount


@pytest.mark.parametrize(
    "login",
    ["", "ab", "x" * 65, "a@b.ru", "+79123456789", "8 912 345 67 89", "2026", "a b", "a\x00b"],
)
def test_what_is_no_login(registrar: Registrar, login: str) -> None:
    answer = registrar.person(login=login)
    assert answer.status_code == 422
    assert 'id="login-error"' in answer.text


@pytest.mark.parametrize(
    "login", ["abc", "x" * 64, "Мария", "名無しさん", "a-b_c.d", "मारिया", "ivan2026"]
)
def test_what_is_a_login(registrar: Registrar, login: str) -> None:
    assert registrar.person(login=login).status_code == 303


def test_a_login_is_one_person_s_however_it_is_written(registrar: Registrar, make: Factory) -> None:
    make.user("мария")
    answer = registrar.person(login=" \uff2d\u0410\u0420\u0418\u042f".replace("\uff2d", "М"))
    assert answer.status_code == 422
    assert "занят" in answer.text


@pytest.mark.parametrize("field", ["password", "address", "place"])
def test_what_is_missing_is_said_beside_the_field(registrar: Registrar, field: str) -> None:
    answer = registrar.person(**{field: ""})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


@pytest.mark.parametrize("password", ["пароль123", "Иванова.Мария", "ТюменьЭнергоСбыт1", "коротко"])
def test_a_weak_password_is_refused(registrar: Registrar, password: str) -> None:
    answer = registrar.person(password=password)
    assert answer.status_code == 422
    assert 'id="password-error"' in answer.text
    assert password not in answer.text or password == "Иванова.Мария"


def test_nothing_is_ticked_beforehand_and_no_consent_asked_that_nothing_uses(
    registrar: Registrar,
) -> None:
    registrar.person()
    page = registrar.client.page("/register/consents")
    form = page.form("/register/consents")
    assert form.fields.keys() == {"csrf_token"}
    assert [link for link in page.links if "consents/" in link] == ["/consents/personal_data"]
    assert "Рекламы и рассылок мы не шлём" in page.text
    assert (
        registrar.client.submit("/register/consents", "/register/consents", {}).status_code == 422
    )
    wording = registrar.client.page("/consents/personal_data").text
    for promised in ("20 ноября 2026", "о счетах, платежах и безопасности кабинета"):
        assert promised in wording
    assert registrar.client.get("/consents/messages").status_code == 404


def test_no_step_can_be_left_out(registrar: Registrar, house: MadeAccount) -> None:
    def lands(url: str) -> str:
        return registrar.client.get(url).headers.get("Location", url)

    later = ["consents", "account", "address", "sent", "contact"]
    assert {lands(f"/register/{page}") for page in later} == {"/register"}
    registrar.person()
    assert lands("/register/account") == "/register/consents"
    registrar.consents()
    assert lands("/register/address") == "/register/account"
    assert lands("/register/sent") == "/register/address"
    registrar.account(house.number)
    assert lands("/register/sent") == "/register/address"
    assert registrar.messages() == []


def test_an_unknown_number_is_answered_as_a_wrong_code(
    registrar: Registrar, house: MadeAccount
) -> None:
    registrar.person()
    registrar.consents()
    unknown = registrar.account("720499999999")
    wrong = registrar.account(house.number, "0000")
    assert (unknown.status_code, wrong.status_code) == (422, 422)

    def said(text: str) -> str:
        return text.split('id="number-error"')[1].split("</p>", maxsplit=1)[0]

    assert said(unknown.text) == said(wrong.text)
    letters = registrar.account("7204 O000 0000")
    assert letters.status_code == 422
    assert said(letters.text) != said(unknown.text)
    spaced = f"{house.number[:4]} {house.number[4:8]}\u2013{house.number[8:]}"
    assert registrar.account(spaced).status_code == 303


def test_the_sixth_proof_of_a_day_is_not_looked_at(
    registrar: Registrar, house: MadeAccount
) -> None:
    registrar.person()
    registrar.consents()
    for _ in range(5):
        assert registrar.account(house.number, "0000").status_code == 422
    assert registrar.account(house.number, CODE).status_code == 429


def test_the_address_is_masked_until_the_cabinet_is_open(
    registrar: Registrar, house: MadeAccount
) -> None:
    registrar.until_sent(house)
    for page in ("/register/address", "/register/sent"):
        assert "Республики" not in registrar.client.page(page).text
    assert "Р*********" in registrar.client.page("/register/address").text


def test_a_taken_address_is_told_only_there(
    registrar: Registrar, house: MadeAccount, make: Factory
) -> None:
    make.user(email=EMAIL)
    registrar.until_sent(house)
    assert registrar.messages() == []
    letters = registrar.messages("registered_already")
    assert [(letter["to"], letter["channel"]) for letter in letters] == [(EMAIL, "email")]
    assert "Если адрес верный" in registrar.client.page("/register/sent").text


def test_two_registrations_of_one_login_end_well(
    registrar: Registrar, house: MadeAccount, make: Factory
) -> None:
    registrar.until_sent(house, login="мария")
    make.user("мария")
    link = registrar.link()
    taken = registrar.client.submit(link, "/activate", {})
    assert taken.status_code == 422
    fields = registrar.client.page(link).form("/activate").fields | {"login": "мария2"}
    answer = registrar.client.post(
        "/activate", data=fields, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 303
    assert [user.login for user in registrar.users()] == ["мария", "мария2"]


def test_an_address_that_was_taken_meanwhile(
    registrar: Registrar, house: MadeAccount, make: Factory
) -> None:
    registrar.until_sent(house)
    make.user(email=EMAIL)
    answer = registrar.client.submit(registrar.link(), "/activate", {})
    assert (answer.status_code, len(registrar.users())) == (409, 1)


def test_a_network_begins_twenty_in_ten_minutes(registrar: Registrar) -> None:
    answers = [registrar.person(login=f"user-{number}").status_code for number in range(21)]
    assert answers == [303] * 20 + [429]


def test_further_fields_are_ignored(registrar: Registrar, house: MadeAccount) -> None:
    registrar.person()
    fields = registrar.client.page("/register/consents").form("/register/consents").fields
    sent = fields | {"personal_data": "1", "account_id": str(house.id), "is_operator": "1"}
    headers = {"Sec-Fetch-Site": "same-origin"}
    registrar.client.post("/register/consents", data=sent, headers=headers)
    assert registrar.client.get("/register/address").headers["Location"] == "/register/account"


def test_who_is_signed_in_need_not_register(registrar: Registrar, house: MadeAccount) -> None:
    registrar.until_sent(house)
    registrar.client.submit(registrar.link(), "/activate", {})
    assert registrar.client.get("/register").headers["Location"] == "/"
