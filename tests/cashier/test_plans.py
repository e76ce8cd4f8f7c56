"""The desk's questions stay quick after years: each finds its rows by an index."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Executable, event

from tests.cashier.test_desk import words
from tests.payments.till import Till
from tesweb.cashier import acts
from tesweb.cashier import statements as desk_statements
from tesweb.cashier.services import read_in
from tesweb.money import Kopecks
from tesweb.payments import refund_statements
from tesweb.payments import statements as payment_statements
from tesweb.payments.protocol import Settled
from tesweb.testing.client import Client

GROWING = ("payment_orders", "refunds", "payment_notices", "ledger_entries")
NOW = datetime(2026, 11, 20, tzinfo=UTC)
PAGE = {"after": 0, "most": 9}
SPAN = {"gateway": "memory", "since": NOW, "until": NOW}
NAMED = {"gateway": "memory", "key": "k", "reference": "r", "most": 9}


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        (payment_statements.REFUNDS_OF_ORDER, {"order_id": 1}),
        (refund_statements.REFUNDS_OF_USER, {"user_id": 1, "before": 9, "most": 9}),
        (refund_statements.SUSPENDED, {"order_ids": [1]}),
        (desk_statements.REFUNDS_ASKED, {"most": 9}),
        (desk_statements.REFUNDS_OF_ORDER, {"order_id": 1}),
        (desk_statements.COUNTS, {}),
        (desk_statements.ORDERS_BY_REFERENCE, {"reference": "r", "most": 9}),
        (desk_statements.NOTICES_OF_ORDER, NAMED),
        (desk_statements.TAKEN_BETWEEN, SPAN),
        (desk_statements.SUSPENSE_OF_ORDERS, PAGE),
        (desk_statements.SUSPENSE_OF_LINES, PAGE),
        (desk_statements.SUSPENSE_OF_ORDER, {"order_id": 1}),
        (desk_statements.SUSPENSE_OF_LINE, {"item_id": 1}),
        (desk_statements.HOW_MANY_SUSPENDED, {}),
    ],
)
def test_no_table_that_grows_is_read_as_a_whole(
    till: Till, statement: Executable, values: dict[str, object]
) -> None:
    with till.core.database.read() as reader:
        is_sqlite = reader.dialect.name == "sqlite"
        if not is_sqlite:
            # Of a table with few rows PostgreSQL would read all by choice.
            reader.exec_driver_sql("SET LOCAL enable_seqscan = off")
        event.listen(reader, "before_cursor_execute", explain(is_sqlite=is_sqlite), retval=True)
        cursor = reader.execute(statement, values).cursor
        assert cursor is not None
        plan = [str(row[3] if is_sqlite else row[0]) for row in cursor.fetchall()]
    assert plan
    whole = [
        step for step in plan if ("SCAN" in step and "USING" not in step) or "Seq Scan" in step
    ]
    assert [step for step in whole if any(table in step for table in GROWING)] == []


def explain(*, is_sqlite: bool) -> Callable[..., tuple[str, Any]]:
    """Ask for the plan of whatever is asked."""
    word = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN"

    def ask(_connection: object, _cursor: object, query: str, values: Any, *_: object) -> Any:  # noqa: ANN401 - the library's
        return f"{word} {query}", values

    return ask


def test_the_suspense_has_pages(till: Till, desk: Client) -> None:
    day, now = till.clock.now().date(), till.clock.now()
    read_in(
        "memory",
        day,
        [Settled(f"sale-{n}", None, Kopecks(n), Kopecks(0), now) for n in range(1000, 1103)],
    )
    first = desk.page("/operator/money/suspense")
    (further,) = [link for link in first.links if "?after=" in link]
    second = desk.page(further)
    items = [
        link
        for page in (first, second)
        for link in page.links
        if link.startswith("/operator/money/suspense/")
    ]
    assert len(items) == len(set(items)) == 103
    assert "103" in words(desk, "/operator/money")
    with till.core.database.read() as reader:
        for link in items[::20]:
            assert acts.item_of(reader, int(link.rpartition("/")[2])).line_id
        with pytest.raises(LookupError):
            acts.item_of(reader, 10**9)
    assert desk.get("/operator/money/suspense?after=99999999999999999999").status_code == 200
