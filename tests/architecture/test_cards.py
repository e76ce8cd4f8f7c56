"""Card data have no place in what we serve and keep: the bank alone asks for them.

The sandbox bank is a bank: it runs in a process of its own and keeps cards in memory only.
"""

import re
from pathlib import Path

import pytest
from flask import Flask
from sqlmodel import SQLModel

from tests.architecture.source import ROOT

#: How a card's number, its last day, its code and its owner are called in forms and in tables.
_CARD = re.compile(
    r"cc-(number|exp|csc|name)|card.?number|\bpan\b|\bcvc\d?\b|\bcvv\d?\b|\bcsc\b|expiry|card.?holder",
    re.IGNORECASE,
)
_FIELDS = re.compile(r'(?:name|id|autocomplete)="([^"]*)"')


def templates() -> list[Path]:
    found = [*(ROOT / "templates").rglob("*.*"), *(ROOT / "plugins").rglob("templates/**/*.*")]
    return [path for path in found if "sandbox_bank" not in path.parts]


@pytest.mark.parametrize("path", templates(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_form_of_ours_has_a_field_for_a_card(path: Path) -> None:
    fields = _FIELDS.findall(path.read_text("utf-8"))
    assert [field for field in fields if _CARD.search(field)] == []


def test_no_table_has_a_column_for_a_card(app: Flask) -> None:
    """What the payer knows the card by may be kept: brand and the last four digits."""
    assert app
    columns = [
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.tables.values()
        for column in table.columns
    ]
    assert len(columns) > 100
    assert [name for name in columns if _CARD.search(name)] == []


def test_no_address_holds_a_card(app: Flask) -> None:
    rules = [rule.rule for rule in app.url_map.iter_rules()]
    assert [rule for rule in rules if _CARD.search(rule)] == []


def test_it_would_be_seen() -> None:
    """The pattern finds what the sandbox bank, which is a bank, asks for."""
    folder = ROOT / "plugins/sandbox_bank"
    fields = [
        field
        for path in folder.rglob("templates/**/*.html")
        for field in _FIELDS.findall(path.read_text("utf-8"))
    ]
    assert [field for field in fields if _CARD.search(field)]
