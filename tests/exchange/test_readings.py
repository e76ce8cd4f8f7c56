"""Files of readings: superseded, never changed; what was consumed is reckoned as for a resident."""

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from tesweb.exchange.kinds import Verdict

if TYPE_CHECKING:
    from tests.exchange.conftest import Office

ACCOUNT = "720400000001"
ALL = (
    "SELECT period, version, value, consumed, source, state, receipt_id FROM readings"
    " ORDER BY period, version"
)
SENT = "region;account;serial;register;read_on;period;value;source;consumed"


def reading(month: int, value: str, source: str = "resident", rest: str = "") -> str:
    return f"tyumen;{ACCOUNT};A1;1;2026-{month:02}-20;2026-{month:02};{value};{source}{rest}"


def short(office: "Office") -> list[tuple[int, int, int, int, str]]:
    """Month, version, value and consumption in kWh, state."""
    return [
        (int(str(row[0])[5:7]), row[1], row[2] // 1000, row[3] // 1000, row[5])
        for row in office.rows(ALL)
    ]


@pytest.fixture(autouse=True)
def _account(office: "Office") -> None:
    office.account(ACCOUNT)


def test_consumption_is_reckoned_from_the_value_before(office: "Office") -> None:
    report = office.take("readings", reading(1, "120"), reading(3, "99990,5"), reading(2, "250"))
    assert report.counts[Verdict.NEW] == 3
    report = office.take("readings", reading(4, "10,5"))
    assert [row[:4] for row in short(office)] == [
        (1, 1, 120, 120),
        (2, 1, 250, 130),
        (3, 1, 99_990, 99_740),
        (4, 1, 10, 20),
    ]


def test_the_same_file_twice_changes_nothing(office: "Office") -> None:
    office.take("readings", reading(1, "120"), reading(2, "250"))
    before = office.rows(ALL)
    report = office.take("readings", reading(1, "120"), reading(2, "250"))
    assert report.counts[Verdict.UNCHANGED] == report.rows == 2
    assert office.rows(ALL) == before


def test_another_value_supersedes_and_the_next_consumption_follows(office: "Office") -> None:
    office.take("readings", reading(1, "120"), reading(2, "250"), reading(3, "300"))
    report = office.take("readings", reading(2, "240"))
    assert (report.counts[Verdict.CHANGED], report.followed, report.rows) == (1, 1, 1)
    assert short(office) == [
        (1, 1, 120, 120, "accepted"),
        (2, 1, 250, 130, "superseded"),
        (2, 2, 240, 120, "accepted"),
        (3, 1, 300, 50, "superseded"),
        (3, 2, 300, 60, "accepted"),
    ]


def test_files_of_months_in_the_wrong_order_come_out_right(office: "Office") -> None:
    for month, value in ((3, "300"), (1, "120"), (2, "250")):
        office.take("readings", reading(month, value))
    accepted = [row[:4:3] for row in short(office) if row[4] == "accepted"]
    assert accepted == [(1, 120), (2, 130), (3, 50)]


def test_what_billing_says_was_consumed_stays_what_it_said(office: "Office") -> None:
    rows = [reading(1, "120", rest=";95"), reading(2, "250", rest=";")]
    office.take("readings", *rows, reading(3, "300", rest=";77"), header=SENT)
    office.take("readings", reading(2, "240"))
    accepted = [row[:4:3] for row in short(office) if row[4] == "accepted"]
    assert accepted == [(1, 95), (2, 120), (3, 77)]


def test_a_real_reading_takes_off_what_was_guessed(office: "Office") -> None:
    report = office.take(
        "readings",
        reading(1, "100", rest=";"),
        reading(2, "200", "average", ";100"),
        reading(3, "300", "norm", ";150"),
        reading(4, "280", rest=";"),
        header=SENT,
    )
    assert report.counts[Verdict.NEW] == 4
    assert [row[3] for row in short(office)] == [100, 100, 150, -70]


def test_a_file_sent_again_does_not_win_over_a_residents_correction(office: "Office") -> None:
    office.take("readings", reading(1, "120"))
    with office.database.work() as work:
        work.execute(text("UPDATE readings SET state = 'superseded'"))
        work.execute(
            text(
                "INSERT INTO users (id, login, password_hash, name, language, created_at)"
                " VALUES (1, 'a', 'x', 'A', 'ru', '2026-01-01')"
            )
        )
        work.execute(
            text(
                "INSERT INTO receipts (id, key, account_id, user_id, accepted_at, period)"
                " SELECT 1, 'k', id, 1, '2026-01-25', '2026-01-01' FROM accounts"
            )
        )
        work.execute(
            text(
                "INSERT INTO readings (account_id, period, meter_no, register_no, version, value,"
                " consumed, read_on, source, state, receipt_id)"
                " SELECT account_id, period, 1, 1, 2, 125000, 125000, read_on, 'resident',"
                " 'accepted', 1 FROM readings"
            )
        )
    assert office.take("readings", reading(1, "120")).counts[Verdict.UNCHANGED] == 1
    assert office.take("readings", reading(1, "125")).counts[Verdict.UNCHANGED] == 1
    assert [row[2:] for row in short(office)] == [(120, 120, "superseded"), (125, 125, "accepted")]
    inspected = office.take("readings", reading(1, "120", "inspector"))
    assert inspected.counts[Verdict.CHANGED] == 1


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (reading(2, "x"), "value", "'x' is not a number"),
        (reading(2, "-1"), "value", "below zero"),
        (reading(2, "1,0005"), "value", "more than 3 digits after the comma"),
        (reading(2, "100000"), "value", "more digits than the register has"),
        (reading(2, "٣"), "value", "is not a number"),
        (reading(2, "1", "neighbour"), "source", "none of average, inspector"),
        (reading(2, "1").replace("A1", "B2"), "serial", "no such meter"),
        (reading(2, "1").replace(";1;2026", ";2;2026"), "register", "no such register"),
        (reading(2, "1").replace("2026-02-20", "2019-12-31"), "read_on", "before the meter"),
        (reading(2, "1").replace(ACCOUNT, "720400000002"), "account", "no such account"),
        (reading(2, "1", "average"), "consumed", "is wanted"),
        (reading(1, "1"), "period", "the same as in line 2"),
    ],
)
def test_a_bad_row_is_told_and_the_good_ones_go_in(
    office: "Office", row: str, column: str, reason: str
) -> None:
    report = office.take("readings", reading(1, "5"), row, reading(3, "9"))
    (bad,) = report.bad_rows
    assert (bad.line, bad.column) == (3, column)
    assert reason in bad.reason
    assert [line[0] for line in short(office)] == [1, 3]


def test_nothing_is_read_after_a_meter_was_removed(office: "Office") -> None:
    office.take("meters", f"tyumen;{ACCOUNT};A1;CE101;2020-01-01;2026-02-10;;1;single;5;1;0;99")
    report = office.take("readings", reading(2, "99"))
    assert report.bad_rows[0].reason == "after the meter was removed"
