"""Who copies `docs/regions.md` has a region that is loaded, and a contract test that runs."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tesweb import hookspecs
from tesweb.plugins import Plugins, State
from tesweb.resources import ROOT

PACKAGE = "tesweb_region_pskov"


def block(marker: str) -> str:
    """The first block of code after the marker."""
    text = (ROOT / "docs" / "regions.md").read_text("utf-8")
    found = re.search(rf"{re.escape(marker)}.*?```\w+\n(.*?)```", text, re.DOTALL)
    assert found, marker
    return found[1]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The operator's folder with the plugin as the document has it; its import is forgotten."""
    plugin = tmp_path / "plugins" / "region_pskov"
    package = plugin / PACKAGE
    package.mkdir(parents=True)
    (plugin / "pyproject.toml").write_text(block("`pyproject.toml`:"), "utf-8")
    (package / "__init__.py").write_text(block(f"`{PACKAGE}/__init__.py`:"), "utf-8")
    for name in ("region.toml", "tariffs.toml"):
        (package / name).write_text(block(f"<!-- {name} -->"), "utf-8")
    (plugin / "test_region.py").write_text(block("## 4. The test"), "utf-8")
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield plugin.parent
    sys.modules.pop(PACKAGE, None)


def test_the_plugin_of_the_document_is_loaded(folder: Path) -> None:
    plugins = Plugins()
    plugins.load(folder=folder)
    assert plugins.known["region_pskov"].state is State.ON
    found = dict(plugins.each(hookspecs.regions))
    assert found["region_pskov"].title("ru") == "Псковский свет"
    assert {"region_tyumen", "region_demo"} < set(found)


def test_a_wrong_file_takes_no_other_region_away(folder: Path) -> None:
    facts = folder / "region_pskov" / PACKAGE / "region.toml"
    facts.write_text(facts.read_text("utf-8").replace("closes = 26", "closes = 32"), "utf-8")
    plugins = Plugins()
    plugins.load(folder=folder)
    assert "region_pskov" not in dict(plugins.each(hookspecs.regions))
    assert "region.toml: window.closes" in plugins.known["region_pskov"].faults["regions"]
    assert "region_tyumen" in dict(plugins.each(hookspecs.regions))


def test_the_contract_of_the_document_runs(folder: Path) -> None:
    # Which years a calendar has to cover depends on the day; its own test moves the day.
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not calendar"],
        cwd=folder / "region_pskov",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "10 passed" in done.stdout
