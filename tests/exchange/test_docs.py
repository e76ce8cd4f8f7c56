"""docs/exchange.md names every column, and its examples are taken in."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tesweb.exchange.files import KINDS
from tesweb.exchange.kinds import Kind, Verdict
from tesweb.exchange.outgoing import COLUMNS

if TYPE_CHECKING:
    from tests.exchange.conftest import Office

PAGE = (Path(__file__).parents[2] / "docs" / "exchange.md").read_text("utf-8")


def section(name: str) -> str:
    return PAGE.split(f"\n## {name}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_column_is_described(kind: Kind) -> None:
    described = set(re.findall(r"^\| `(\w+)` \|", section(kind.name), re.MULTILINE))
    assert described == kind.names - {"region", "account"}


def test_every_column_of_payments_out_is_described_in_its_order() -> None:
    described = re.findall(r"^\| `(\w+)` \|", section("Payments out"), re.MULTILINE)
    assert described == list(COLUMNS)


def test_the_examples_are_good_files(office: "Office") -> None:
    accounts = "region;account;address;category"
    rows = [f"tyumen;7204001000{number};г. Тюмень;gas_stove" for number in (11, 22)]
    office.take("accounts", *rows, header=accounts)
    office.take("meters", "tyumen;720400100011;00417583;;2013-09-03;;;1;single;4;1;0;")
    for kind in KINDS:
        header, *lines = re.findall(r"```csv\n(.*?)\n```", section(kind.name), re.DOTALL)[
            0
        ].splitlines()
        report = office.take(kind.name, *lines, header=header)
        assert (report.kind, report.counts[Verdict.BAD]) == (kind.name, 0), report.bad_rows
        assert report.rows == len(lines)
