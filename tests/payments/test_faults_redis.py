"""Redis, in which attempts may be counted, is down: nobody signs in, everybody can pay."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from tesweb.clock import FixedClock
from tesweb.testing.bank import Bank
from tesweb.testing.client import Client
from tesweb.testing.databases import free_port
from tesweb.testing.factories import Factory


@pytest.fixture
def overrides() -> dict[str, Any]:
    return {"limits_storage": f"redis://127.0.0.1:{free_port()}/0"}


def test_without_redis_whoever_is_signed_in_pays_and_the_bank_is_heard(
    make: Factory, bank: Bank, sign_in: Callable[..., Client], client: Client, clock: FixedClock
) -> None:
    user = make.user(email="payer@example.ru")
    make.charge(make.account(user), date(2026, 10, 1), 1234_56)
    attempt = {"login": user.login, "password": user.password}
    assert client.submit("/login", "/login", attempt).status_code == 503
    browser = sign_in(user)
    how = browser.submit("/pay", "/pay/how", {"sum-1": "500"}).request.full_path
    assert browser.submit(how, "/pay", {}).location == "https://bank.example/pay/sale-1"
    bank.pay("sale-1")
    note = bank.notification("sale-1")
    clock.moment += timedelta(seconds=3)
    heard = client.post("/pay/memory/notify", data=note.body, headers=dict(note.headers))
    assert heard.status_code == 200
    assert "Оплачено. Спасибо!" in browser.page("/pay/orders/1").text
