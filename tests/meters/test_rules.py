"""Vectors of the domain, then properties: nothing is billed that a meter has not counted."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tesweb.clock import add_months
from tesweb.meters.models import Zone
from tesweb.meters.rules import (
    BadValue,
    Dial,
    Judgement,
    Limits,
    Span,
    Verdict,
    consumption,
    full_scale,
    judge,
    judge_all,
    total,
    usual,
)

LIMITS = Limits()
NOVEMBER = date(2026, 11, 1)
volumes = st.integers(0, 10**6).map(lambda watt_hours: Decimal(watt_hours) / 1000)


def dial(previous: str, digits: int = 5, **values: object) -> Dial:
    given_values: dict[str, object] = {
        "meter_no": 1,
        "register_no": 1,
        "zone": Zone.SINGLE,
        "digits": digits,
        "ratio": 1,
        "previous": Decimal(previous),
        "previous_on": date(2026, 10, 20),
    }
    return Dial(**(given_values | values))  # type: ignore[arg-type]  # a test names what it needs


def verdict(of: Dial, value: str) -> Verdict:
    return judge(of, Decimal(value), LIMITS).verdict


# ---- what was consumed


@pytest.mark.parametrize(
    ("previous", "current", "digits", "ratio", "consumed"),
    [
        ("9993", "7", 4, 1, "14"),
        ("99950", "50", 5, 1, "100"),
        ("100", "100", 5, 1, "0"),
        ("9993", "7", 4, 30, "420"),
        ("99500.0", "150.0", 5, 1, "650.0"),
        ("99500.4", "150.1", 5, 1, "649.7"),
        ("500", "400", 5, 1, "99900"),
        ("0", "9999", 4, 1, "9999"),
    ],
)
def test_vectors_of_consumption(
    previous: str, current: str, digits: int, ratio: int, consumed: str
) -> None:
    found = consumption(Decimal(previous), Decimal(current), digits, ratio)
    assert found == Decimal(consumed)


@pytest.mark.parametrize(("previous", "current"), [("10000", "0"), ("0", "10000"), ("-1", "5")])
def test_a_value_that_the_dial_cannot_show_has_no_consumption(previous: str, current: str) -> None:
    with pytest.raises(ValueError, match="4 digits"):
        consumption(Decimal(previous), Decimal(current), 4)


@given(st.integers(3, 9), st.integers(1, 200), st.data())
def test_a_dial_that_counts_on_shows_what_was_consumed(
    digits: int, ratio: int, data: st.DataObject
) -> None:
    thousandths = full_scale(digits) * 1000
    values = st.integers(0, int(thousandths) - 1)
    previous, counted = (Decimal(data.draw(values)) / 1000 for _ in range(2))
    current = (previous + counted) % full_scale(digits)
    assert consumption(previous, current, digits, ratio) == counted * ratio


@given(st.integers(3, 9), st.data())
def test_consumption_adds_up_over_any_stop_on_the_way(digits: int, data: st.DataObject) -> None:
    values = st.integers(0, 10**digits - 1).map(Decimal)
    start, stop, end = (data.draw(values) for _ in range(3))
    whole = consumption(start, stop, digits) + consumption(stop, end, digits)
    assert whole % full_scale(digits) == consumption(start, end, digits)


def test_a_replaced_meter_counts_to_its_end_and_the_new_one_from_its_start() -> None:
    old = Span(Decimal(9900), Decimal(9950), digits=4, ratio=20)
    new = Span(Decimal(3), Decimal(33), digits=6)
    assert total([old, new]) == (9950 - 9900) * 20 + (33 - 3)


def test_a_replaced_meter_that_rolled_over_before_its_end() -> None:
    old = Span(Decimal(9993), Decimal(7), digits=4, ratio=30)
    new = Span(Decimal(0), Decimal(80), digits=5)
    assert total([old, new]) == 420 + 80


# ---- what is usual


def history(*volumes_: int, last: date = date(2026, 10, 1)) -> dict[date, Decimal]:
    count = len(volumes_)
    return {
        add_months(last, place - count + 1): Decimal(volume)
        for place, volume in enumerate(volumes_)
    }


def test_two_months_tell_nothing() -> None:
    assert usual(history(100, 120), NOVEMBER) is None


def test_the_average_of_the_domain() -> None:
    assert usual(history(100, 120, 110, 130, 90, 110), NOVEMBER) == 110


def test_only_the_last_twelve_months_count() -> None:
    assert usual(history(9000, 9000, *[100] * 12), NOVEMBER) == 100


def test_the_same_month_of_last_year_counts_where_it_was_larger() -> None:
    assert usual(history(900, *[100] * 11), NOVEMBER) == 900


def test_a_summer_does_not_lower_what_is_usual() -> None:
    assert usual(history(0, *[120] * 11), NOVEMBER) == 110


def test_a_month_left_out_is_covered_by_the_next() -> None:
    known = {
        date(2026, 5, 1): Decimal(100),
        date(2026, 6, 1): Decimal(100),
        date(2026, 10, 1): Decimal(400),
    }
    assert usual(known, NOVEMBER) == 100


def test_corrections_below_zero_do_not_make_the_usual_negative() -> None:
    assert usual(history(-500, 10, 10), NOVEMBER) == 0


@given(st.lists(volumes, min_size=3, max_size=12))
def test_usual_lies_within_what_was_seen(seen: list[Decimal]) -> None:
    known = {add_months(NOVEMBER, -1 - place): volume for place, volume in enumerate(seen)}
    found = usual(known, NOVEMBER)
    assert found is not None
    assert min(seen) - 1 <= found <= max(seen) + 1


# ---- verdicts


def test_an_ordinary_reading_is_accepted() -> None:
    judged = judge(dial("1000", usual=Decimal(100)), Decimal(1110), LIMITS)
    assert (judged.verdict, judged.usage, judged.consumed) == (
        Verdict.ACCEPT,
        Decimal(110),
        Decimal(110),
    )


def test_rollover_9993_to_0007_is_recognised_and_to_be_confirmed() -> None:
    judged = judge(dial("9993", 4, usual=Decimal(15)), Decimal(7), LIMITS)
    assert (judged.verdict, judged.consumed) == (Verdict.ROLLOVER, Decimal(14))
    assert judged.is_to_confirm
    assert not judged.is_refused


def test_rollover_without_any_history_is_asked_too() -> None:
    assert verdict(dial("9993", 4), "0007") is Verdict.ROLLOVER


def test_rollover_with_a_ratio() -> None:
    judged = judge(dial("9993", 4, ratio=30), Decimal(7), LIMITS)
    assert (judged.verdict, judged.consumed) == (Verdict.ROLLOVER, Decimal(420))


def test_lower_and_far_from_full_scale_is_refused() -> None:
    assert judge(dial("500"), Decimal(400), LIMITS).is_refused


def test_lower_and_near_full_scale_but_far_too_much_is_refused() -> None:
    assert verdict(dial("99500", usual=Decimal(100)), "40000") is Verdict.LOWER


@pytest.mark.parametrize(("previous", "expected"), [("9500", "rollover"), ("9499", "lower")])
def test_near_full_scale_begins_at_its_share(previous: str, expected: str) -> None:
    near = dial(previous, 4, usual=Decimal(1000))
    assert verdict(near, "100") == expected


def test_after_months_of_silence_more_is_usual() -> None:
    away = dial("9900", 4, usual=Decimal(200), months=4)
    assert verdict(away, "900") is Verdict.ROLLOVER
    assert verdict(dial("1000", 4, usual=Decimal(200), months=4), "3000") is Verdict.ACCEPT


def test_far_above_the_usual_is_to_be_confirmed() -> None:
    known = dial("1000", usual=Decimal(200))
    assert verdict(known, "1600") is Verdict.ACCEPT
    assert verdict(known, "1601") is Verdict.FAR_ABOVE


def test_below_the_floor_nothing_is_far_above() -> None:
    assert verdict(dial("1000", usual=Decimal(5)), "1300") is Verdict.ACCEPT
    assert verdict(dial("1000", usual=Decimal(5)), "1301") is Verdict.FAR_ABOVE


def test_the_factor_and_the_floor_are_settings() -> None:
    strict = Limits(far_above_factor=Decimal(2), far_above_floor=Decimal(0))
    known = dial("1000", usual=Decimal(100))
    assert judge(known, Decimal(1201), strict).verdict is Verdict.FAR_ABOVE
    assert judge(known, Decimal(1200), strict).verdict is Verdict.ACCEPT


def test_red_digits_typed_are_recognised_with_what_was_meant() -> None:
    judged = judge(dial("1234", 6, usual=Decimal(100)), Decimal(13407), LIMITS)
    assert (judged.verdict, judged.meant) == (Verdict.TIMES_TEN, Decimal(1340))


def test_ten_times_that_would_be_lower_than_before_is_just_far_above() -> None:
    assert verdict(dial("5000", usual=Decimal(100)), "9000") is Verdict.FAR_ABOVE


def test_unchanged_is_said() -> None:
    judged = judge(dial("1000"), Decimal(1000), LIMITS)
    assert (judged.verdict, judged.consumed) == (Verdict.UNCHANGED, Decimal(0))
    assert not judged.is_to_confirm


def test_the_whole_part_of_a_previous_value_is_that_value() -> None:
    judged = judge(dial("1000.7"), Decimal(1000), LIMITS)
    assert (judged.verdict, judged.value, judged.consumed) == (
        Verdict.UNCHANGED,
        Decimal("1000.7"),
        Decimal(0),
    )


def test_decimals_of_the_previous_value_are_counted_exactly() -> None:
    judged = judge(dial("1000.7"), Decimal(1010), LIMITS)
    assert judged.consumed == Decimal("9.3")


def test_what_was_counted_by_average_is_taken_off() -> None:
    guessed = dial("1000", months=3, estimated=Decimal(300))
    judged = judge(guessed, Decimal(1120), LIMITS)
    assert (judged.verdict, judged.usage, judged.consumed) == (
        Verdict.ACCEPT,
        Decimal(120),
        Decimal(-180),
    )


def test_a_value_with_too_many_digits_is_no_value() -> None:
    with pytest.raises(BadValue) as caught:
        judge(dial("1", 4), Decimal(10000), LIMITS)
    assert caught.value.code == "too_many_digits"


# ---- zones


def two_zones(day: str, night: str) -> list[Dial]:
    return [
        dial(day, zone=Zone.DAY, register_no=1, usual=Decimal(150)),
        dial(night, zone=Zone.NIGHT, register_no=2, usual=Decimal(60)),
    ]


def both(zones: list[Dial], *values: str) -> tuple[Judgement, ...]:
    typed = {zone.id: Decimal(value) for zone, value in zip(zones, values, strict=True)}
    return judge_all(zones, typed, LIMITS)


def test_zones_in_their_places_are_accepted() -> None:
    found = both(two_zones("5000", "2000"), "5150", "2060")
    assert [judged.verdict for judged in found] == [Verdict.ACCEPT, Verdict.ACCEPT]


def test_swapped_zones_are_recognised_with_what_was_meant() -> None:
    day, night = both(two_zones("5000", "2000"), "2060", "5150")
    assert (day.verdict, day.meant) == (Verdict.LOWER, Decimal(5150))
    assert (night.verdict, night.meant) == (Verdict.SWAPPED, Decimal(2060))


def test_swapped_zones_that_could_both_be_are_to_be_confirmed() -> None:
    day, night = both(two_zones("1000", "1000"), "1290", "1400")
    assert (day.verdict, night.verdict) == (Verdict.SWAPPED, Verdict.SWAPPED)
    assert (day.meant, night.meant) == (Decimal(1400), Decimal(1290))


def test_far_above_in_one_zone_that_fits_no_other_is_not_swapped() -> None:
    day, night = both(two_zones("2000", "2100"), "2160", "5000")
    assert (day.verdict, night.verdict) == (Verdict.ACCEPT, Verdict.FAR_ABOVE)


def test_a_rollover_in_one_zone_does_not_hide_a_swap() -> None:
    day, night = both(two_zones("99990", "5"), "20", "99999")
    assert (day.meant, night.meant) == (Decimal(99999), Decimal(20))


def test_three_zones_in_any_wrong_order_are_recognised() -> None:
    zones = [
        dial("1000", zone=Zone.PEAK, register_no=1, usual=Decimal(50)),
        dial("3000", zone=Zone.HALF_PEAK, register_no=2, usual=Decimal(70)),
        dial("6000", zone=Zone.NIGHT, register_no=3, usual=Decimal(60)),
    ]
    found = both(zones, "6060", "1050", "3070")
    assert [judged.meant for judged in found] == [1050, 3070, 6060]


def test_zones_of_two_meters_are_not_compared() -> None:
    zones = [
        dial("5000", meter_no=1, usual=Decimal(150)),
        dial("2000", meter_no=2, usual=Decimal(60)),
    ]
    assert [judged.meant for judged in both(zones, "2060", "5150")] == [None, None]


@given(st.lists(st.integers(0, 99999), min_size=2, max_size=2), st.data())
def test_no_value_is_taken_silently_that_is_lower_or_far_above(
    previous: list[int], data: st.DataObject
) -> None:
    zones = two_zones(*map(str, previous))
    values = [data.draw(st.integers(0, 99999)) for _ in zones]
    for judged in both(zones, *map(str, values)):
        silent = not judged.is_refused and not judged.is_to_confirm
        if silent:
            assert judged.dial.previous <= judged.value
            assert judged.usage <= judged.dial.limit(LIMITS)
        if judged.verdict is Verdict.ROLLOVER:
            assert judged.usage <= judged.dial.limit(LIMITS)
            assert judged.dial.previous >= 95000
