"""One captcha stands for few messages, whoever they go to."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.registration.conftest import Registrar
from tesweb.clock import FixedClock
from tesweb.testing.client import SAME_ORIGIN
from tesweb.testing.factories import MadeAccount

CONTACT = "/register/contact"


@pytest.mark.parametrize(
    ("way", "address"), [("email", "victim{}@example.ru"), ("phone", "+791200000{:02d}")]
)
def test_one_registration_writes_to_few(
    registrar: Registrar, house: MadeAccount, way: str, address: str, clock: FixedClock
) -> None:
    registrar.until_sent(house, way)
    fields = registrar.client.page(CONTACT).form(CONTACT).fields
    answers = []
    for n in range(30):
        data = fields | {"address": address.format(n)}
        answer = registrar.client.post(CONTACT, data=data, headers=SAME_ORIGIN)
        answers.append(answer.status_code)
        clock.moment += timedelta(minutes=20)
    assert answers == [303] * 9 + [429] * 21
    assert len(registrar.messages()) == 10


def test_a_network_s_registrations_write_to_few_together(
    registrar: Registrar, elsewhere: Callable[[], Registrar], house: MadeAccount
) -> None:
    for n in range(3):
        browser = elsewhere()
        browser.until_sent(house, address=f"first{n}@example.ru", login=f"first.{n}")
        fields = browser.client.page(CONTACT).form(CONTACT).fields
        for m in range(8):
            data = fields | {"address": f"victim{n}{m}@example.ru"}
            browser.client.post(CONTACT, data=data, headers=SAME_ORIGIN)
    assert len(registrar.messages()) == 20
