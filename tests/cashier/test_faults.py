"""Faults of registers by their numbers in docs/testing.md."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from tests.cashier.conftest import DAY
from tests.cashier.test_desk import words
from tests.payments.till import Till, payments
from tesweb.cashier.services import read_in, reconcile
from tesweb.commands.reconcile import reconcile as command
from tesweb.database.naming import table_of
from tesweb.ledger.models import LedgerTransaction
from tesweb.money import Kopecks
from tesweb.payments.models import RegisterLine, State
from tesweb.payments.protocol import Settled
from tesweb.testing.client import Client

HEADER = "reference;kind;amount;fee;at"


class Desk:
    """Reads registers from files by the command."""

    def __init__(self, till: Till, folder: Path, static: Path) -> None:
        self.till, self.file = till, folder / "register.csv"
        address = till.core.database.url.render_as_string(hide_password=False)
        self.runner = CliRunner(env={"TESWEB_DATABASE": address, "TESWEB_FOLDER": str(static)})

    def read(self, content: bytes) -> Result:
        self.file.write_bytes(content)
        words = ["--gateway", "memory", "--file", str(self.file)]
        return self.runner.invoke(command, words)

    def written(self) -> list[int]:
        with self.till.core.database.read() as reader:
            return [
                reader.execute(select(func.count()).select_from(table_of(table))).scalar_one()
                for table in (RegisterLine, LedgerTransaction)
            ]


@pytest.fixture
def files(till: Till, tmp_path: Path, shared_folder: Path) -> Desk:
    return Desk(till, tmp_path, shared_folder)


def line(reference: str, amount: str, kind: str = "payment") -> str:
    return f"{reference};{kind};{amount};0;2026-11-20T10:00:00+03:00"


def test_a_register_in_every_disguise_is_read_once_and_its_faults_are_told(
    till: Till, files: Desk
) -> None:
    """The same file again, in another order, in cp1251, with a mark; then a line that is missing,
    one that nobody has ordered, and a sum that is off by a kopeck."""
    for amount in (500_00, 300_00, 200_00):
        till.paid(amount)
    lines = [line("sale-1", "500,00"), line("sale-2", "300,00"), line("sale-3", "200,01")]
    stray = line("заказ-77", "10,00")
    missing = files.read("\n".join([HEADER, lines[0], lines[2]]).encode())
    assert missing.exit_code == 1, missing.output
    assert "ours only: order 2, 300,00 ₽" in missing.stdout
    assert "differs: order 3, ours 200,00 ₽, theirs 200,01 ₽" in missing.stdout
    whole = "\r\n".join([HEADER, *lines, stray, ""])
    extra = files.read(whole.encode())
    assert "2 new lines, 2 known" in extra.stdout
    assert "ours only:" not in extra.stdout
    assert "theirs only: заказ-77, 10,00 ₽, in suspense" in extra.stdout
    before = files.written()
    columns = [cells.split(";") for cells in [HEADER, stray, *reversed(lines)]]
    turned = "\n".join(",".join(f'"{cell}"' for cell in reversed(cells)) for cells in columns)
    for content in (whole.encode(), whole.encode("utf-8-sig"), whole.encode("cp1251")):
        again = files.read(content)
        assert (again.exit_code, files.written()) == (1, before), again.output
        assert "0 new lines, 4 known" in again.stdout
    assert "0 new lines, 4 known" in files.read(turned.encode("cp1251")).stdout
    assert files.written() == before == [4, 3 + 4]
    assert till.book("suspense") == -10_00
    assert till.book("clearing:memory") == -1
    assert sum(till.credited()) == 1_000_00


def settled(till: Till, amount: int = 500_00) -> Settled:
    return Settled("sale-1", None, Kopecks(amount), Kopecks(0), till.clock.now())


@pytest.mark.parametrize("is_down", [False, True])
def test_what_failed_here_and_is_paid_by_the_register_is_credited_once_and_told(
    till: Till, desk: Client, *, is_down: bool
) -> None:
    order_id = till.start(500_00)
    till.bank.decline("sale-1")
    assert till.look(order_id) is State.FAILED
    till.bank.is_down = is_down
    till.later(hours=5)
    for _ in range(2):
        read_in("memory", DAY, [settled(till)])
        till.later(minutes=5)
        read_in("memory", DAY + timedelta(days=1), [settled(till)])
    assert till.state(order_id) is State.SUCCEEDED
    assert (till.credited(), till.told(), till.balance()) == ([500_00], 1, 500_00)
    assert till.alarms() == {"late_success"}
    assert "Оплачено после отказа" in words(desk, "/operator/money/alarms")


def test_what_no_register_has_is_flagged_and_nothing_is_taken_back(
    till: Till, desk: Client
) -> None:
    order_id = till.paid(500_00)
    for days in range(4):
        read_in("memory", DAY + timedelta(days=days), [])
        till.later(days=1)
        till.sweep()
    found = reconcile("memory", DAY)
    assert [(each.ours.order_id, each.waits) for each in found.ours_only] == [(order_id, ())]
    page = words(desk, f"/operator/money/reconcile?gateway=memory&day={date(2026, 11, 20)}")
    assert "Есть только у нас (1)" in page
    assert f"Платёж № {order_id}" in page
    assert till.state(order_id) is State.SUCCEEDED
    assert (till.credited(), till.balance()) == ([500_00], 500_00)
    with till.core.database.read() as reader:
        amounts = reader.execute(select(payments.c.amount)).scalars().all()
    assert amounts == [500_00]


def test_what_is_left_behind_is_told_on_the_page(till: Till, desk: Client) -> None:
    del till
    page = "/operator/money/reconcile?gateway=memory&day=2026-11-20&new=1&behind=2"
    assert "платежей: 2" in words(desk, page)
