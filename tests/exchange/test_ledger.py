"""Files of charges and payments: money is added once and never changed."""

from typing import TYPE_CHECKING

import pytest

from tesweb.exchange.kinds import Verdict

if TYPE_CHECKING:
    from tests.exchange.conftest import Office

ACCOUNT = "720400000001"
BALANCE = "SELECT balance FROM accounts"
CHARGE = f"tyumen;{ACCOUNT};2026-10-01;single-1;Электроэнергия;120,5;4,76;573,58"
PAYMENT = f"tyumen;{ACCOUNT};09.11.2026;77-1;СБП;500"


@pytest.fixture(autouse=True)
def _account(office: "Office") -> None:
    office.take("accounts", f"tyumen;{ACCOUNT};г. Тюмень, ул. Мира, д. 1;gas_stove")


def test_charges_and_payments_make_the_balance(office: "Office") -> None:
    office.take("charges", CHARGE, f"tyumen;{ACCOUNT};2026-10-01;recalc;Перерасчёт;;;-73,58")
    assert office.rows(BALANCE) == [(50_000,)]
    office.take("payments", PAYMENT, PAYMENT.replace("77-1", "77-2").replace("500", "0,01"))
    assert office.rows(BALANCE) == [(-1,)]
    query = "SELECT line, volume, price, amount FROM charges ORDER BY line"
    assert office.rows(query) == [
        ("recalc", None, None, -7_358),
        ("single-1", 120_500, "4.76", 57_358),
    ]


@pytest.mark.parametrize(("kind", "row"), [("charges", CHARGE), ("payments", PAYMENT)])
def test_the_same_file_twice_changes_nothing(office: "Office", kind: str, row: str) -> None:
    office.take(kind, row)
    balance = office.rows(BALANCE)
    report = office.take(kind, row)
    assert report.counts[Verdict.UNCHANGED] == report.rows == 1
    assert office.rows(BALANCE) == balance
    assert len(office.rows(f"SELECT * FROM {kind}")) == 1  # noqa: S608 - one of two words


@pytest.mark.parametrize(
    ("kind", "row", "column"),
    [
        ("charges", CHARGE.replace("573,58", "573,59"), "amount"),
        ("charges", CHARGE.replace("120,5", "120"), "volume"),
        ("charges", CHARGE.replace(";120,5;", ";;"), "volume"),
        ("charges", CHARGE.replace("4,76", "4,77"), "price"),
        ("payments", PAYMENT.replace("500", "501"), "amount"),
    ],
)
def test_money_that_is_in_cannot_be_changed(
    office: "Office", kind: str, row: str, column: str
) -> None:
    office.take("charges", CHARGE)
    office.take("payments", PAYMENT)
    report = office.take(kind, row)
    (bad,) = report.bad_rows
    assert bad.column == column
    assert bad.reason == (
        f"already imported with another {column}; send the correction as a line of its own"
    )
    assert office.rows(BALANCE) == [(7_358,)]


def test_a_title_that_is_worded_anew_is_no_change(office: "Office") -> None:
    office.take("charges", CHARGE)
    report = office.take("charges", CHARGE.replace("Электроэнергия", "Электроснабжение"))
    assert report.counts[Verdict.UNCHANGED] == 1


@pytest.mark.parametrize(
    ("kind", "row", "column", "reason"),
    [
        ("charges", CHARGE, "line", "the same as in line 2"),
        ("charges", CHARGE.replace("2026-10-01", "2026-10-02"), "period", "not the first day"),
        ("charges", CHARGE.replace("573,58", "573,585"), "amount", "more than 2 digits"),
        ("charges", CHARGE.replace("573,58", "1E+3"), "amount", "'1E+3' is not a number"),
        ("charges", CHARGE.replace("4,76", "-4,76"), "price", "below zero"),
        ("charges", CHARGE.replace("4,76", "4,7600001"), "price", "more than 6 digits"),
        ("payments", PAYMENT, "reference", "the same as in line 2"),
        ("payments", PAYMENT.replace("500", "0"), "amount", "not above zero"),
        ("payments", PAYMENT.replace("09.11.2026", "2026-11-31"), "paid_on", "no such day"),
        ("payments", PAYMENT.replace(ACCOUNT, "720400000009"), "account", "no such account"),
    ],
)
def test_a_bad_row_is_told_and_the_good_one_goes_in(
    office: "Office", kind: str, row: str, column: str, reason: str
) -> None:
    report = office.take(kind, CHARGE if kind == "charges" else PAYMENT, row)
    (bad,) = report.bad_rows
    assert (bad.line, bad.column) == (3, column)
    assert reason in bad.reason
    assert report.counts[Verdict.NEW] == 1
