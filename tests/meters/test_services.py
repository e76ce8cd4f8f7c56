"""Taking readings in: once, in order, nothing lost; on both databases, by several at once."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.meters.house import (
    LIMITS,
    OCTOBER,
    House,
    cast_clock,
    count_receipts,
    findings,
    readings,
)
from tesweb.current import core
from tesweb.meters.models import Reading, Source, State, Zone
from tesweb.meters.rules import BadValue, Verdict
from tesweb.meters.services import (
    ChangedMeanwhile,
    Doubted,
    Entry,
    Incomplete,
    KeyTaken,
    LowerThanBefore,
    MonthClosed,
    NotAccepted,
    Submission,
    accept,
    record,
)
from tesweb.meters.statements import find_standing
from tesweb.regions.region import Region
from tesweb.testing.factories import Factory

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
pytestmark = pytest.mark.usefixtures("context")


def test_a_reading_is_accepted_with_a_receipt(house: House) -> None:
    accepted = house.send(1120)
    row = house.rows()[-1]
    assert (accepted.period, accepted.is_replay) == (NOVEMBER, False)
    assert (row.period, row.value, row.consumed) == (NOVEMBER, Decimal(1120), Decimal(120))
    assert (row.source, row.state, row.version) == (Source.RESIDENT, State.ACCEPTED, 1)
    assert row.receipt_id == accepted.receipt_id
    assert row.read_on == date(2026, 11, 20)
    assert findings() == []


def test_rollover_is_taken_once_confirmed(make: Factory, region: Region) -> None:
    house = House(make, region, "9993", digits=4)
    with pytest.raises(Doubted) as caught:
        house.send(7)
    assert caught.value.judgements[0].verdict is Verdict.ROLLOVER
    house.send(7, confirmed=frozenset({((1, 1), Verdict.ROLLOVER)}))
    assert house.rows()[-1].consumed == 14


def test_the_ratio_counts(make: Factory, region: Region) -> None:
    house = House(make, region, "100", ratio=30)
    house.send(110)
    assert house.rows()[-1].consumed == 300


def test_a_confirmation_of_another_doubt_is_none(house: House) -> None:
    with pytest.raises(Doubted):
        house.send(9000, confirmed=frozenset({((1, 1), Verdict.ROLLOVER)}))


def test_lower_is_refused_even_if_confirmed(house: House) -> None:
    with pytest.raises(Doubted):
        house.send(900, confirmed=frozenset({((1, 1), Verdict.LOWER)}))
    assert len(house.rows()) == 1
    assert count_receipts() == 0


def test_too_many_digits_are_refused(house: House) -> None:
    with pytest.raises(BadValue):
        house.send(100000)
    assert len(house.rows()) == 1


def test_the_same_key_again_is_the_same_receipt(house: House) -> None:
    submission = house.submission(1120)
    first = accept(submission, house.region, LIMITS)
    again = accept(submission, house.region, LIMITS)
    assert again == replace(first, is_replay=True)
    assert len(house.rows()) == 2


def test_the_same_key_is_the_same_receipt_whatever_happened_since(house: House) -> None:
    submission = house.submission(1120)
    first = accept(submission, house.region, LIMITS)
    house.send(1130, key="correction")
    cast_clock().moment = datetime(2026, 12, 3, tzinfo=UTC)
    assert accept(submission, house.region, LIMITS).receipt_id == first.receipt_id
    assert [row.value for row in house.rows()] == [1000, 1120, 1130]


def test_the_same_key_with_what_is_there_now_is_the_same_receipt(house: House) -> None:
    first = house.send(1120)
    assert house.send(1130).receipt_id == first.receipt_id
    assert [row.value for row in house.rows()] == [1000, 1120]


def test_the_same_values_from_another_tab_are_the_same_receipt(house: House) -> None:
    one, other = house.submission(1120, "one"), house.submission(1120, "other")
    first = accept(one, house.region, LIMITS)
    again = accept(other, house.region, LIMITS)
    assert again == replace(first, is_replay=True)
    assert len(house.rows()) == 2


def test_a_key_of_another_account_is_refused(make: Factory, house: House) -> None:
    house.send(1120)
    stranger = House(make, house.region, "1000")
    with pytest.raises(KeyTaken):
        stranger.send(1120)
    assert len(stranger.rows()) == 1


def test_a_correction_supersedes_and_nothing_is_deleted(house: House) -> None:
    house.send(1120, "one")
    before = house.rows()
    second = house.send(1110, "two")
    after = house.rows()
    assert [(row.version, row.state, row.value) for row in after[1:]] == [
        (1, State.SUPERSEDED, 1120),
        (2, State.ACCEPTED, 1110),
    ]
    assert after[1][:-2] == before[1][:-2]
    assert after[2].receipt_id == second.receipt_id
    assert after[2].consumed == 110
    assert findings() == []


def test_the_other_one_of_the_household_sees_what_was_sent(make: Factory, house: House) -> None:
    other = make.user()
    mine = house.submission(1120, "mine")
    theirs = replace(house.submission(1130, "theirs"), user_id=other.id)
    accept(theirs, house.region, LIMITS)
    with pytest.raises(ChangedMeanwhile) as caught:
        accept(mine, house.region, LIMITS)
    dial = caught.value.standing.dials[0]
    assert dial.present == 1130
    assert dial.version == 1
    anyway = replace(mine, seen=caught.value.standing.mark)
    accept(anyway, house.region, LIMITS)
    assert [row.value for row in house.rows()] == [1000, 1130, 1120]


def test_after_the_window_it_counts_for_the_next_month(house: House) -> None:
    house.send(1120, "november")
    cast_clock().moment = datetime(2026, 11, 25, 20, tzinfo=UTC)  # the 26th in Tyumen
    accepted = house.send(1130, "december")
    assert accepted.period == DECEMBER
    assert [(row.period, row.consumed) for row in house.rows()[1:]] == [
        (NOVEMBER, 120),
        (DECEMBER, 10),
    ]
    assert {row.state for row in house.rows()} == {State.ACCEPTED}


def test_no_reading_goes_in_before_a_later_one(make: Factory, house: House) -> None:
    make.reading(house.meter, DECEMBER, "1200")
    with pytest.raises(MonthClosed):
        house.send(1120)


def test_a_zone_left_out_is_refused(make: Factory, region: Region) -> None:
    user = make.user()
    account = make.account(user)
    make.meter(account, Zone.DAY, Zone.NIGHT)
    with core().database.read() as reader:
        seen = find_standing(reader, account.id, NOVEMBER).mark
    for values in ({(1, 1): Decimal(5)}, {}, {(1, n): Decimal(5) for n in (1, 2, 3)}):
        with pytest.raises(Incomplete):
            accept(Submission(account.id, user.id, "key", values, seen), region, LIMITS)
    assert count_receipts() == 0


def test_one_of_two_meters_may_be_sent_alone(make: Factory, house: House) -> None:
    make.meter(house.account)
    house.send(1120)
    assert [(row.meter_no, row.period) for row in house.rows()] == [(1, OCTOBER), (1, NOVEMBER)]


def test_a_guess_of_billing_does_not_bind_the_resident(make: Factory, region: Region) -> None:
    house = House(make, region, "1000")
    for month, value in ((date(2026, 8, 1), "700"), (date(2026, 9, 1), "850")):
        make.reading(house.meter, month, value, "150", source=Source.AVERAGE.value)
    make.reading(house.meter, date(2026, 7, 1), "550", "100")
    house.send(1110)
    assert house.rows()[-1].consumed == 110


def test_after_guesses_the_difference_is_taken_off(make: Factory, region: Region) -> None:
    user = make.user()
    account = make.account(user)
    meter = make.meter(account)
    make.reading(meter, date(2026, 8, 1), "1000", "100")
    for month, value in ((date(2026, 9, 1), "1150"), (OCTOBER, "1300")):
        make.reading(meter, month, value, "150", source=Source.AVERAGE.value)
    with core().database.read() as reader:
        seen = find_standing(reader, account.id, NOVEMBER)
    assert seen.dials[0].previous == 1000
    assert seen.dials[0].estimated == 300
    values = {(1, 1): Decimal(1120)}
    accept(Submission(account.id, user.id, "key", values, seen.mark), region, LIMITS)
    with core().database.read() as reader:
        found = reader.execute(select(readings.c.consumed).filter_by(period=NOVEMBER)).scalar_one()
    assert found == -180


def test_a_reading_older_than_a_year_is_still_the_previous_one(make: Factory) -> None:
    meter = make.meter(make.account())
    make.reading(meter, date(2024, 3, 1), "5000")
    with core().database.read() as reader:
        dial = find_standing(reader, meter.account_id, NOVEMBER).dials[0]
    assert dial.previous == 5000
    assert dial.months == 32


def test_a_replaced_meter_is_counted_to_its_end(make: Factory) -> None:
    account = make.account()
    old = make.meter(account, digits=4, removed_on=date(2026, 11, 5))
    make.reading(old, OCTOBER, "9900")
    set_final(old.account_id, Decimal(9950))
    new = make.meter(account, initial="3", installed_on=date(2026, 11, 5))
    with core().database.read() as reader:
        standing = find_standing(reader, account.id, NOVEMBER)
    assert [dial.meter_no for dial in standing.dials] == [new.meter_no]
    assert standing.dials[0].usage(Decimal(33)) + standing.replaced[0].span.consumed == 80
    make.reading(new, NOVEMBER, "33", "30")
    with core().database.read() as reader:
        assert find_standing(reader, account.id, DECEMBER).replaced == ()


def set_final(account_id: int, value: Decimal) -> None:
    registers = Reading.metadata.tables["registers"]
    with core().database.work() as work:
        work.execute(registers.update().filter_by(account_id=account_id).values(final=value))


# ---- what the supplier puts in


def put(house: House, value: int, **values: Any) -> date:  # noqa: ANN401 - any field
    given_values: dict[str, Any] = {"read_on": date(2026, 11, 20), "source": Source.INSPECTOR}
    entry = Entry(house.account.id, (1, 1), Decimal(value), **(given_values | values))
    with core().database.work() as work:
        return record(work, entry, house.region)


def test_the_supplier_puts_a_reading_over_the_resident_s(house: House) -> None:
    house.send(1120)
    assert put(house, 1115) == NOVEMBER
    row = house.rows()[-1]
    assert (row.value, row.consumed, row.source, row.receipt_id) == (
        1115,
        115,
        Source.INSPECTOR,
        None,
    )
    assert findings() == []


def test_the_supplier_says_what_was_consumed_where_it_is_lower(house: House) -> None:
    with pytest.raises(LowerThanBefore):
        put(house, 900)
    put(house, 900, consumed=Decimal(0))
    assert (house.rows()[-1].value, house.rows()[-1].consumed) == (900, 0)


def test_the_supplier_cannot_put_it_on_a_register_that_is_not_there(house: House) -> None:
    entry = Entry(house.account.id, (1, 2), Decimal(1), date(2026, 11, 20), Source.SUPPLIER)
    with pytest.raises(LookupError), core().database.work() as work:
        record(work, entry, house.region)


def test_the_supplier_cannot_put_it_before_a_later_one(make: Factory, house: House) -> None:
    make.reading(house.meter, DECEMBER, "1200")
    with pytest.raises(MonthClosed):
        put(house, 1100)


# ---- nothing is deleted


steps = st.lists(
    st.tuples(st.integers(900, 1400), st.sampled_from("abc"), st.integers(0, 40)), max_size=8
)


@hypothesis_settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(steps)
def test_whatever_is_sent_no_row_ever_goes_or_changes_its_value(
    make: Factory, region: Region, steps: list[tuple[int, str, int]]
) -> None:
    house = House(make, region, "1000")
    seen = {row[:5]: row[5:9] for row in house.rows()}
    for value, key, days in steps:
        cast_clock().moment = datetime(2026, 11, 1 + days % 28, 7, tzinfo=UTC)
        try:
            house.send(value, f"{house.account.id}{key}")
        except (NotAccepted, BadValue):
            assert {row[:5]: row[5:9] for row in house.rows()} == seen
        after = {row[:5]: row[5:9] for row in house.rows()}
        assert seen.items() <= after.items()
        seen = after
    assert findings() == []
