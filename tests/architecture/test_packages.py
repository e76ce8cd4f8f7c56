"""Each plugin is a distribution as a stranger would make it, and the wheel carries them all."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.source import PLUGINS, ROOT, files, name, project
from tesweb import __version__
from tesweb.discovery import RESERVED

PIN = r"^([\w.-]+)(?:\[[\w,-]+\])?==([\w.+]+)"
REQUIREMENTS = sorted((ROOT / "requirements").glob("*.txt"))


@pytest.fixture(params=PLUGINS, ids=lambda folder: folder.name)
def plugin(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.param
    return folder


@pytest.fixture
def facts(plugin: Path) -> dict[str, Any]:
    found: dict[str, Any] = project(plugin)["project"]
    return found


def test_one_name_serves_seven_uses(plugin: Path, facts: dict[str, Any]) -> None:
    package = f"tesweb_{plugin.name}"
    assert re.fullmatch(r"[a-z][a-z0-9_]*", plugin.name)
    assert plugin.name not in RESERVED
    assert canonicalize_name(facts["name"]) == canonicalize_name(package)
    assert facts["entry-points"] == {"tesweb.plugins": {plugin.name: package}}
    assert (plugin / package / "__init__.py").is_file()
    assert project(plugin)["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == [package]


def test_it_asks_for_this_version_of_tesweb(facts: dict[str, Any]) -> None:
    pins = [Requirement(text) for text in facts["dependencies"]]
    (pin,) = [pin for pin in pins if pin.name == "tesweb"]
    assert pin.specifier.contains(__version__)
    assert any(part.operator in {"<", "~="} for part in pin.specifier), "the pin has no upper end"


def test_what_it_needs_the_product_installs(facts: dict[str, Any]) -> None:
    ours = {Requirement(text).name for text in project()["project"]["dependencies"]}
    theirs = {Requirement(text).name for text in facts["dependencies"]}
    assert theirs - {"tesweb"} <= ours


def test_its_tests_lie_in_the_tests_folder(plugin: Path) -> None:
    assert not list(plugin.rglob("test_*.py")) + list(plugin.rglob("conftest.py"))
    assert (ROOT / "tests" / "plugins" / plugin.name).is_dir()


def test_its_licence_and_python_are_the_products(facts: dict[str, Any]) -> None:
    ours = project()["project"]
    assert (facts["license"], facts["requires-python"]) == (
        ours["license"],
        ours["requires-python"],
    )


@pytest.mark.parametrize("file", REQUIREMENTS, ids=lambda file: file.name)
def test_requirements_name_no_host_and_hash_everything(file: Path) -> None:
    text = file.read_text("utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert "://" not in text
    assert [line for line in lines if line.startswith("-") or "==" not in line] == []
    assert len(lines) == len(re.findall(r"==[^\n]*\\\n    --hash=sha256:", text))


def test_requirements_hold_every_dependency() -> None:
    locked = {
        file.stem: {
            canonicalize_name(found): version
            for found, version in re.findall(PIN, file.read_text(), re.MULTILINE)
        }
        for file in REQUIREMENTS
    }
    found = project()
    wanted = {"run": found["project"]["dependencies"] + found["dependency-groups"]["build"]}
    wanted["dev"] = wanted["run"] + found["dependency-groups"]["dev"]
    for stem, requirements in wanted.items():
        for text in requirements:
            one = Requirement(text)
            assert one.specifier.contains(locked[stem][canonicalize_name(one.name)]), text
    assert locked["run"].items() <= locked["dev"].items()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    command = "pip wheel --quiet --no-deps --no-build-isolation --wheel-dir"
    done = subprocess.run(
        [sys.executable, "-m", *command.split(), str(folder), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (file,) = folder.glob("*.whl")
    with zipfile.ZipFile(file) as opened:
        return set(opened.namelist())


def test_the_wheel_carries_all_that_is_served(wheel: set[str]) -> None:
    served = [ROOT / "manifest.webmanifest", *files("", "templates", "static", "plugins")]
    paths = [name(file).replace("plugins/", "plugins.d/", 1) for file in served if file.is_file()]
    assert len(paths) > 20
    assert [path for path in paths if f"tesweb/{path}" not in wheel] == []
    assert "tesweb/translations/ru/LC_MESSAGES/messages.mo" in wheel
    assert "tesweb/database/script.py.mako" in wheel


def test_the_wheel_carries_nothing_else(wheel: set[str]) -> None:
    strangers = [
        path
        for path in wheel
        if not re.match(r"tesweb/|tesweb-[^/]*\.dist-info/", path)
        or re.search(r"test_\w+\.py$|conftest\.py|__pycache__|\.po[t]?~|\.db$|\.log$", path)
    ]
    assert strangers == []


def test_the_right_htmx_flask_is_installed() -> None:
    names = {Requirement(text).name for text in project()["project"]["dependencies"]}
    assert "htmx-flask" in names
    assert "flask-htmx" not in names


def test_the_versions_agree() -> None:
    assert project()["project"]["version"] == __version__
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert __version__ in changes
