"""Who may import whom: `make lint` checks the contracts, this that they leave nobody out."""

import ast
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from itertools import pairwise

import grimp
import pytest

from tests.architecture.source import PLUGINS, PRODUCT, ROOT, name, project, python, tree

PACKAGES = {f"tesweb_{folder.name}" for folder in PLUGINS}
#: Rooms of the core in which a name as `views` has no meaning of its own.
OTHER_ROOMS = {"commands", "database", "demo", "testing"}
LAYERS = ["views", "services", "statements", "rules", "models"]


@pytest.fixture(scope="module")
def contracts() -> dict[str, dict[str, list[str]]]:
    return {found["id"]: found for found in project()["tool"]["importlinter"]["contracts"]}


@pytest.fixture(scope="module")
def graph() -> Iterator[grimp.ImportGraph]:
    before = list(sys.path)
    sys.path.extend(map(str, PLUGINS))
    yield grimp.build_graph(
        "tesweb", *sorted(PACKAGES), exclude_type_checking_imports=True, cache_dir=None
    )
    sys.path[:] = before


def test_the_contracts_know_every_plugin(contracts: dict[str, dict[str, list[str]]]) -> None:
    assert set(project()["tool"]["importlinter"]["root_packages"]) >= PACKAGES
    assert set(contracts["core"]["forbidden_modules"]) == PACKAGES
    assert set(contracts["plugins"]["modules"]) == PACKAGES
    assert set(contracts["api"]["source_modules"]) == PACKAGES
    assert set(contracts["htmx"]["source_modules"]) == PACKAGES | {"tesweb"}


def test_the_layers_are_kept_in_every_room_and_plugin(
    contracts: dict[str, dict[str, list[str]]],
) -> None:
    rooms = {
        f"tesweb.{file.parent.name}"
        for file in (ROOT / "tesweb").glob("*/__init__.py")
        if file.parent.name not in OTHER_ROOMS
    }
    assert set(contracts["layers"]["containers"]) == rooms | PACKAGES
    order = " ".join(contracts["layers"]["layers"])
    places = [order.index(f"({layer})") for layer in LAYERS]
    assert all(upper < lower for upper, lower in pairwise(places))


def test_mypy_finds_every_plugin() -> None:
    paths = project()["tool"]["mypy"]["mypy_path"]
    assert {path.rpartition("/")[2] for path in paths[1:]} == {folder.name for folder in PLUGINS}


def test_every_folder_of_modules_is_a_package() -> None:
    folders = {file.parent for file in python(*PRODUCT)}
    assert [name(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_folders_beside_the_packages_are_none() -> None:
    # The checkout is on `sys.path` in development: `import static` must not come to mean anything.
    tops = ("plugins", "templates", "static", "tests", "e2e", "bench", "docs")
    found = [top for top in tops if (ROOT / top / "__init__.py").exists()]
    found += [name(folder) for folder in PLUGINS if (folder / "__init__.py").exists()]
    assert found == []


def test_no_module_imports_itself_round_a_corner(graph: grimp.ImportGraph) -> None:
    order = TopologicalSorter(
        {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    )
    assert len(list(order.static_order())) == len(graph.modules)  # raises CycleError with the ring


def test_a_plugin_imports_the_api_alone(graph: grimp.ImportGraph) -> None:
    wrong = {
        (importer, imported)
        for importer in graph.modules
        if importer.partition(".")[0] in PACKAGES
        for imported in graph.find_modules_directly_imported_by(importer)
        if imported.partition(".")[0] != importer.partition(".")[0] and imported != "tesweb.api"
    }
    assert wrong == set()


def test_only_one_module_knows_htmx_flask() -> None:
    knowing = {
        name(file)
        for file in python(*PRODUCT)
        for node in ast.walk(tree(file))
        if (isinstance(node, ast.ImportFrom) and node.module == "htmx_flask")
        or (isinstance(node, ast.Import) and node.names[0].name == "htmx_flask")
    }
    assert knowing == {"tesweb/htmx.py"}
