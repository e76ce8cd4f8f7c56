"""A database that gives a number twice: one that was copied without its sequences."""

from contextlib import suppress

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.payments.till import Till
from tesweb.payments.models import State


def forget_numbers(till: Till) -> None:
    """Let the books be numbered from 1 again; SQLite looks for the highest number by itself."""
    if not till.core.database.is_sqlite:
        with till.core.database.work() as work:
            work.execute(text("ALTER SEQUENCE ledger_transactions_id_seq RESTART"))


def test_a_number_that_is_taken_is_no_transaction_that_is_written(till: Till) -> None:
    till.paid(500_00)
    order_id = till.start(300_00)
    till.bank.pay(till.reference(order_id))
    forget_numbers(till)
    with suppress(IntegrityError):
        till.look(order_id)
    till.check()
    till.sweep(2)
    assert till.state(order_id) is State.SUCCEEDED
    assert till.credited() == [500_00, 300_00]
