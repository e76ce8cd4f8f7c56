"""What a bank's report means, judged without a database."""

import itertools
from dataclasses import replace
from typing import Any

import pytest

from tesweb.money import Kopecks
from tesweb.payments.models import State
from tesweb.payments.protocol import BankState, Reason, Report
from tesweb.payments.rules import Alarm, BadAmount, Known, check_amount, learn

ASKED = Kopecks(500_00)
QUIET: frozenset[Alarm] = frozenset()


def says(state: BankState = BankState.PAID, **values: Any) -> Report:  # noqa: ANN401 - a report's values
    """The bank's report of an order of 500 ₽, paid in full where nothing else is said."""
    paid = ASKED if state is BankState.PAID else Kopecks(0)
    return replace(Report(state=state, reference="sale-1", paid=paid), **values)


def known(*reports: Report) -> Known:
    """What is known after these reports."""
    found = Known(State.PENDING, ASKED)
    for report in reports:
        found = learn(found, report).known
    return found


def test_what_was_paid_is_credited_once() -> None:
    first = learn(Known(State.PENDING, ASKED), says())
    assert (first.credit, first.suspense, first.went_back, first.alarms) == (True, 0, 0, QUIET)
    assert first.known == Known(State.SUCCEEDED, ASKED, "sale-1", ASKED)
    again = learn(first.known, says())
    assert (again.credit, again.known, again.alarms) == (False, first.known, QUIET)


@pytest.mark.parametrize("paid", [Kopecks(499_99), Kopecks(500_01)])
def test_another_sum_waits_for_a_person(paid: Kopecks) -> None:
    found = learn(Known(State.PENDING, ASKED), says(paid=paid))
    assert (found.known.state, found.known.paid) == (State.MISMATCHED, paid)
    assert (found.credit, found.suspense, found.alarms) == (False, paid, frozenset({Alarm.AMOUNT}))


def test_other_money_has_no_place_in_the_books() -> None:
    found = learn(Known(State.PENDING, ASKED), says(currency="KZT"))
    assert (found.known.state, found.known.paid) == (State.MISMATCHED, 0)
    assert (found.credit, found.suspense, found.alarms) == (False, 0, frozenset({Alarm.AMOUNT}))
    # And what is said of it later is not compared with a sum that nobody has.
    assert learn(found.known, says(currency="KZT")).alarms == QUIET


def test_a_sum_that_changes_after_it_was_paid_is_an_alarm_and_changes_nothing() -> None:
    found = learn(known(says()), says(paid=Kopecks(400_00)))
    assert (found.known, found.alarms) == (known(says()), frozenset({Alarm.AMOUNT}))
    assert (found.credit, found.suspense, found.went_back) == (False, 0, 0)


def test_all_of_it_can_go_back_and_no_kopeck_more() -> None:
    whole = learn(known(says()), says(refunded=ASKED))
    assert (whole.known.refunded, whole.went_back, whole.alarms) == (ASKED, ASKED, QUIET)
    more = learn(known(says()), says(refunded=Kopecks(ASKED + 1)))
    assert (more.known.refunded, more.went_back) == (0, 0)
    assert more.alarms == frozenset({Alarm.TOO_MUCH_REFUNDED})


def test_what_went_back_is_told_as_what_is_new_of_it() -> None:
    some = known(says(), says(refunded=Kopecks(100_00)))
    more = learn(some, says(refunded=Kopecks(150_00)))
    assert (more.known.refunded, more.went_back) == (150_00, 50_00)
    # An older report comes late.
    old = learn(more.known, says(refunded=Kopecks(100_00)))
    assert (old.known.refunded, old.went_back, old.alarms) == (150_00, 0, QUIET)


def test_what_was_paid_is_not_unpaid_by_a_report() -> None:
    paid = known(says())
    lost = learn(paid, says(BankState.FAILED, reason=Reason.DECLINED))
    assert (lost.known, lost.reason, lost.alarms) == (paid, None, frozenset({Alarm.TAKEN_BACK}))
    waits = learn(paid, says(BankState.PENDING))
    assert (waits.known, waits.alarms) == (paid, QUIET)


def test_a_success_after_a_failure_is_credited_with_an_alarm() -> None:
    declined = known(says(BankState.FAILED, reason=Reason.DECLINED))
    assert declined.state is State.FAILED
    late = learn(declined, says())
    assert (late.known.state, late.credit, late.alarms) == (
        State.SUCCEEDED,
        True,
        frozenset({Alarm.LATE_SUCCESS}),
    )


def test_the_number_of_another_order_is_an_alarm() -> None:
    found = learn(known(says(BankState.PENDING)), says(reference="sale-2"))
    assert (found.known.state, found.alarms) == (State.PENDING, frozenset({Alarm.REFERENCE}))


def test_the_reason_is_kept_of_what_failed_only() -> None:
    begun = Known(State.PENDING, ASKED)
    reason = Reason.NOT_ENOUGH_MONEY
    assert learn(begun, says(BankState.PENDING, reason=reason)).reason is None
    assert learn(begun, says(BankState.FAILED, reason=reason)).reason is reason


def test_reports_in_any_order_end_in_the_same_knowledge() -> None:
    reports = [
        says(BankState.PENDING),
        says(BankState.EXPIRED),
        says(),
        says(refunded=Kopecks(100_00)),
        says(refunded=ASKED),
    ]
    ends = {known(*each) for each in itertools.permutations(reports)}
    assert ends == {Known(State.SUCCEEDED, ASKED, "sale-1", ASKED, ASKED)}


def test_a_sum_out_of_bounds_is_told_with_the_bound() -> None:
    least, most = Kopecks(50_00), Kopecks(100_00)
    check_amount(least, least, most)
    check_amount(most, least, most)
    with pytest.raises(BadAmount) as low:
        check_amount(Kopecks(49_99), least, most)
    with pytest.raises(BadAmount) as high:
        check_amount(Kopecks(100_01), least, most)
    assert (low.value.least, low.value.most) == (least, None)
    assert (high.value.least, high.value.most) == (None, most)
