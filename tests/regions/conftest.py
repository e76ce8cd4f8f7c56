"""The region of `docs/regions.md`, as its reader would write it, and changed for the worse."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tesweb.regions.facts import Facts
from tesweb.regions.region import Region
from tesweb.resources import ROOT

DOCUMENT = ROOT / "docs" / "regions.md"
FILES = ("region.toml", "tariffs.toml")

#: Writes both files with some texts replaced, and gives the path of `region.toml`.
Write = Callable[..., Path]


def documented(name: str) -> str:
    """The example of that name in the document."""
    found = re.search(
        rf"<!-- {re.escape(name)} -->\n```toml\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL
    )
    assert found, name
    return found[1]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(*changes: tuple[str, str]) -> Path:
        texts = {name: documented(name) for name in FILES}
        for old, new in changes:
            assert any(old in text for text in texts.values()), old
            texts = {name: text.replace(old, new) for name, text in texts.items()}
        for name, text in texts.items():
            (tmp_path / name).write_text(text, "utf-8")
        return tmp_path / "region.toml"

    return write


@pytest.fixture
def region(write: Write) -> Region:
    return Region.from_toml(write())


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    """The facts alone, once: Hypothesis wants no fixture that is made anew for each test."""
    folder = tmp_path_factory.mktemp("region")
    for name in FILES:
        (folder / name).write_text(documented(name), "utf-8")
    return Region.from_toml(folder / "region.toml").facts
