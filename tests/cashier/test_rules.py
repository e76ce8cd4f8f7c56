"""A day of a register beside the books, line by line."""

from datetime import UTC, date, datetime, timedelta

from tesweb.cashier.rules import MOSCOW, Comparison, Ours, Theirs, compare, sums_of
from tesweb.money import Kopecks

DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 9, tzinfo=UTC)


def ours(*amounts: int, order_id: int = 1) -> list[Ours]:
    return [Ours(order_id, Kopecks(amount), NOON) for amount in amounts]


def theirs(*amounts: int, order_id: int | None = 1, fee: int = 0) -> list[Theirs]:
    return [
        Theirs(number, f"sale-{number}", order_id, Kopecks(amount), Kopecks(fee), NOON, DAY)
        for number, amount in enumerate(amounts, start=1)
    ]


def compared(mine: list[Ours], lines: list[Theirs]) -> Comparison:
    return compare(mine, lines, DAY, {DAY: NOON}, MOSCOW)


def test_another_sum_first_does_not_hide_the_equal_one_after_it() -> None:
    found = compared(ours(500, 700), theirs(400, 500))
    assert [line.amount for line in found.agreed] == [500]
    assert [(each.ours, each.line.amount) for each in found.differ] == [(700, 400)]
    assert found.ours_only == []


def test_a_line_of_an_order_that_has_brought_nothing_stands_beside_nothing() -> None:
    found = compared([], theirs(400))
    assert [(each.ours, each.line.amount) for each in found.differ] == [(0, 400)]


def test_twice_the_same_line_is_once_ours() -> None:
    found = compared(ours(400), theirs(400, 400))
    assert len(found.agreed) == 1
    assert [(each.ours, each.line.amount) for each in found.differ] == [(0, 400)]
    assert found.differences == 1


def test_a_refund_is_not_laid_beside_a_payment() -> None:
    found = compared(ours(400, -400), theirs(-400))
    assert [line.amount for line in found.agreed] == [-400]
    assert [each.ours.amount for each in found.ours_only] == [400]


def test_a_line_of_no_order_is_theirs_only() -> None:
    found = compared(ours(400), theirs(400, order_id=None))
    assert [line.amount for line in found.theirs_only] == [400]
    assert [each.ours.amount for each in found.ours_only] == [400]
    assert found.differences == 2


def test_what_came_after_the_register_was_read_waits_for_the_next_reading() -> None:
    """The day was not over when somebody read its register."""
    early = {DAY: NOON - timedelta(seconds=1)}
    found = compare(ours(400), [], DAY, early, MOSCOW)
    assert ([each.waits for each in found.waiting], found.differences) == ([(DAY,)], 0)
    assert [each.ours.amount for each in compared(ours(400), []).ours_only] == [400]


def test_what_comes_to_the_bank_account_is_added_up() -> None:
    sums = sums_of(theirs(1, 2, -1, -4, 10_000, fee=3))
    assert (sums.payments, sums.refunds, sums.fees) == (10_003, -5, 15)
    assert sums.to_bank == 9_983
