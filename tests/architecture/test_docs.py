"""The pages for authors of plugins say everything there is, and their first example works."""

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.source import PLUGINS, ROOT, project
from tesweb import api, hookspecs
from tesweb.config import Settings
from tesweb.current import Core
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeUser

DOCS = (ROOT / "docs" / "plugins.md").read_text("utf-8")
HOOKS = {name: hook for name, hook in vars(hookspecs).items() if hasattr(hook, "tesweb_spec")}


def test_there_are_hooks() -> None:
    assert {"blueprints", "dashboard_cards", "navigation", "regions", "settings"} <= set(HOOKS)


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_has_a_heading_with_its_arguments(hook: str) -> None:
    arguments = ", ".join(inspect.signature(HOOKS[hook]).parameters)
    assert f"\n### `{hook}({arguments})`\n" in DOCS


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_has_an_example(hook: str) -> None:
    examples = "\n".join(re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL))
    assert f"@hookimpl\ndef {hook}(" in examples


def test_the_docs_know_no_hook_that_is_not_there() -> None:
    told = set(re.findall(r"^### `(\w+)\(", DOCS, re.MULTILINE))
    assert told == set(HOOKS)


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_has_a_user_in_this_repository(hook: str) -> None:
    ours = (*ROOT.glob("plugins/*/*/*.py"), *ROOT.glob("tesweb/*/*.py"), Path(__file__))
    users = [
        file
        for file in ours
        if re.search(rf"hookimpl\n(?:async )?def {hook}\(", file.read_text("utf-8"))
    ]
    assert users


def test_every_name_of_the_api_is_there_and_explained() -> None:
    assert sorted(api.__all__, key=str) == sorted(set(api.__all__), key=str)
    silent = [
        name
        for name in api.__all__
        if callable(getattr(api, name)) and not inspect.getdoc(getattr(api, name))
    ]
    assert silent == []


def test_every_setting_gives_its_reason() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_every_dependency_has_its_reason() -> None:
    told = (ROOT / "docs" / "dependencies.md").read_text("utf-8").lower()
    found = project()
    wanted = [*found["project"]["dependencies"], *found["dependency-groups"]["dev"]]
    names = [re.split(r"[\[<>=~ ]", requirement)[0].lower() for requirement in wanted]
    assert [name for name in names if name not in told] == []


def test_every_first_party_plugin_has_a_readme() -> None:
    assert [folder.name for folder in PLUGINS if not (folder / "README.md").is_file()] == []


@pytest.fixture
def overrides(tmp_path: Path) -> dict[str, Any]:
    """The first example of the page, written down file by file as it says."""
    blocks = re.findall(r"```(toml|python|jinja)\n(.*?)```", DOCS, re.DOTALL)
    first = dict(reversed(blocks))
    package = tmp_path / "hello" / "tesweb_hello"
    (package / "templates" / "hello").mkdir(parents=True)
    (package.parent / "pyproject.toml").write_text(first["toml"], "utf-8")
    (package / "__init__.py").write_text(first["python"], "utf-8")
    (package / "templates" / "hello" / "page.html").write_text(first["jinja"], "utf-8")
    return {"plugins_folder": tmp_path}


def test_the_first_example_works(
    make: Factory, sign_in: Callable[[MadeUser], Client], core: Core
) -> None:
    user = make.user()
    account = make.account(user)
    browser = sign_in(user)
    page = browser.page(f"/hello/{account.id}/")
    assert core.plugins.known["hello"].reason == ""
    assert "Республики" in page.text
    assert f"/hello/{account.id}/" in browser.page("/").links
