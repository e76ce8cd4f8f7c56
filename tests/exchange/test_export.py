"""What was paid here goes to billing, each payment once, and is known again when it comes back."""

import csv
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import event

from tests.exchange.conftest import Office
from tests.payments.conftest import bank, till
from tests.payments.till import Till
from tesweb.exchange import outgoing
from tesweb.exchange.commands import exchange
from tesweb.exchange.files import Encoding
from tesweb.exchange.kinds import Verdict
from tesweb.exchange.report import FileReport
from tesweb.money import Kopecks
from tesweb.payments import engine, refunds
from tesweb.payments.models import State

__all__ = ["bank", "till"]
Run = Callable[..., Result]
Row = dict[str, str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "to-billing"
    made.mkdir()
    return made


@pytest.fixture
def run(database: str, shared_folder: Path, folder: Path) -> Run:
    runner = CliRunner(env={"TESWEB_DATABASE": database, "TESWEB_FOLDER": str(shared_folder)})

    def invoke(*words: str) -> Result:
        return runner.invoke(exchange, ["export", "payments", str(folder), *words])

    return invoke


def files(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def read(folder: Path, encoding: str = "utf-8") -> list[Row]:
    """What billing finds in the folder, file by file."""
    rows: list[Row] = []
    for name in files(folder):
        with (folder / name).open(encoding=encoding, newline="") as file:
            rows += csv.DictReader(file, delimiter=";")
    return rows


def give_back(till: Till, amount: int) -> int:
    """Money that was paid too much goes back."""
    refund_id = refunds.ask(till.user.id, till.accounts[0].id, Kopecks(amount), "")
    refunds.approve(refund_id, None)
    till.sweep()
    return refund_id


def test_billing_that_was_down_for_days_gets_everything_once_and_in_order(
    till: Till, run: Run, folder: Path
) -> None:
    """A file a day; on the second day it cannot be put into the folder."""
    first = till.paid(700_00, 300_00)
    assert run().exit_code == 0
    till.later(days=1)
    in_the_way = folder / "tesweb-payments-000002.csv"
    in_the_way.mkdir()
    second = till.paid(650_00)
    refund = give_back(till, 350_00)
    assert run().exit_code == 2
    assert files(folder) == ["tesweb-payments-000001.csv", in_the_way.name]
    till.later(days=1)
    third = till.paid(100_00, 200_00)
    in_the_way.rmdir()
    done = run()
    assert done.exit_code == 0, done.output
    assert files(folder) == [f"tesweb-payments-{number:06d}.csv" for number in (1, 2, 3)]
    assert run().stdout == "nothing new\n"
    rows = read(folder)
    assert [row["reference"] for row in rows if row["account"] == till.accounts[0].number] == [
        f"tesweb-{first}",
        f"tesweb-{second}",
        f"tesweb-refund-{refund}",
        f"tesweb-{third}",
    ]
    assert [row["amount"] for row in rows if row["account"] == till.accounts[1].number] == [
        "300,00",
        "200,00",
    ]
    assert len(rows) == 6


def test_a_line_says_all_that_billing_has_to_know(till: Till, run: Run, folder: Path) -> None:
    order_id = till.paid(1_234_56)
    refund_id = give_back(till, 234_56)
    told = json.loads(run("--json").stdout)["files"]
    assert told == [
        {
            "number": 1,
            "file": str(folder / "tesweb-payments-000001.csv"),
            "lines": 2,
            "total": 1_000_00,
        }
    ]
    payment, refund = read(folder)
    assert payment == {
        "region": "tyumen",
        "account": till.accounts[0].number,
        "paid_on": "2026-11-20",
        "reference": f"tesweb-{order_id}",
        "channel": "Банк в памяти",
        "amount": "1234,56",
        "booked_at": "2026-11-20T12:00:03+05:00",
        "refund_of": "",
        "bank_reference": "sale-1",
    }
    assert refund["reference"] == f"tesweb-refund-{refund_id}"
    assert (refund["amount"], refund["refund_of"]) == ("-234,56", f"tesweb-{order_id}")
    assert refund["bank_reference"] == "sale-1"


def test_a_file_can_be_written_again_and_is_the_same(till: Till, run: Run, folder: Path) -> None:
    till.paid(100_00)
    assert "1 lines, 100,00 ₽" in run().stdout
    before = (folder / "tesweb-payments-000001.csv").read_bytes()
    till.later(days=1)
    till.paid(200_00)
    (folder / "tesweb-payments-000001.csv").unlink()
    assert run("--again", "1").exit_code == 0
    assert files(folder) == ["tesweb-payments-000001.csv"]
    assert (folder / "tesweb-payments-000001.csv").read_bytes() == before
    assert run("--again", "7").exit_code == 2
    assert run("--encoding", "cp1251").exit_code == 0
    (folder / "tesweb-payments-000001.csv").unlink()
    assert [row["channel"] for row in read(folder, "cp1251")] == ["Банк в памяти"]


class Killed(BaseException):
    """The process ends here."""


def test_killed_before_the_file_is_there_it_is_written_by_the_next(
    till: Till, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    till.paid(100_00)

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", die)
        with pytest.raises(Killed):
            outgoing.export(folder, Encoding.UTF_8)
    till.paid(200_00)
    assert run().exit_code == 0
    assert [row["amount"] for row in read_files(folder)] == ["100,00", "200,00"]


def read_files(folder: Path) -> list[Row]:
    for beside in folder.glob(".*"):
        beside.unlink()
    return read(folder)


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_a_payment_that_is_just_being_written_is_not_passed_over(
    app: Flask, till: Till, folder: Path
) -> None:
    """Its transaction has a lower number and commits after a later one's."""
    slow, quick = till.start(100_00), start_other(till)
    for sale in till.bank.sales.values():
        till.bank.pay(sale.reference)
    till.later(seconds=3)
    at_commit, go_on, commits = threading.Event(), threading.Event(), count()

    def hold(_: object) -> None:
        # The second commit is the one with the money; the first has claimed the order.
        if threading.current_thread().name.startswith("slow") and next(commits):
            at_commit.set()
            go_on.wait(20)

    def learn() -> State:
        with app.app_context():
            return engine.advance(slow, hurry=True)

    def give() -> list[outgoing.Written]:
        with app.app_context():
            return outgoing.export(folder, Encoding.UTF_8)

    with ThreadPoolExecutor(1, "slow") as one, ThreadPoolExecutor(1) as other:
        event.listen(till.core.database.writer, "commit", hold)
        learning = one.submit(learn)
        assert at_commit.wait(20)
        assert engine.advance(quick, hurry=True) is State.SUCCEEDED
        giving = other.submit(give)
        with pytest.raises(TimeoutError):
            giving.result(0.5)
        go_on.set()
        assert learning.result(20) is State.SUCCEEDED
        giving.result(20)
    event.remove(till.core.database.writer, "commit", hold)
    till.later(days=1)
    outgoing.export(folder, Encoding.UTF_8)
    assert sorted(row["amount"] for row in read(folder)) == ["100,00", "200,00"]


def start_other(till: Till) -> int:
    till.accounts.reverse()
    order_id = till.start(200_00)
    till.accounts.reverse()
    return order_id


def back(office: Office, rows: list[Row], **changes: str) -> FileReport:
    """Billing sends its own file, in which our payments are."""
    names = ("region", "account", "paid_on", "reference", "channel", "amount")
    return office.take(
        "payments", *(";".join((row | changes)[name] for name in names) for row in rows)
    )


def test_our_payments_in_billing_s_own_file_are_known_by_their_number(
    till: Till, run: Run, folder: Path, office: Office
) -> None:
    till.paid(1_200_00, 300_00)
    give_back(till, 200_00)
    run()
    rows = read(folder)
    balances = (till.balance(0), till.balance(1))
    for changes in ({}, {"paid_on": "2026-11-23", "channel": "ИАС"}, {"paid_on": "24.11.2026"}):
        report = back(office, rows, **changes)
        assert report.counts[Verdict.UNCHANGED] == len(rows) == 3, report.bad_rows
    loud = [row | {"reference": row["reference"].upper()} for row in rows]
    assert back(office, loud, paid_on="2026-11-25").counts[Verdict.UNCHANGED] == 3
    assert (till.balance(0), till.balance(1)) == balances
    till.check()


@pytest.mark.parametrize(
    ("changes", "column", "reason"),
    [
        ({"amount": "1199,99"}, "amount", "tesweb has booked another amount"),
        ({"amount": "-1200"}, "amount", "tesweb has booked another amount"),
        ({"amount": "0"}, "amount", "not above zero"),
        ({"reference": "tesweb-77"}, "reference", "a number of tesweb's own"),
        ({"reference": "bank-1", "amount": "-5"}, "amount", "not above zero"),
    ],
)
def test_a_number_of_ours_is_never_credited_from_a_file(  # noqa: PLR0913, PLR0917 - the fixtures
    till: Till, run: Run, folder: Path, office: Office, changes: Row, column: str, reason: str
) -> None:
    till.paid(1_200_00)
    run()
    report = back(office, read(folder), **{"paid_on": "2026-11-23", **changes})
    (bad,) = report.bad_rows
    assert bad.column == column
    assert reason in bad.reason
    assert till.balance() == -200_00
    till.check()
