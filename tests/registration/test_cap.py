"""Text messages cost money: strangers' numbers get half of the sum for a day."""

from datetime import timedelta
from typing import Any

import pytest

from tests.registration.conftest import Registrar
from tesweb.clock import FixedClock
from tesweb.testing.factories import MadeAccount


@pytest.fixture
def overrides() -> dict[str, Any]:
    return {"captchas": [], "sms_daily": 4}


def test_nobody_is_written_to_beyond_it(
    registrar: Registrar, house: MadeAccount, clock: FixedClock
) -> None:
    registrar.until_sent(house, "phone")

    def asked(number: str) -> int:
        values = {"address": number}
        answer = registrar.client.submit("/register/contact", "/register/contact", values)
        return answer.status_code

    assert asked("+79120000001") == 303
    assert asked("+79120000002") == 429
    assert len(registrar.messages()) == 2
    clock.moment += timedelta(hours=23)
    assert asked("+79120000003") == 429
    clock.moment += timedelta(minutes=59)
    assert asked("+79120000003") == 429


def test_letters_go_all_the_same(registrar: Registrar, house: MadeAccount) -> None:
    registrar.until_sent(house)
    for number in range(3):
        values = {"address": f"user{number}@example.ru"}
        answer = registrar.client.submit("/register/contact", "/register/contact", values)
        assert answer.status_code == 303
