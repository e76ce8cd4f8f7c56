"""Static files under hashed names."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import brotli
import pytest

from tesweb.current import Core
from tesweb.layout import assets
from tesweb.plugins import Plugins
from tesweb.resources import STATIC
from tesweb.testing.client import Client

CSS = "css/app.css"


def test_a_name_holds_the_hash_of_its_content(tmp_path: Path) -> None:
    built = assets.build(tmp_path, Plugins())
    content = (STATIC / CSS).read_bytes()
    assert built.url(CSS) == f"/static/css/app.{hashlib.sha256(content).hexdigest()[:10]}.css"
    assert (built.folder / built.names[CSS]).read_bytes() == content


def test_it_is_compressed_ahead(tmp_path: Path) -> None:
    built = assets.build(tmp_path, Plugins())
    packed = built.folder / f"{built.names[CSS]}.br"
    assert brotli.decompress(packed.read_bytes()) == (STATIC / CSS).read_bytes()
    assert (built.folder / f"{built.names[CSS]}.gz").exists()


def test_what_nobody_asks_for_is_not_served(tmp_path: Path) -> None:
    names = assets.build(tmp_path, Plugins()).names
    assert not [name for name in names if name.endswith((".md", "SHA256SUMS"))]
    with pytest.raises(KeyError):
        assets.build(tmp_path, Plugins()).url("no/such.css")


def test_several_processes_may_build_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        folders = set(pool.map(lambda _: assets.build(tmp_path, Plugins()).folder, range(8)))
    assert len(folders) == 1
    assert sorted(tmp_path.iterdir()) == sorted(folders)


def test_nothing_beside_the_folder_is_reached(client: Client, core: Core) -> None:
    assert core.settings.folder.is_dir()
    for path in ("../tesweb.db", "..%2ftesweb.db", "css/../../tesweb.db", "css/app.css"):
        assert client.get(f"/static/{path}").status_code == 404


def test_the_vendored_files_are_the_ones_that_were_checked() -> None:
    folder = STATIC / "vendor"
    lines = (folder / "SHA256SUMS").read_text("utf-8").splitlines()
    assert lines
    for line in lines:
        wanted, name = line.split()
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == wanted
