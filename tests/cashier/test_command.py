"""`tesweb reconcile` as the operator meets it, on a register from a file."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from tests.payments.till import Till
from tesweb.commands.reconcile import reconcile
from tesweb.database.naming import table_of
from tesweb.ledger.models import LedgerTransaction
from tesweb.payments.models import RegisterLine

Run = Callable[..., Result]
HEADER = "reference;kind;amount;fee;at"
GOOD = "sale-1;payment;500,00;5,00;2026-11-20T10:00:00+03:00"


@pytest.fixture
def run(till: Till, database: str, shared_folder: Path, tmp_path: Path) -> Run:
    """Calls the command with a file of these lines, in a process of its own as far as it knows."""
    del till
    runner = CliRunner(env={"TESWEB_DATABASE": database, "TESWEB_FOLDER": str(shared_folder)})

    def invoke(content: str | bytes, *words: str) -> Result:
        path = tmp_path / "register.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return runner.invoke(reconcile, ["--gateway", "memory", "--file", str(path), *words])

    return invoke


def written(till: Till) -> list[int]:
    with till.core.database.read() as reader:
        return [
            reader.execute(select(func.count()).select_from(table_of(table))).scalar_one()
            for table in (RegisterLine, LedgerTransaction)
        ]


def test_what_agrees_is_exit_0(till: Till, run: Run) -> None:
    till.paid(500_00)
    result = run(f"{HEADER}\n{GOOD}\n")
    assert result.exit_code == 0, result.output
    assert "memory, 2026-11-20: 1 new lines, 0 known" in result.stdout
    assert (
        "payments 500,00 ₽, refunds 0,00 ₽, fees 5,00 ₽, to the account 495,00 ₽" in result.stdout
    )
    again = run(f"{HEADER}\n{GOOD}\n")
    assert "0 new lines, 1 known" in again.stdout


def test_differences_are_exit_1_and_three_lists(till: Till, run: Run) -> None:
    till.paid(500_00)
    till.paid(300_00)
    till.paid(200_00)
    lines = [
        HEADER,
        GOOD.replace("500,00", "499,00"),
        "sale-2;payment;300;0;20.11.2026 12:00".replace("20.11.2026 12:00", "2026-11-20 12:00"),
        "sale-77;payment;10;0;2026-11-20T12:00:00Z",
    ]
    result = run("\n".join(lines), "--json")
    assert result.exit_code == 1, result.output
    [told] = json.loads(result.stdout)["registers"]
    assert [each["order"] for each in told["ours_only"]] == [3]
    assert [each["reference"] for each in told["theirs_only"]] == ["sale-77"]
    assert [(each["ours"], each["amount"]) for each in told["differ"]] == [(500_00, 499_00)]
    assert told["agreed"] == 1
    assert told["sums"] == {
        "payments": 809_00,
        "refunds": 0,
        "fees": 5_00,
        "to_bank": 804_00,
    }
    words = run("\n".join(lines)).stdout
    assert "ours only: order 3, 200,00 ₽" in words
    assert "theirs only: sale-77, 10,00 ₽, in suspense" in words
    assert "differs: order 1, ours 500,00 ₽, theirs 499,00 ₽" in words


def test_a_file_of_cp1251_with_a_mark_or_commas_is_read(till: Till, run: Run) -> None:
    till.paid(500_00)
    text = f"{HEADER}\n{GOOD}\n".replace(",00", ".00").replace(";", ",")
    assert run(b"\xef\xbb\xbf" + text.encode()).exit_code == 0
    till.paid(300_00)
    other = f"{HEADER}\nзаказ-2;payment;300;;2026-11-20T10:00:00+03:00\n"
    result = run(other.encode("cp1251"))
    assert result.exit_code == 1
    assert "theirs only: заказ-2" in result.stdout


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "line 1: no column 'reference'"),
        (f"{HEADER}\n", "the register has a header and no line"),
        ("номер;сумма\n1;2\n", "line 1: no column 'reference', no column 'kind'"),
        (f"{HEADER};at\n{GOOD};1\n", "the column 'at' twice"),
        (f"{HEADER};что\n{GOOD};1\n", "an unknown column 'что'"),
        (f"{HEADER}\n{GOOD}\nmoney\n", "line 3: 1 cells below 5 columns"),
        (f"{HEADER}\n{GOOD}\nИтого;;500,00;;\n", "line 3: kind: '' is neither payment nor refund"),
        (f"{HEADER}\n{GOOD.replace('500,00', 'пятьсот')}\n", "line 2: 'пятьсот' is not a number"),
        (f"{HEADER}\n{GOOD.replace('500,00', '500,001')}\n", "more than 2 digits after the comma"),
        (f"{HEADER}\n{GOOD.replace('500,00', '-500')}\n", "line 2: '-500' is not above zero"),
        (f"{HEADER}\n{GOOD.replace('5,00;', '501,00;')}\n", "line 2: fee: more than the amount"),
        (f"{HEADER}\n{GOOD}\n\n{GOOD}\n", "line 4: the same as line 2"),
        (f"{HEADER}\n{GOOD.replace('2026-11-20T', 'вчера ')}\n", "line 2: at: "),
        (f"{HEADER}\n;{GOOD.partition(';')[2]}\n", "line 2: reference: from 1 to 64"),
        (f'{HEADER}\n"{GOOD}\n', "line 2: quotes that do not match"),
        (f"{HEADER};currency\n{GOOD};USD\n", "line 2: currency: only RUB has a place in the books"),
        (f"{HEADER};key\n{GOOD};17\n", "line 2: key: '17' is no key of an order"),
        (f"{HEADER}\n{GOOD}\n".encode("utf-16"), "line 1: a zero byte"),
        (f"{HEADER}\n".encode() + b"\x98\xff\n", "line 2: bytes that are neither UTF-8 nor cp1251"),
    ],
)
def test_a_wrong_file_is_refused_with_line_and_reason(
    till: Till, run: Run, content: str | bytes, reason: str
) -> None:
    till.paid(500_00)
    before = written(till)
    result = run(content)
    assert result.exit_code == 2, result.output
    assert "refused, nothing of it was taken" in result.output
    assert reason in result.output
    assert written(till) == before


def test_a_huge_file_is_refused(till: Till, run: Run) -> None:
    till.paid(500_00)
    before = written(till)
    lines = (f"sale-{number};payment;1;0;2026-11-20T10:00:00Z" for number in range(200_001))
    result = run("\n".join([HEADER, *lines]))
    assert (result.exit_code, written(till)) == (2, before)
    assert "more than 200,000 lines" in result.output


def test_a_bank_may_keep_all_of_a_payment_as_its_fee(till: Till, run: Run) -> None:
    till.paid(500_00)
    result = run(f"{HEADER}\n{GOOD.replace('5,00;', '500,00;')}\n")
    assert result.exit_code == 0, result.output
    assert "fees 500,00 ₽, to the account 0,00 ₽" in result.stdout


def test_whose_register_it_is_has_to_be_known(
    till: Till, run: Run, database: str, shared_folder: Path
) -> None:
    till.paid(500_00)
    unknown = run(f"{HEADER}\n{GOOD}\n", "--gateway", "nobody")
    assert unknown.exit_code == 2
    assert "there is no gateway 'nobody'" in unknown.output
    other_day = run(f"{HEADER}\n{GOOD}\n", "--day", "2026-11-19")
    assert other_day.exit_code == 2
    assert "it has lines of 2026-11-20" in other_day.output
    env = {"TESWEB_DATABASE": database, "TESWEB_FOLDER": str(shared_folder)}
    asked = ["--gateway", "memory", "--day", "2099-01-01"]
    to_come = CliRunner(env=env).invoke(reconcile, asked)
    assert to_come.exit_code == 2
    assert "2099-01-01 has not come yet" in to_come.output
    nameless = CliRunner().invoke(reconcile, ["--help"])
    assert "Exit code: 0 all agrees, 1 there are differences or payments" in nameless.output
    assert till.book("bank") == 0


def test_payments_that_are_left_behind_are_exit_1(till: Till, run: Run) -> None:
    till.paid(500_00)
    till.later(seconds=3)
    result = run(f"{HEADER}\n{GOOD}\n{GOOD.replace('payment', 'refund')}\n")
    assert result.exit_code == 1, result.output
    assert "1 payments of which the registers know more than we do" in result.stdout
