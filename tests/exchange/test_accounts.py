"""Files of accounts."""

from datetime import date
from typing import TYPE_CHECKING

import pytest

from tesweb.exchange.kinds import Verdict

if TYPE_CHECKING:
    from tests.exchange.conftest import Office

ALL = "SELECT region, number, address, category, balance, balance_on FROM accounts ORDER BY number"
ROW = "tyumen;7204 0000 0001;г. Тюмень, ул. Республики, д. 142, кв. 17;gas_stove"


def test_an_account_goes_in_with_its_number_as_the_region_writes_it(office: "Office") -> None:
    report = office.take("accounts", ROW)
    assert report.counts[Verdict.NEW] == report.rows == 1
    address = "г. Тюмень, ул. Республики, д. 142, кв. 17"
    assert office.rows(ALL) == [("tyumen", "720400000001", address, "gas_stove", 0, None)]


def test_the_same_file_twice_changes_nothing(office: "Office") -> None:
    office.take("accounts", ROW)
    before = office.rows("SELECT * FROM accounts")
    report = office.take("accounts", ROW)
    assert report.counts[Verdict.UNCHANGED] == report.rows == 1
    assert office.rows("SELECT * FROM accounts") == before


def test_a_changed_address_replaces_the_old_one_and_keeps_the_rest(office: "Office") -> None:
    header = "region;account;address;category;balance_on"
    office.take("accounts", f"{ROW};01.11.2026", header=header)
    report = office.take("accounts", ROW.replace("142", "144"))
    assert report.counts[Verdict.CHANGED] == 1
    ((_, _, address, _, _, balance_on),) = office.rows(ALL)
    assert address == "г. Тюмень, ул. Республики, д. 144, кв. 17"
    assert date.fromisoformat(str(balance_on)) == date(2026, 11, 1)


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("mars;720400000002;адрес;gas_stove", "region", "'mars' is none of tyumen"),
        ("tyumen;7204;адрес;gas_stove", "account", "one looks like 7204 0000 0000"),
        ("tyumen;720400000002;;gas_stove", "address", "empty"),
        ("tyumen;720400000002;адрес;diesel", "category", "'diesel' is none of tyumen's"),
        ("tyumen;720400000002;адрес", "", "4 cells wanted, 3 found"),
        (f"tyumen;720400000002;{'я' * 257};gas_stove", "address", "longer than 256 characters"),
        ('tyumen;720400000002;"ад"рес;gas_stove', "", "its quotes do not match"),
        ("tyumen;7204-0000-0001;другой;gas_stove", "account", "the same as in line 2"),
    ],
)
def test_a_bad_row_is_told_and_the_good_ones_go_in(
    office: "Office", row: str, column: str, reason: str
) -> None:
    report = office.take("accounts", ROW, row, "tyumen;720400000009;СНТ «Ромашка»;gas_stove")
    assert report.counts == {
        Verdict.NEW: 2,
        Verdict.CHANGED: 0,
        Verdict.UNCHANGED: 0,
        Verdict.BAD: 1,
    }
    (bad,) = report.bad_rows
    assert (bad.line, bad.column) == (3, column)
    assert reason in bad.reason
    assert [number for _, number, *_ in office.rows(ALL)] == ["720400000001", "720400000009"]


def test_a_bill_code_comes_in_changes_and_stays_where_the_cell_is_empty(office: "Office") -> None:
    header = "region;account;address;category;bill_code"
    codes = "SELECT bill_code FROM accounts"
    for code, verdict, stored in (
        ("4172-0936", Verdict.NEW, "4172-0936"),
        ("4172-0936", Verdict.UNCHANGED, "4172-0936"),
        ("", Verdict.UNCHANGED, "4172-0936"),
        ("5555-1111", Verdict.CHANGED, "5555-1111"),
    ):
        report = office.take("accounts", f"{ROW};{code}", header=header)
        assert report.counts[verdict] == 1
        assert office.rows(codes) == [(stored,)]
    assert office.take("accounts", ROW).counts[Verdict.UNCHANGED] == 1
    report = office.take("accounts", f"{ROW};{'1' * 33}", header=header)
    assert report.bad_rows[0].column == "bill_code"
