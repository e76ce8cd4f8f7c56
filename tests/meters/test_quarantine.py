"""Readings of a locked cabinet: put aside, released, and exactly as before."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text, update

from tests.meters.house import LIMITS, OCTOBER, House, cast_clock, findings
from tesweb.accounts.models import Role
from tesweb.current import core
from tesweb.database.naming import table_of
from tesweb.identity.models import User
from tesweb.meters.models import State
from tesweb.meters.quarantine import quarantine, release
from tesweb.meters.services import MonthClosed, SenderLocked, accept
from tesweb.meters.statements import find_standing
from tesweb.testing.factories import Factory

pytestmark = pytest.mark.usefixtures("context")


def states(house: House) -> list[tuple[int, int, str]]:
    return [(row.version, int(row.value), row.state) for row in house.rows()[1:]]


def put_aside(house: House, user_id: int | None = None, hours: int = 1) -> int:
    with core().database.work() as work:
        since = core().clock.now() - timedelta(hours=hours)
        return quarantine(work, user_id or house.user.id, since)


def let_go(house: House, receipt_id: int) -> int:
    with core().database.work() as work:
        return release(work, house.account.id, receipt_id, core().clock.now())


def test_what_was_superseded_counts_again(house: House) -> None:
    house.send(1100, "first")
    cast_clock().moment += timedelta(hours=2)
    house.send(1120, "second")
    assert put_aside(house) == 1
    assert states(house) == [(1, 1100, State.ACCEPTED), (2, 1120, State.QUARANTINED)]
    assert findings() == []
    with core().database.read() as reader:
        (dial,) = find_standing(reader, house.account.id, house.period).dials
    assert (dial.present, dial.version) == (Decimal(1100), 1)


def test_the_only_reading_of_a_month_leaves_it_open(house: House) -> None:
    receipt = house.send(1120)
    assert put_aside(house) == 1
    with core().database.read() as reader:
        standing = find_standing(reader, house.account.id, house.period)
    assert not standing.is_read
    assert standing.dials[0].previous == Decimal(1000)
    assert findings() == []
    assert let_go(house, receipt.receipt_id) == 1
    assert states(house) == [(1, 1120, State.ACCEPTED)]


def test_a_new_reading_counts_and_the_old_one_stays_aside(house: House) -> None:
    receipt = house.send(1120)
    put_aside(house)
    house.send(1090, "anew")
    assert states(house) == [(1, 1120, State.QUARANTINED), (2, 1090, State.ACCEPTED)]
    let_go(house, receipt.receipt_id)
    assert states(house) == [(1, 1120, State.SUPERSEDED), (2, 1090, State.ACCEPTED)]
    assert findings() == []


def test_others_and_older_ones_are_left_alone(make: Factory, house: House) -> None:
    house.send(1100, "old")
    cast_clock().moment += timedelta(hours=2)
    other = make.user()
    make.link(other, house.account.id, Role.PAYER)
    submission = house.submission(1110, "theirs")
    accept(type(submission)(**_with(submission, user_id=other.id)), house.region, LIMITS)
    assert put_aside(house) == 0
    assert states(house) == [(1, 1100, State.SUPERSEDED), (2, 1110, State.ACCEPTED)]
    assert put_aside(house, other.id) == 1
    assert states(house) == [(1, 1100, State.ACCEPTED), (2, 1110, State.QUARANTINED)]


def test_a_month_that_was_read_over_since_stays_as_it_is(house: House) -> None:
    receipt = house.send(1120)
    put_aside(house)
    put_at = core().clock.now()
    cast_clock().moment += timedelta(days=31)
    house.send(1300, "december")
    with pytest.raises(MonthClosed), core().database.work() as work:
        release(work, house.account.id, receipt.receipt_id, put_at)
    assert states(house)[0] == (1, 1120, State.QUARANTINED)
    assert house.rows()[-1].consumed == 300


def test_a_month_read_by_somebody_else_before_is_no_hindrance(make: Factory, house: House) -> None:
    receipt = house.send(1120)
    cast_clock().moment += timedelta(days=31)
    other = make.user()
    submission = house.submission(1300, "theirs")
    accept(type(submission)(**_with(submission, user_id=other.id)), house.region, LIMITS)
    before = house.rows()
    cast_clock().moment += timedelta(hours=1)
    assert put_aside(house, hours=24 * 40) == 1
    let_go(house, receipt.receipt_id)
    assert house.rows() == before


def test_who_was_locked_meanwhile_sends_nothing(house: House) -> None:
    submission = house.submission(1120)
    users = table_of(User)
    with core().database.work() as work:
        work.execute(update(users).values(frozen_at=core().clock.now()))
    with pytest.raises(SenderLocked):
        accept(submission, house.region, LIMITS)
    assert states(house) == []


def test_billing_finds_a_free_version(house: House, app: Flask) -> None:
    del app
    house.send(1100, "first")
    cast_clock().moment += timedelta(hours=2)
    house.send(1120, "second")
    put_aside(house)
    assert {row.version for row in house.rows() if row.period == OCTOBER} == {1}
    house.send(1130, "third")
    assert [row.version for row in house.rows()[1:]] == [1, 2, 3]


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(1001, 1200)), min_size=1, max_size=5), st.data()
)
def test_released_is_as_if_it_had_never_been_put_aside(
    make: Factory, house: House, sent: list[tuple[bool, int]], data: st.DataObject
) -> None:
    with core().database.work() as work:
        work.execute(text("DELETE FROM readings WHERE receipt_id IS NOT NULL"))
        work.execute(text("DELETE FROM receipts"))
    other = make.user()
    receipts = []
    for number, (is_other, value) in enumerate(sent):
        cast_clock().moment += timedelta(minutes=1)
        submission = house.submission(value, f"key{number}")
        sender = other.id if is_other else house.user.id
        found = accept(type(submission)(**_with(submission, user_id=sender)), house.region, LIMITS)
        if not found.is_replay and not is_other:
            receipts.append(found.receipt_id)
    before = house.rows()
    minutes = data.draw(st.integers(0, len(sent)))
    with core().database.work() as work:
        quarantine(work, house.user.id, core().clock.now() - timedelta(minutes=minutes))
    assert findings() == []
    for receipt_id in data.draw(st.permutations(receipts)):
        let_go(house, receipt_id)
        assert findings() == []
    assert house.rows() == before


def _with(submission: Any, **values: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    names = ("account_id", "user_id", "key", "values", "seen", "confirmed")
    return {name: getattr(submission, name) for name in names} | values
