"""A folder with a migrated database, for one test."""

import shutil
from pathlib import Path

import pytest

from tests.commands.processes import call


@pytest.fixture(scope="session")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("upgraded")
    done = call(made, "db", "upgrade")
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture
def folder(upgraded: Path, tmp_path: Path) -> Path:
    shutil.copytree(upgraded, tmp_path, dirs_exist_ok=True)
    return tmp_path
