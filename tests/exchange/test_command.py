"""`tesweb exchange import` as the operator meets it."""

import csv
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from tesweb.exchange.commands import exchange
from tesweb.exchange.report import SHOWN

if TYPE_CHECKING:
    from pathlib import Path

    from tests.exchange.conftest import Office

GOOD = "tyumen;720400000001;г. Тюмень, ул. Мира, д. 1;gas_stove"
Run = Callable[..., Result]


@pytest.fixture
def run(database: str, shared_folder: "Path") -> Run:
    runner = CliRunner(env={"TESWEB_DATABASE": database, "TESWEB_FOLDER": str(shared_folder)})

    def invoke(*arguments: object) -> Result:
        return runner.invoke(exchange, ["import", *map(str, arguments)])

    return invoke


def test_all_good_is_exit_0_and_a_line_for_each_file(office: "Office", run: Run) -> None:
    path = office.write("accounts", GOOD)
    result = run(path)
    assert result.exit_code == 0, result.output
    assert f"{path}: accounts: 1 new" in result.stdout
    assert "1 unchanged" in run(path).stdout


def test_bad_rows_are_exit_1_the_first_are_shown_all_are_written(
    office: "Office", run: Run, tmp_path: "Path"
) -> None:
    bad = [f"tyumen;{number};x;gas_stove" for number in range(SHOWN + 5)]
    path, errors = office.write("accounts", GOOD, *bad), tmp_path / "errors.csv"
    result = run(path, "--errors", errors)
    assert result.exit_code == 1, result.output
    assert "1 new, 25 bad" in result.stdout
    assert "line 3, account: not an account number of tyumen" in result.stdout
    assert "… and 5 more" in result.stdout
    with errors.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = list(csv.reader(file, delimiter=";"))
    assert header == ["file", "line", "column", "reason"]
    assert [int(row[1]) for row in rows] == list(range(3, SHOWN + 8))
    assert {row[0] for row in rows} == {str(path)}


def test_json_is_one_object_with_every_file(office: "Office", run: Run) -> None:
    good = office.write("accounts", GOOD, "mars;1;x;gas_stove")
    refused = office.write("meters", header="one;two;three")
    result = run(refused, good, "--json")
    assert result.exit_code == 2, result.output
    first, second = json.loads(result.stdout)["files"]
    assert (first["kind"], first["rows"]) == ("", 0)
    assert "not the header" in first["failure"]
    assert second["counts"] == {"new": 1, "changed": 0, "unchanged": 0, "bad": 1}
    (bad,) = second["bad_rows"]
    assert (bad["line"], bad["column"]) == (3, "region")
    assert bad["reason"].startswith("'mars' is none of ")


def test_the_encoding_can_be_said(office: "Office", run: Run) -> None:
    path = office.write("accounts", GOOD)
    path.write_bytes(path.read_text("utf-8").encode("cp1251"))
    assert run(path, "--encoding", "utf-8").exit_code == 2
    assert run(path, "--encoding", "cp1251").exit_code == 0


def test_help_names_every_kind_of_file(run: Run) -> None:
    text = run("--help").stdout
    for word in ("accounts", "meters", "readings", "charges", "payments", "--errors", "Exit code"):
        assert word in text
