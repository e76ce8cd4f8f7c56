"""Registration by phone: the last step is a code."""

from datetime import timedelta
from typing import cast

import pytest

from tests.registration.conftest import PHONE, Registrar
from tesweb.clock import FixedClock
from tesweb.testing.factories import Factory, MadeAccount


def code_of(registrar: Registrar) -> str:
    return cast("str", registrar.messages()[-1]["code"])


def wrong_of(registrar: Registrar) -> str:
    return f"{(int(code_of(registrar)) + 1) % 10**6:06d}"


def typed(registrar: Registrar, code: str) -> int:
    answer = registrar.client.submit("/register/sent", "/register/sent", {"code": code})
    return answer.status_code


def again(registrar: Registrar) -> int:
    return registrar.client.submit("/register/sent", "/register/again", {}).status_code


def test_the_code_opens_the_cabinet(registrar: Registrar, house: MadeAccount) -> None:
    registrar.until_sent(house, "phone")
    message = registrar.messages()[-1]
    assert (message["to"], message["channel"]) == (PHONE, "sms")
    assert '"one-time-code"' in registrar.client.get("/register/sent").text
    code = code_of(registrar)
    assert typed(registrar, f" {code[:3]} {code[3:]} ") == 303
    assert "Республики" in registrar.client.page("/").text
    assert [user.phone for user in registrar.users()] == [PHONE]


def test_five_minutes_and_no_longer(
    registrar: Registrar, house: MadeAccount, clock: FixedClock
) -> None:
    registrar.until_sent(house, "phone")
    clock.moment += timedelta(minutes=5)
    assert typed(registrar, code_of(registrar)) == 422
    assert registrar.users() == []
    assert again(registrar) == 303
    clock.moment += timedelta(minutes=4, seconds=59)
    assert typed(registrar, code_of(registrar)) == 303


def test_five_wrong_codes_end_it(registrar: Registrar, house: MadeAccount) -> None:
    registrar.until_sent(house, "phone")
    for _ in range(5):
        assert typed(registrar, wrong_of(registrar)) == 422
    assert typed(registrar, code_of(registrar)) == 422
    assert registrar.users() == []


def test_a_new_code_makes_the_old_one_worthless(registrar: Registrar, house: MadeAccount) -> None:
    registrar.until_sent(house, "phone")
    old = code_of(registrar)
    again(registrar)
    if old != code_of(registrar):
        assert typed(registrar, old) == 422
    assert typed(registrar, code_of(registrar)) == 303


def test_three_messages_in_ten_minutes_ten_in_a_day(
    registrar: Registrar, house: MadeAccount, clock: FixedClock
) -> None:
    registrar.until_sent(house, "phone")
    start = clock.moment
    assert [again(registrar) for _ in range(3)] == [303, 303, 429]
    assert len(registrar.messages()) == 3
    for tens in range(1, 6):
        clock.moment = start + timedelta(minutes=11 * tens)
        for _ in range(3):
            again(registrar)
    assert len(registrar.messages()) <= 10


def test_a_code_is_this_browser_s_alone(
    registrar: Registrar, house: MadeAccount, elsewhere: "object"
) -> None:
    registrar.until_sent(house, "phone")
    other = elsewhere()  # type: ignore[operator]  # a fixture that makes browsers
    assert other.client.get("/register/sent").headers["Location"] == "/register"


@pytest.mark.parametrize("number", ["+1 202 555 0123", "112", "+7 912", "", "+79123456789 доб. 5"])
def test_other_numbers_are_not_written_to(registrar: Registrar, number: str) -> None:
    assert registrar.person("phone", address=number).status_code == 422


def test_a_number_that_is_somebody_s_is_told_only_there(
    registrar: Registrar, house: MadeAccount, make: Factory
) -> None:
    make.user(phone=PHONE)
    registrar.until_sent(house, "phone")
    assert registrar.messages() == []
    assert [message["to"] for message in registrar.messages("registered_already")] == [PHONE]
    assert "Если номер верный" in registrar.client.page("/register/sent").text
    assert typed(registrar, "000000") == 422
