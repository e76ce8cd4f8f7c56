"""What is missing is named with its remedy; where everything is required, a skip fails the run."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tesweb.testing import databases
from tesweb.testing.missing import Missing

SKIPPING = """
import pytest
from tesweb.testing.missing import Missing, skip

def test_here(): pass
def test_not_here(): skip(Missing("PostgreSQL", "apt-get install postgresql"))

@pytest.mark.skip(reason="later")
def test_another_day(): pass
"""


def run(folder: Path, code: str, required: str) -> "subprocess.CompletedProcess[str]":
    (folder / "test_sample.py").write_text(code)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-ra", "-p", "no:cacheprovider", str(folder)],
        cwd=folder,
        env=os.environ | {"TESWEB_REQUIRE": required},
        capture_output=True,
        text=True,
        check=False,
    )


def test_something_missing_is_skipped_with_the_command_that_installs_it(tmp_path: Path) -> None:
    done = run(tmp_path, SKIPPING, "")
    assert done.returncode == 0, done.stdout
    assert "PostgreSQL is missing; install it with: apt-get install postgresql" in done.stdout


def test_where_everything_is_required_every_skip_fails_the_run(tmp_path: Path) -> None:
    done = run(tmp_path, SKIPPING, "all")
    assert done.returncode == 1, done.stdout
    assert "1 failed, 1 passed, 1 skipped" in done.stdout
    assert "TESWEB_REQUIRE=all, and 1 skipped" in done.stdout


def test_a_plain_skip_alone_fails_it_too(tmp_path: Path) -> None:
    code = SKIPPING.partition("def test_not_here")[0] + "@pytest" + SKIPPING.partition("@pytest")[2]
    done = run(tmp_path, code, "all")
    assert done.returncode == 1, done.stdout


def test_a_machine_without_postgresql_is_told_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "INSTALLED", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Missing, match="apt-get install postgresql"):
        databases.find_postgresql()


def test_the_newest_postgresql_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in ("9", "15", "16"):
        (tmp_path / version / "bin").mkdir(parents=True)
        (tmp_path / version / "bin" / "initdb").touch()
    monkeypatch.setattr(databases, "INSTALLED", tmp_path)
    assert databases.find_postgresql() == tmp_path / "16" / "bin"


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that PostgreSQL's own user can reach, which pytest's are not."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def test_a_server_leaves_nothing_behind(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(open_folder))
    monkeypatch.setattr(databases, "MEMORY", open_folder)
    with databases.cluster() as server:
        server.connect().close()
        (data,) = open_folder.iterdir()
        process = int((data / "data" / "postmaster.pid").read_text().split()[0])
        assert server.password not in repr(server)
    assert list(open_folder.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
