"""What the operator sees of locked cabinets, and that it is written down."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.freeze.models import Freeze
from tesweb.freeze.services import Wish, lock
from tesweb.journal.models import SecurityEvent
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.factories import Factory, MadeAccount

SignIn = Callable[..., Client]
STRONG = "password totp"


@pytest.fixture
def account(make: Factory, app: Flask, core: Core) -> MadeAccount:
    """Of somebody who locked the cabinet and asks for a commission."""
    resident = make.user(name="Семён Тайный", email="secret@example.org")
    found = make.account(resident)
    with app.test_request_context(), core.database.work() as work:
        lock(work, resident.id, Wish(core.clock.now() - timedelta(days=1), wants_control=True))
    return found


@pytest.fixture
def office(make: Factory, sign_in: SignIn) -> Client:
    return sign_in(make.user(is_operator=True), STRONG)


def happened(core: Core) -> list[str]:
    events = table_of(SecurityEvent)
    with core.database.read() as reader:
        return list(reader.execute(select(events.c.what).order_by(events.c.id)).scalars())


def test_the_list_opens_once_the_look_is_written_down(
    office: Client, core: Core, account: MadeAccount, clock: FixedClock
) -> None:
    page = office.page("/operator")
    assert "Заблокировано сейчас 1" in page.text
    assert account.number not in page.text
    assert office.submit("/operator", "/operator/look", {}).location == "/operator"
    page = office.page("/operator")
    for expected in ("№ 1", "20 ноября 2026, 12:00", "ул. Республики", "Проведено"):
        assert expected in page.text
    for secret in ("Тайный", "secret@example.org"):
        assert secret not in page.text
    assert happened(core) == ["frozen", "operator_looked"]
    clock.moment += timedelta(minutes=15)
    assert "ул. Республики" not in office.page("/operator").text


@pytest.mark.usefixtures("account")
def test_a_control_reading_is_noted_once(office: Client, core: Core) -> None:
    office.submit("/operator", "/operator/look", {})
    fields = office.page("/operator").form("/operator/control/1").fields
    for _ in range(2):
        answer = office.post("/operator/control/1", data=fields, headers=SAME_ORIGIN)
        assert answer.status_code == 303
    with core.database.read() as reader:
        (freeze,) = reader.execute(select(table_of(Freeze)))
    assert freeze.control_done_at == core.clock.now()
    assert happened(core).count("control_read") == 1
    assert "проведено" in office.page("/operator").text
    missing = office.post("/operator/control/999", data=fields, headers=SAME_ORIGIN)
    assert missing.status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    ("is_operator", "factors", "status"),
    [(False, STRONG, 404), (True, "password", 403), (True, "", 403)],
)
@pytest.mark.usefixtures("account")
def test_it_is_there_for_operators_with_two_factors_only(  # noqa: PLR0913 - fixtures
    make: Factory,
    sign_in: SignIn,
    core: Core,
    *,
    method: str,
    is_operator: bool,
    factors: str,
    status: int,
) -> None:
    browser = sign_in(make.user(is_operator=is_operator), factors)
    if method == "get":
        assert browser.get("/operator").status_code == status
        return
    fields = browser.page("/more").form("/logout").fields
    for url in ("/operator/look", "/operator/control/1"):
        assert browser.post(url, data=fields, headers=SAME_ORIGIN).status_code == status
    assert happened(core) == ["frozen"]


def test_nothing_is_locked(office: Client) -> None:
    office.submit("/operator", "/operator/look", {})
    assert "Заблокированных кабинетов нет" in office.page("/operator").text
