"""What docs/security.md claims has the tests that it names."""

import re

from tests.architecture.source import ROOT

PAGE = (ROOT / "docs/security.md").read_text("utf-8")


def test_each_named_test_is_there() -> None:
    files = [
        file
        for folder in ("tests", "e2e", "plugins")
        for file in (ROOT / folder).glob("**/test_*.py")
    ]
    known = {
        name for file in files for name in re.findall(r"def (test_\w+)\(", file.read_text("utf-8"))
    }
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert len(named) > 60
    assert sorted(named - known) == []


def test_each_row_has_a_test_or_says_that_it_has_none() -> None:
    met, _, _ = PAGE.partition("## Rows of level 2 that are not met")
    rows = [line for line in met.splitlines() if re.match(r"\| [0-9]", line)]
    assert len(rows) > 50
    bare = [row for row in rows if not re.search(r"`(test_\w+|make \w+)`|not tested", row)]
    assert bare == []
