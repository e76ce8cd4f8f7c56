"""The project's own source, as the tests of its architecture look at it."""

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PLUGINS = sorted(file.parent for file in (ROOT / "plugins").glob("*/pyproject.toml"))
#: What is shipped and served, and what is written by hand around it.
PRODUCT = ("tesweb", "plugins")
AROUND = ("tests", "e2e", "bench", "tools")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def files(ending: str, *tops: str) -> list[Path]:
    """Our own files with this ending below these folders; nothing of others, nothing made."""
    return [
        file
        for top in tops
        for file in sorted((ROOT / top).rglob(f"*{ending}"))
        if not {"vendor", "__pycache__", "build"} & set(file.parts)
    ]


def templates() -> list[Path]:
    """Every Jinja template of the core and the plugins."""
    return files(".html", "templates", *PRODUCT) + files(".js", "templates")


def python(*tops: str) -> list[Path]:
    """Our Python files; migrations are history, written once and never made nicer."""
    return [
        file for file in files(".py", *tops) if not {"versions", "migrations"} & set(file.parts)
    ]


@cache
def tree(file: Path) -> ast.Module:
    """A file's syntax tree, each node knowing its parent as `.above`."""
    module = ast.parse(file.read_text("utf-8"), str(file))
    for node in ast.walk(module):
        for child in ast.iter_child_nodes(node):
            child.above = node  # type: ignore[attr-defined]  # a note of ours on the node
    return module


def functions(file: Path) -> Iterator[Function]:
    """Every function and method of a file."""
    return (node for node in ast.walk(tree(file)) if isinstance(node, Function))


def name(file: Path) -> str:
    """The file as messages name it."""
    return file.relative_to(ROOT).as_posix()


def project(folder: Path = ROOT) -> dict[str, Any]:
    """A folder's pyproject.toml."""
    return tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))
