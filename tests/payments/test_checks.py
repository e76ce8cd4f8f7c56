"""`tesweb check` finds what is wrong with money: one breach of each invariant, planted."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from tests.payments.test_refunds import ask
from tests.payments.till import Till
from tesweb.cashier.services import read_in
from tesweb.commands.check import INVARIANTS
from tesweb.ledger.books import CUSTOMER, FEES, SUSPENSE, About, Entry, Kind, post
from tesweb.money import Kopecks
from tesweb.payments import janitor, refunds

Plant = Callable[[Connection, Till], None]


def found_after(till: Till, plant: Plant) -> set[str]:
    """The codes of what is found once the breach is there; it is taken back at once."""
    with till.core.database.work() as work:
        assert [each for look in INVARIANTS for each in look(work)] == []
        before = work.begin_nested()
        plant(work, till)
        found = {each.code for look in INVARIANTS for each in look(work)}
        before.rollback()
    return found


def run(work: Connection, statement: str, **values: Any) -> None:  # noqa: ANN401 - what is bound
    assert work.execute(text(statement), values).rowcount


def book(work: Connection, till: Till, subject: str, *moves: Entry) -> None:
    """A further transaction of order 1 that balances."""
    now = till.clock.now()
    assert post(work, Kind.RESOLVED, About(subject, 1), moves, now) is not None


def half_a_transaction(work: Connection, till: Till) -> None:
    del till
    run(
        work,
        "INSERT INTO ledger_entries (transaction_id, line, book, account_id, amount) "
        "VALUES (1, 99, 'suspense', 0, 100)",
    )


def listed_and_not_booked(work: Connection, till: Till) -> None:
    run(
        work,
        "INSERT INTO payments (account_id, paid_on, reference, channel, amount) "
        "VALUES (:account, '2026-11-20', 'tesweb-404', 'x', 100)",
        account=till.accounts[0].id,
    )
    run(work, "UPDATE accounts SET balance = balance - 100 WHERE id = :id", id=till.accounts[0].id)


def booked_and_not_listed(work: Connection, till: Till) -> None:
    move = Entry(CUSTOMER, Kopecks(-100), till.accounts[0].id)
    book(work, till, "suspense 404", move, Entry(SUSPENSE, Kopecks(100)))


def listed_beside_one_another(work: Connection, till: Till) -> None:
    """The sums of the account agree, the lines do not."""
    listed_and_not_booked(work, till)
    booked_and_not_listed(work, till)


def paid_and_not_booked(work: Connection, till: Till) -> None:
    del till
    run(work, "UPDATE payment_orders SET state = 'expired' WHERE id = 1")


def shares_of_another_sum(work: Connection, till: Till) -> None:
    del till
    run(work, "UPDATE payment_shares SET amount = amount + 1 WHERE order_id = 1")


def credited_to_another_account(work: Connection, till: Till) -> None:
    run(
        work,
        "UPDATE payment_shares SET account_id = :other WHERE order_id = 1",
        other=till.accounts[1].id,
    )


def a_fee_that_was_not_taken(work: Connection, till: Till) -> None:
    del till
    run(work, "UPDATE payment_orders SET fee = 100, paid = paid + 100 WHERE id = 1")


def credited_into_fees(work: Connection, till: Till) -> None:
    """A ruble of it is credited, the rest is called a fee."""
    order_id, account = 3, till.accounts[0].id
    run(
        work,
        "UPDATE payment_orders SET state = 'succeeded', paid = amount, contact = '' WHERE id = 3",
    )
    moves = [
        Entry("clearing:memory", Kopecks(500_00)),
        Entry(CUSTOMER, Kopecks(-1_00), account),
        Entry(FEES, Kopecks(-499_00)),
    ]
    about = About(f"order {order_id}", order_id)
    assert post(work, Kind.PAYMENT, about, moves, till.clock.now()) is not None
    run(
        work,
        "INSERT INTO payments (account_id, paid_on, reference, channel, amount) "
        "VALUES (:account, '2026-11-20', :reference, 'x', 100)",
        account=account,
        reference=f"tesweb-{order_id}",
    )
    run(work, "UPDATE accounts SET balance = balance - 100 WHERE id = :id", id=account)


def another_sum_than_its_own(work: Connection, till: Till) -> None:
    del till
    run(work, "UPDATE payment_orders SET paid = paid + 1 WHERE id = 1")


def gone_back_and_not_booked(work: Connection, till: Till) -> None:
    del till
    run(work, "UPDATE payment_orders SET refunded = 100 WHERE id = 1")


def a_refund_that_is_done_and_not_booked(work: Connection, till: Till) -> None:
    del till
    run(work, "UPDATE refunds SET state = 'done', order_id = 1 WHERE state = 'asked'")


def a_refund_of_another_sum(work: Connection, till: Till) -> None:
    del till
    run(work, "UPDATE refunds SET amount = amount - 1 WHERE state = 'done'")


def a_refund_that_is_booked_and_refused(work: Connection, till: Till) -> None:
    del till
    run(work, "UPDATE refunds SET state = 'refused' WHERE state = 'done'")


def a_line_in_no_book(work: Connection, till: Till) -> None:
    del till
    run(
        work,
        "INSERT INTO register_lines (register_id, gateway, kind, reference, amount, fee, "
        "settled_at) SELECT register_id, gateway, kind, 'sale-404', amount, fee, settled_at "
        "FROM register_lines WHERE id = 1",
    )


def a_line_of_another_sum(work: Connection, till: Till) -> None:
    del till
    run(work, "UPDATE register_lines SET amount = amount + 1 WHERE id = 1")


def a_line_of_another_fee(work: Connection, till: Till) -> None:
    del till
    run(work, "UPDATE register_lines SET fee = fee + 1 WHERE id = 1")


def money_without_the_bank_s_number(work: Connection, till: Till) -> None:
    del till
    run(work, "UPDATE payment_orders SET reference = NULL WHERE id = 1")


def nobody_is_told(work: Connection, till: Till) -> None:
    del till
    run(work, "DELETE FROM outbox WHERE template = 'paid'")


@pytest.mark.parametrize(
    ("plant", "codes"),
    [
        (half_a_transaction, {"I1", "I2"}),
        (listed_and_not_booked, {"I3"}),
        (booked_and_not_listed, {"I3"}),
        (listed_beside_one_another, {"I3"}),
        (paid_and_not_booked, {"I4"}),
        (shares_of_another_sum, {"I4"}),
        (credited_to_another_account, {"I4"}),
        (a_fee_that_was_not_taken, {"I4"}),
        (credited_into_fees, {"I4"}),
        (another_sum_than_its_own, {"I4"}),
        (gone_back_and_not_booked, {"I5"}),
        (a_refund_that_is_done_and_not_booked, {"I5"}),
        (a_refund_of_another_sum, {"I5"}),
        (a_refund_that_is_booked_and_refused, {"I5"}),
        (a_line_in_no_book, {"I6"}),
        (a_line_of_another_sum, {"I6"}),
        (a_line_of_another_fee, {"I6"}),
        (money_without_the_bank_s_number, {"I7"}),
        (nobody_is_told, {"I9"}),
    ],
)
def test_a_breach_is_found(till: Till, plant: Plant, codes: set[str]) -> None:
    """Among two payments, one that waits, a refund, another asked for, a register read."""
    till.paid(500_00)
    till.paid(1_100_00)
    till.start(500_00)
    refunds.approve(ask(till), None)
    till.sweep()
    ask(till, 100_00)
    day = till.clock.now().date()
    read_in("memory", day, till.core.gateways["memory"].settled(day))
    assert codes <= found_after(till, plant)


def test_a_second_line_of_one_payment_cannot_even_be_written_or_is_found(till: Till) -> None:
    """I10: the list of an account's payments has each of ours once."""
    till.paid(500_00)

    def twice(work: Connection, _till: Till) -> None:
        run(
            work,
            "INSERT INTO payments (account_id, paid_on, reference, channel, amount) "
            "SELECT account_id, '2026-01-01', reference, channel, amount FROM payments "
            "WHERE reference = 'tesweb-1'",
        )

    assert "I10" in found_after(till, twice)


def test_an_order_that_waits_unseen_is_found_until_somebody_has_seen_it(till: Till) -> None:
    """I8; an alarm that was closed before the order moved on is no alarm about it."""
    order_id = till.start()
    till.bank.is_down = True
    till.sweep(15)
    till.later(days=10)
    assert till.alarms() == {"unclear"}

    def unseen(work: Connection, _till: Till) -> None:
        run(work, "DELETE FROM payment_alarms")

    def moved_on(work: Connection, _till: Till) -> None:
        run(
            work,
            "UPDATE payment_alarms SET closed_at = :moment",
            moment=(till.clock.now() - timedelta(days=40)).replace(tzinfo=None).isoformat(" "),
        )

    assert found_after(till, unseen) == {"I8"}
    assert found_after(till, moved_on) == {"I8"}
    till.bank.is_down = False
    janitor.sweep()
    assert order_id
