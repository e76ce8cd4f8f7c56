"""Whatever is sent in whatever pieces: readings are reckoned as the rules do, money adds up."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tesweb.clock import add_months
from tesweb.meters.dials import GUESSED
from tesweb.meters.models import Source
from tesweb.meters.rules import consumption

if TYPE_CHECKING:
    from tests.exchange.conftest import Office

ACCOUNT = "720400000001"
START = date(2025, 1, 1)
DIGITS, RATIO, INITIAL = 4, 30, 9550
#: How far the dial goes from one month to the next, at most: it starts at zero in the fifth.
STEP = 100
#: The fixture's database is emptied by each example itself.
shared = settings(
    max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)

Sent = tuple[int, int, Source, int]


def send(place: int, step: int, source: Source, guess: int) -> Sent:
    """A month's reading: a dial counts forward, whatever is corrected before or after."""
    return place, (9600 + place * STEP + step) % 10**DIGITS, source, guess


sent = st.builds(
    send,
    st.integers(0, 7),
    st.integers(0, STEP - 1),
    st.sampled_from(Source),
    st.integers(0, 500),
)


def rows(readings: list[Sent]) -> Iterator[str]:
    for place, value, source, guess in readings:
        month = add_months(START, place)
        consumed = guess if source in GUESSED else ""
        day = f"{month:%Y-%m}-20"
        yield f"tyumen;{ACCOUNT};A1;1;{day};{month};{value};{source};{consumed}"


def expected(readings: dict[int, Sent]) -> dict[int, Decimal]:
    """What `tesweb.meters.rules` says about the readings that count in the end."""
    found: dict[int, Decimal] = {}
    previous, guessed = Decimal(INITIAL), Decimal(0)
    for place, (_, value, source, guess) in sorted(readings.items()):
        if source in GUESSED:
            found[place] = Decimal(guess)
            guessed += guess
        else:
            used = consumption(previous, Decimal(value), DIGITS, RATIO)
            found[place] = used - guessed
            previous, guessed = Decimal(value), Decimal(0)
    return found


@contextmanager
def emptied(office: "Office") -> Iterator[None]:
    try:
        yield
    finally:  # or the next example would meet this one's rows and fail in its stead
        with office.database.work() as work:
            for table in ("readings", "charges", "payments", "registers", "meters", "accounts"):
                work.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - a constant


@pytest.fixture
def header() -> str:
    return "region;account;serial;register;read_on;period;value;source;consumed"


#: An average, and then the resident's own reading of the very same value.
SAME_VALUE = [[send(0, 10, Source.AVERAGE, 5)], [send(0, 10, Source.RESIDENT, 0)]]


@shared
@example(SAME_VALUE)
@given(st.lists(st.lists(sent, max_size=6, unique_by=lambda each: each[0]), max_size=4))
def test_consumption_is_what_the_rules_say(
    office: "Office", header: str, files: list[list[Sent]]
) -> None:
    with emptied(office):
        office.take("accounts", f"tyumen;{ACCOUNT};ул. Мира;gas_stove")
        meter = f"tyumen;{ACCOUNT};A1;;2020-01-01;;;1;single;{DIGITS};{RATIO};{INITIAL};"
        office.take("meters", meter)
        last: dict[int, Sent] = {}
        for file in files:
            report = office.take("readings", *rows(file), header=header)
            assert not report.bad_rows
            last |= {each[0]: each for each in file}
        query = "SELECT period, consumed, value FROM readings WHERE state = 'accepted'"
        found = {str(period)[:10]: consumed for period, consumed, _ in office.rows(query)}
        assert found == {
            str(add_months(START, place)): volume * 1000 for place, volume in expected(last).items()
        }


amounts = st.integers(-(10**6), 10**6).filter(bool)
charges = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), amounts), max_size=8)
payments = st.lists(st.tuples(st.integers(0, 5), amounts.map(abs)), max_size=8)


@shared
@given(st.lists(st.tuples(charges, payments), max_size=3))
def test_the_balance_is_charges_less_payments(
    office: "Office", batches: list[tuple[list[tuple[int, int, int]], list[tuple[int, int]]]]
) -> None:
    with emptied(office):
        numbers = (ACCOUNT, "720400000002", "720400000003", "720400000004")
        office.take("accounts", *(f"tyumen;{each};ул. Мира;gas_stove" for each in numbers))
        for owed, paid in batches:
            office.take(
                "charges",
                *(
                    f"tyumen;{numbers[who]};2026-10;{line};x;;;{Decimal(amount) / 100}"
                    for who, line, amount in owed
                ),
            )
            office.take(
                "payments",
                *(
                    f"tyumen;{numbers[who % 4]};2026-10-0{who + 1};1;x;{Decimal(amount) / 100}"
                    for who, amount in paid
                ),
            )
        unbalanced = office.rows(
            "SELECT id FROM accounts WHERE balance <>"
            " coalesce((SELECT sum(amount) FROM charges WHERE account_id = id), 0)"
            " - coalesce((SELECT sum(amount) FROM payments WHERE account_id = id), 0)"
        )
        assert unbalanced == []
