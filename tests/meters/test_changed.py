"""Billing changes a meter or a reading while somebody fills in the form or sends it."""

import threading
import time
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Update, update

from tests.meters.house import LIMITS, OCTOBER, House, count_receipts, readings
from tesweb.current import core
from tesweb.database.naming import table_of
from tesweb.meters.dials import Replaced, Standing
from tesweb.meters.models import Meter, Register, Zone
from tesweb.meters.rules import Span
from tesweb.meters.services import ChangedMeanwhile, accept
from tesweb.meters.statements import find_standing, hold

NOVEMBER = date(2026, 11, 1)
meters = table_of(Meter)
registers = table_of(Register)
pytestmark = pytest.mark.usefixtures("context")


def change(statement: Update) -> None:
    with core().database.work() as work:
        work.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        update(meters).values(removed_on=date(2026, 11, 19)),
        update(registers).values(ratio=40),
        update(registers).values(digits=6),
        update(readings).values(value=Decimal(1050)),
    ],
    ids=["removed", "ratio", "digits", "reading"],
)
def test_nothing_is_written_by_what_was_true_before(house: House, statement: Update) -> None:
    submission = house.submission(1120)
    change(statement)
    with pytest.raises(ChangedMeanwhile):
        accept(submission, house.region, LIMITS)
    assert [row.period for row in house.rows()] == [OCTOBER]
    assert count_receipts() == 0


def test_a_reading_of_long_ago_is_looked_at_too(house: House) -> None:
    change(update(readings).values(period=date(2025, 1, 1)))
    submission = house.submission(1120)
    change(update(readings).values(value=Decimal(1050)))
    with pytest.raises(ChangedMeanwhile):
        accept(submission, house.region, LIMITS)
    assert len(house.rows()) == 1


def test_a_change_that_says_nothing_about_the_value_stops_nobody(house: House) -> None:
    submission = house.submission(1120)
    change(update(meters).values(model="CE102"))
    assert not accept(submission, house.region, LIMITS).is_replay
    assert house.rows()[-1].consumed == 120


def test_what_billing_changes_while_a_submission_waits_for_its_turn_counts(
    house: House, app: Flask
) -> None:
    submission = house.submission(1120)
    in_turn = threading.Event()

    def bill() -> None:
        with app.app_context(), core().database.work() as work:
            hold(work, submission.account_id)
            work.execute(update(registers).values(ratio=40))
            in_turn.set()
            time.sleep(0.7)

    billing = threading.Thread(target=bill)
    billing.start()
    in_turn.wait()
    with pytest.raises(ChangedMeanwhile):
        accept(submission, house.region, LIMITS)
    billing.join()


# ---- the mark


@pytest.fixture
def standing(house: House) -> Standing:
    with core().database.read() as reader:
        return find_standing(reader, house.account.id, NOVEMBER)


@pytest.mark.parametrize(
    "fact",
    [
        {"register_no": 2},
        {"zone": Zone.NIGHT},
        {"digits": 6},
        {"ratio": 40},
        {"previous": Decimal(999)},
        {"previous_on": date(2026, 10, 2)},
        {"months": 9},
        {"estimated": Decimal(500)},
        {"usual": Decimal(1)},
        {"version": 1},
    ],
    ids=lambda fact: next(iter(fact)),
)
def test_the_mark_knows_each_fact_of_a_register(standing: Standing, fact: dict[str, Any]) -> None:
    other = replace(standing, dials=(replace(standing.dials[0], **fact),))
    assert other.mark != standing.mark


def test_the_mark_knows_what_was_replaced(standing: Standing) -> None:
    span = Span(Decimal(1), Decimal(2), 5)
    left = Replaced(standing.meters[1], Zone.SINGLE, span)
    longer = replace(left, span=replace(span, current=Decimal(3)))
    marks = {replace(standing, replaced=found).mark for found in ((), (left,), (longer,))}
    assert len(marks) == 3


def test_the_mark_does_not_depend_on_how_a_number_is_written(standing: Standing) -> None:
    dial = replace(standing.dials[0], previous=Decimal("1000.000"), estimated=Decimal("0.000"))
    assert replace(standing, dials=(dial,)).mark == standing.mark
