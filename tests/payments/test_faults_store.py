"""Faults of the database: it is full, or two payments want the same rows at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.payments.till import Till
from tesweb.payments import engine
from tesweb.payments.models import State
from tesweb.testing.client import SAME_ORIGIN, Client

_BEFORE = "CREATE TRIGGER no_room BEFORE INSERT ON ledger_entries"
NO_ROOM = {
    "sqlite": (f"{_BEFORE} BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END",),
    "postgresql": (
        """CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = 'disk_full'; END $$""",
        f"{_BEFORE} FOR EACH ROW EXECUTE FUNCTION no_room()",
    ),
}
NO_ROOM_FOR_ORDERS = (
    "CREATE TRIGGER no_room BEFORE INSERT ON payment_orders FOR EACH ROW EXECUTE FUNCTION no_room()"
)
ROOM = {
    "sqlite": ("DROP TRIGGER no_room",),
    "postgresql": ("DROP TRIGGER no_room ON ledger_entries", "DROP FUNCTION no_room()"),
}


def execute(till: Till, statements: dict[str, tuple[str, ...]]) -> None:
    with till.core.database.work() as work:
        for statement in statements[work.dialect.name]:
            work.execute(text(statement))


def test_a_full_disk_loses_nothing_and_the_payment_goes_on(till: Till) -> None:
    order_id = till.start()
    till.bank.pay(till.reference(order_id))
    till.later(seconds=3)
    execute(till, NO_ROOM)
    with pytest.raises(DBAPIError):
        engine.advance(order_id, hurry=True)
    assert till.state(order_id) is State.PENDING
    assert (till.credited(), till.told(), till.balance()) == ([], 0, 1_000_00)
    till.check()
    execute(till, ROOM)
    till.sweep()
    assert till.state(order_id) is State.SUCCEEDED
    assert (till.credited(), till.told()) == ([500_00], 1)


def test_payments_of_the_same_accounts_at_once_do_not_stop_each_other(
    app: Flask, till: Till
) -> None:
    first = till.start(100_00, 200_00)
    till.accounts.reverse()
    order_ids = [first, *(till.start(100_00, 200_00, again=True) for _ in range(5))]
    for order_id in order_ids:
        till.bank.pay(till.reference(order_id))
    till.later(seconds=3)

    def learn(order_id: int) -> State:
        with app.app_context():
            return engine.advance(order_id, hurry=True)

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(learn, order_ids)) == {State.SUCCEEDED}
    assert sum(till.credited()) == 6 * 300_00
    assert till.balance(0) + till.balance(1) == 2_000_00 - 6 * 300_00


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_a_full_disk_is_told_to_payer_and_operator_and_the_form_is_sent_again(
    till: Till, sign_in: Callable[..., Client], caplog: pytest.LogCaptureFixture
) -> None:
    """On SQLite the disk itself is filled: test_faults_process."""
    with till.core.database.work() as work:
        work.execute(text("UPDATE users SET email = 'payer@example.ru'"))
    browser = sign_in(till.user)
    how = f"/pay/how?pay-{till.accounts[0].id}=1&sum-{till.accounts[0].id}=500"
    form = browser.page(how).form("/pay").fields
    execute(till, NO_ROOM)
    execute(till, {"postgresql": (NO_ROOM_FOR_ORDERS,)})
    refused = browser.post("/pay", data=form, headers=SAME_ORIGIN)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "60")
    assert "no room" in caplog.text
    assert browser.get("/pay").status_code == 200
    assert till.bank.sales == {}
    execute(till, {"postgresql": ("DROP TRIGGER no_room ON payment_orders",)})
    execute(till, ROOM)
    for _ in range(2):
        assert browser.post("/pay", data=form, headers=SAME_ORIGIN).status_code == 303
    assert len(till.bank.sales) == 1
