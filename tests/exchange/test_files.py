"""From bytes to rows: encodings, separators, headers, and what is refused whole."""

from typing import TYPE_CHECKING

import pytest

from tesweb.exchange.files import CHUNK, BadFile, Encoding, open_file, rows
from tesweb.exchange.kinds import Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from tests.exchange.conftest import Office

HEADER = "region;account;address;category"
ROW = "tyumen;720400000001;г. Тюмень, ул. Ямская, д. 87А, кв. 1;gas_stove"
ADDRESS = "г. Тюмень, ул. Ямская, д. 87А, кв. 1"


@pytest.fixture
def path(tmp_path: "Path") -> "Path":
    return tmp_path / "file.csv"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
@pytest.mark.parametrize("separator", [";", ","])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_dialect_is_read(
    office: "Office", path: "Path", encoding: str, separator: str, end: str
) -> None:
    cells = [line.split(";") for line in (HEADER, ROW)]
    quoted = [separator.join(f'"{cell}"' for cell in line) for line in cells]
    path.write_bytes(end.join([*quoted, ""]).encode(encoding))
    (report,) = office.send(path)
    assert report.counts[Verdict.NEW] == report.rows == 1, report
    assert office.rows("SELECT address FROM accounts") == [(ADDRESS,)]


def test_columns_stand_in_any_order_and_case(office: "Office") -> None:
    report = office.take(
        "accounts",
        'gas_stove;"СНТ ""Заря"", уч. 4";720400000001;Tyumen',
        "",
        ";;;",
        header=" Category ;ADDRESS;account;region",
    )
    assert report.counts[Verdict.NEW] == report.rows == 1
    assert office.rows("SELECT address FROM accounts") == [('СНТ "Заря", уч. 4',)]


def test_lines_are_counted_as_an_editor_does(office: "Office") -> None:
    two_lines = 'tyumen;720400000002;"ул. Ленина,\nд. 2";gas_stove'
    report = office.take("accounts", ROW, two_lines, "", "tyumen;1;x;gas_stove", ROW)
    assert [(bad.line, bad.column) for bad in report.bad_rows] == [(6, "account"), (7, "account")]
    query = "SELECT address FROM accounts WHERE number = '720400000002'"
    assert office.rows(query) == [("ул. Ленина, д. 2",)]


def test_a_broken_quote_costs_only_its_own_row(office: "Office") -> None:
    broken = 'tyumen;720400000002;"ул. Ленина" 2;gas_stove'
    report = office.take("accounts", ROW, broken, "tyumen;720400000003;x;gas_stove")
    assert report.counts[Verdict.NEW] == 2
    assert [(bad.line, bad.reason) for bad in report.bad_rows] == [(3, "its quotes do not match")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "line 1: there must be a header"),
        (b"\n\n", "line 1: there must be a header"),
        (b"name;value\n", "line 1: not the header of any file of billing's"),
        (b"region;account\n", "line 1: not the header"),
        (f"{HEADER};colour\n".encode(), "an unknown column 'colour'"),
        (b"region;account;address\n", "it looks like a file of accounts, but has no column 'cat"),
        (f"{HEADER};account\n".encode(), "a file of accounts, but has the column 'account' twice"),
        (f"{HEADER}\n{ROW}\n{ROW}\0\n".encode(), "line 3: a zero byte"),
        (f"{HEADER}\n{ROW}\n".encode("utf-16"), "line 1: a zero byte"),
        (f"{HEADER}\n{ROW}\n{ROW}".encode()[:-30], "bytes that are not UTF-8"),
        (
            f"{HEADER}\n{ROW}\nтю\n".encode() + b"\xd0\n" + ROW.encode(),
            "line 4: bytes that are not",
        ),
        (f"{HEADER}\n{ROW}".encode("cp1251") + b"\x98", "line 2: bytes that are neither"),
        (f'{HEADER}\n{ROW}\ntyumen;"7204;x\n{ROW}\n'.encode(), "line 3: a quote that is never"),
        (f"{HEADER}\n".encode() + b"x" * 3 * CHUNK, "longer than any row can be"),
    ],
)
def test_a_file_that_cannot_be_trusted_leaves_nothing(
    office: "Office", path: "Path", content: bytes, reason: str
) -> None:
    path.write_bytes(content)
    (report,) = office.send(path)
    assert reason in report.failure
    assert office.rows("SELECT count(*) FROM accounts") == [(0,)]


KINDS = "The kinds of file are accounts, meters, readings, charges, payments; docs/exchange.md"


def test_an_unknown_header_is_told_beside_those_that_are_known(
    office: "Office", path: "Path"
) -> None:
    path.write_text(f"Фамилия;{'x' * 500};value\n", "utf-8")
    (report,) = office.send(path)
    assert f"found: фамилия, {'x' * 40}…, value\n" in report.failure
    assert "expected for accounts: region, account, address, category, [balance_on]" in (
        report.failure
    )
    assert "expected for payments: region, account, paid_on, refer" in report.failure
    assert KINDS in report.failure


def test_a_header_that_is_nearly_right_is_told_beside_its_own(
    office: "Office", path: "Path"
) -> None:
    path.write_text("region;account;adress;category\n", "utf-8")
    (report,) = office.send(path)
    assert "has no column 'address', an unknown column 'adress'" in report.failure
    assert "found: region, account, adress, category\n" in report.failure
    assert "expected for accounts: " in report.failure
    assert "expected for meters" not in report.failure
    assert KINDS in report.failure


def test_damage_far_into_the_file_is_found_before_anything_goes_in(
    office: "Office", path: "Path"
) -> None:
    lines = "\n".join(f"tyumen;7204{number:08};ул. Мира;gas_stove" for number in range(20_000))
    path.write_bytes(f"{HEADER}\n{lines}\n".encode() + b"tyumen;\xff\n")
    (report,) = office.send(path)
    assert report.failure.startswith("line 20002: bytes that are not UTF-8")
    assert office.rows("SELECT count(*) FROM accounts") == [(0,)]


def test_a_file_that_is_gone_does_not_hinder_the_others(office: "Office") -> None:
    good = office.write("accounts", ROW)
    gone, taken = office.send(good.with_name("gone.csv"), good)
    assert "cannot be read" in gone.failure
    assert taken.counts[Verdict.NEW] == 1


def test_files_are_taken_in_the_order_in_which_they_refer_to_each_other(office: "Office") -> None:
    key = "tyumen;720400000001"
    reports = office.send(
        office.write("payments", f"{key};2026-10-10;1;Касса;100"),
        office.write("readings", f"{key};A1;1;2026-10-20;2026-10;5;resident"),
        office.write("charges", f"{key};2026-10;1;Электроэнергия;;;300"),
        office.write("meters", f"{key};A1;;2020-01-01;;;1;single;5;1;0;"),
        office.write("accounts", ROW),
    )
    assert [report.kind for report in reports] == [
        "accounts",
        "meters",
        "readings",
        "charges",
        "payments",
    ]
    assert all(report.counts[Verdict.NEW] == 1 for report in reports)
    assert office.rows("SELECT balance FROM accounts") == [(20_000,)]


def test_the_operator_can_say_the_encoding(path: "Path") -> None:
    # «Ц»» in cp1251 is also valid UTF-8, so that the next letter looks like damage.
    content = f"{HEADER}\n".encode() + "tyumen;720400000001;Ц» Ямская;gas_stove\n".encode("cp1251")
    path.write_bytes(content)
    with pytest.raises(BadFile, match="not UTF-8"):
        open_file(path)
    (row,) = rows(open_file(path, Encoding.CP1251))
    assert row.cells is not None
    assert row.cells[2] == "Ц» Ямская"


def test_progress_ends_at_the_size_of_the_file(office: "Office") -> None:
    path = office.write("accounts", *[ROW] * 5_000)
    offsets = [row.offset for row in rows(open_file(path))]
    assert offsets == sorted(offsets)
    assert offsets[-1] == path.stat().st_size


def test_a_file_that_changes_while_it_is_read_is_refused(path: "Path") -> None:
    path.write_text(f"{HEADER}\n{ROW}\n", "utf-8")
    opened = open_file(path)
    for content in (b"", f"{HEADER}\n".encode() + b"\xff"):
        path.write_bytes(content)
        with pytest.raises(BadFile, match="it changed while it was read"):
            list(rows(opened))
    path.unlink()
    with pytest.raises(BadFile, match="it changed while it was read"):
        list(rows(opened))
