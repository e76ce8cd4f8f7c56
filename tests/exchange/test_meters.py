"""Files of meters: one line for each register."""

from typing import TYPE_CHECKING

import pytest

from tesweb.exchange.kinds import Verdict

if TYPE_CHECKING:
    from tests.exchange.conftest import Office

ACCOUNT = "720400000001"
NUMBERS = "SELECT meter_no, serial FROM meters ORDER BY meter_no"
REGISTERS = (
    "SELECT meter_no, register_no, zone, digits, ratio, initial, final FROM registers"
    " ORDER BY meter_no, register_no"
)


def meter(serial: str, installed: str = "2020-01-01", rest: str = "1;single;5;1;0;") -> str:
    return f"tyumen;{ACCOUNT};{serial};CE101;{installed};;;{rest}"


@pytest.fixture(autouse=True)
def _account(office: "Office") -> None:
    office.take("accounts", f"tyumen;{ACCOUNT};г. Тюмень, ул. Мира, д. 1;gas_stove")


def test_a_meter_of_three_zones_with_a_ratio_goes_in(office: "Office") -> None:
    report = office.take(
        "meters",
        meter("A1", rest="1;peak;6;30;12,5;"),
        meter("A1", rest="2;night;6;30;0;"),
        meter("A1", rest="3;half_peak;6;30;7;"),
    )
    assert report.counts[Verdict.NEW] == 3
    assert office.rows(REGISTERS) == [
        (1, 1, "peak", 6, 30, 12_500, None),
        (1, 2, "night", 6, 30, 0, None),
        (1, 3, "half_peak", 6, 30, 7_000, None),
    ]


def test_numbers_follow_installation_and_stay(office: "Office") -> None:
    office.take("meters", meter("NEW", "2022-05-01"), meter("OLD", "2010-05-01"))
    assert office.rows(NUMBERS) == [(1, "OLD"), (2, "NEW")]
    office.take("meters", meter("OLDEST", "2001-05-01"), meter("NEWEST", "2025-05-01"))
    assert office.rows(NUMBERS) == [(1, "OLD"), (2, "NEW"), (3, "OLDEST"), (4, "NEWEST")]
    again = office.take("meters", meter("NEW", "2022-05-01"), meter("OLD", "2010-05-01"))
    assert again.counts[Verdict.UNCHANGED] == 2


def test_a_removed_meter_and_a_forgotten_register_change_what_is_there(office: "Office") -> None:
    office.take("meters", meter("A1"))
    row = f"tyumen;{ACCOUNT};A1;CE102;2020-01-01;2026-03-04;2030-01-01;"
    report = office.take("meters", f"{row}1;day;5;1;0;120", f"{row}2;night;5;1;0;80")
    assert (report.counts[Verdict.CHANGED], report.counts[Verdict.NEW]) == (1, 1)
    ((removed, until, model),) = office.rows("SELECT removed_on, verified_until, model FROM meters")
    assert (str(removed), str(until), model) == ("2026-03-04", "2030-01-01", "CE102")
    assert [row[2:] for row in office.rows(REGISTERS)] == [
        ("day", 5, 1, 0, 120_000),
        ("night", 5, 1, 0, 80_000),
    ]


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (meter("B1").replace(ACCOUNT, "720400000077"), "account", "no such account"),
        (meter("B1", rest="0;single;5;1;0;"), "register", "'0' is not between 1 and 9"),
        (meter("B1", rest="1;always;5;1;0;"), "zone", "'always' is none of day, half_peak"),
        (meter("B1", rest="1;single;2;1;0;"), "digits", "'2' is not between 3 and 9"),
        (meter("B1", rest="1;single;5;0;0;"), "ratio", "'0' is not between 1"),
        (meter("B1", rest="1;single;4;1;10000;"), "initial", "more than the register's 4 digits"),
        (meter("B1", rest="1;single;5;1;0;7"), "removed_on", "come together"),
        (meter("B1", installed="2020-13-01"), "installed_on", "there is no such day"),
        (meter("B1", installed="1.2.2020"), "installed_on", "is not a date like 2026-10-25"),
        (meter("A1"), "register", "the same as in line 2"),
        (meter("A1", rest="2;single;5;1;0;"), "zone", "the same as in line 2"),
        (meter("A1", "2021-01-01", "2;night;5;1;0;"), "serial", "described otherwise in line 2"),
        (f"tyumen;{ACCOUNT};B1;;2020-01-01;2019-01-01;;1;single;5;1;0;7", "removed_on", "before"),
    ],
)
def test_a_bad_row_is_told_and_the_good_ones_go_in(
    office: "Office", row: str, column: str, reason: str
) -> None:
    report = office.take("meters", meter("A1"), row, meter("Z9", "2024-01-01"))
    (bad,) = report.bad_rows
    assert (bad.line, bad.column) == (3, column)
    assert reason in bad.reason
    assert office.rows(NUMBERS) == [(1, "A1"), (2, "Z9")]
