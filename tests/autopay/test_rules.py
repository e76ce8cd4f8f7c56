"""What is judged without a database."""

import pytest

from tesweb.autopay.rules import is_unusual
from tesweb.money import Kopecks


@pytest.mark.parametrize(
    ("owed", "usual", "unusual"),
    [
        # Six times as much as usual, and yet not more than 500 ₽ above it.
        (600_00, 100_00, False),
        (600_01, 100_00, True),
        # More than 500 ₽ above it, and yet no more than twice as much.
        (2_000_00, 1_000_00, False),
        (2_000_01, 1_000_00, True),
    ],
)
def test_unusual_is_twice_the_mean_and_much_above_it(
    *, owed: int, usual: int, unusual: bool
) -> None:
    assert is_unusual(Kopecks(owed), [usual] * 3, Kopecks(500_00)) is unusual


def test_two_bills_are_too_few_to_know_what_is_usual() -> None:
    assert not is_unusual(Kopecks(9_000_00), [100_00] * 2, Kopecks(500_00))
