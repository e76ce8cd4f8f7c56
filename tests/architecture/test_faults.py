"""Each fault of payments that docs/testing.md names has the test that it names."""

import ast
import re

import pytest

from tests.architecture.source import ROOT

ROWS = re.findall(
    r"^\| (\d+) \| [^|]+ \| `([\w/]+\.py)::(\w+)` \|$",
    (ROOT / "docs" / "testing.md").read_text("utf-8"),
    re.MULTILINE,
)


def test_each_fault_is_told_once_and_in_order() -> None:
    numbers = [int(number) for number, _, _ in ROWS]
    assert numbers == list(range(1, 57))


@pytest.mark.parametrize(("number", "file", "name"), ROWS, ids=[row[0] for row in ROWS])
def test_every_fault_has_its_test(number: str, file: str, name: str) -> None:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    found = [one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)]
    assert found.count(name) == 1, number
