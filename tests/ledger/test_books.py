"""Double entry: what was written is never changed, only taken back by its opposite."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from tesweb.current import Core
from tesweb.ledger.books import (
    BANK,
    CUSTOMER,
    FEES,
    About,
    Entry,
    Kind,
    Unbalanced,
    clearing,
    post,
    reverse,
)
from tesweb.money import Kopecks
from tesweb.testing.factories import Factory

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
LATER = datetime(2026, 11, 21, 10, tzinfo=UTC)


def entries(account_id: int = 7) -> list[Entry]:
    return [
        Entry(clearing("demo"), Kopecks(1_050)),
        Entry(CUSTOMER, Kopecks(-1_000), account_id),
        Entry(FEES, Kopecks(-50)),
    ]


def written(work: Connection, transaction_id: int) -> list[tuple[str, int, int]]:
    rows = work.execute(
        text(
            "SELECT book, amount, account_id FROM ledger_entries"
            " WHERE transaction_id = :of ORDER BY line"
        ),
        {"of": transaction_id},
    )
    return [(row.book, row.amount, row.account_id) for row in rows]


def test_what_does_not_add_up_is_not_written(core: Core) -> None:
    wrong = [Entry(BANK, Kopecks(100)), Entry(FEES, Kopecks(-99))]
    with core.database.work() as work, pytest.raises(Unbalanced, match="order 1"):
        post(work, Kind.PAYMENT, About("order 1"), wrong, NOW)
    with core.database.read() as reader:
        assert reader.execute(text("SELECT count(*) FROM ledger_transactions")).scalar() == 0


def test_each_is_written_once_for_its_kind_and_subject(core: Core, make: Factory) -> None:
    account = make.account(make.user())
    with core.database.work() as work:
        first = post(work, Kind.PAYMENT, About("order 1"), entries(account.id), NOW)
        assert first is not None
        assert post(work, Kind.PAYMENT, About("order 1"), entries(account.id), LATER) is None
        second = post(work, Kind.REFUND, About("order 1"), entries(account.id), LATER)
        assert second not in {None, first}


def test_books_without_money_get_no_line(core: Core) -> None:
    moves = [Entry(BANK, Kopecks(10)), Entry(FEES, Kopecks(0)), Entry(clearing("x"), Kopecks(-10))]
    with core.database.work() as work:
        found = post(work, Kind.SETTLED, About("line 1"), moves, NOW)
        assert found is not None
        assert written(work, found) == [(BANK, 10, 0), ("clearing:x", -10, 0)]


def test_a_reversal_is_the_opposite_and_happens_once(core: Core, make: Factory) -> None:
    account = make.account(make.user())
    with core.database.work() as work:
        found = post(work, Kind.PAYMENT, About("order 1"), entries(account.id), NOW)
        assert found is not None
        back = reverse(work, found, LATER)
        assert back is not None
        assert sorted(written(work, back)) == [
            ("clearing:demo", -1_050, 0),
            (CUSTOMER, 1_000, account.id),
            (FEES, 50, 0),
        ]
        row = work.execute(
            text("SELECT kind, subject, reverses_id FROM ledger_transactions WHERE id = :of"),
            {"of": back},
        ).one()
        assert tuple(row) == ("reversal", f"transaction {found}", found)
        assert reverse(work, found, LATER) is None


def test_what_never_was_is_not_reversed(core: Core) -> None:
    with core.database.work() as work, pytest.raises(LookupError):
        reverse(work, 404, NOW)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entries SET amount = 0",
        "DELETE FROM ledger_entries",
        "UPDATE ledger_transactions SET subject = 'x'",
        "DELETE FROM ledger_transactions",
    ],
)
def test_the_database_refuses_a_change(core: Core, statement: str) -> None:
    moves = [Entry(BANK, Kopecks(10)), Entry(FEES, Kopecks(-10))]
    with core.database.work() as work:
        post(work, Kind.SETTLED, About("line 1"), moves, NOW)
    with pytest.raises(DatabaseError), core.database.work() as work:
        work.execute(text(statement))
