"""A folder of plugins beside the bundled ones, and a process that forgets them after each test."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.plugins_loader.fakes import Folder
from tesweb.resources import BUNDLED_PLUGINS


@pytest.fixture(autouse=True)
def forget_imports() -> Iterator[None]:
    path, modules = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        # A bundled plugin stays: its tables are known to SQLModel for ever.
        file = getattr(sys.modules[name], "__file__", None) or ""
        if name.startswith("tesweb_") and not file.startswith(str(BUNDLED_PLUGINS)):
            del sys.modules[name]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Holds one plugin, `good`, that must go on working whatever its neighbours do."""
    made = Folder(tmp_path / "plugins")
    made.good("good")
    return made


@pytest.fixture
def overrides(folder: Folder) -> dict[str, Any]:
    return {"plugins_folder": folder.path}
