"""Small files, small functions, imports at the top, words for every public name."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import (
    AROUND,
    PRODUCT,
    Function,
    files,
    functions,
    name,
    python,
    tree,
)

LONGEST_FILE = 400
LONGEST_FUNCTION = 40


def test_no_file_is_longer_than_400_lines() -> None:
    ours = python(*PRODUCT, *AROUND)
    for ending in (".html", ".css", ".js"):
        ours += files(ending, "templates", "static", *PRODUCT)
    lines = {name(file): file.read_text("utf-8").count("\n") for file in ours}
    assert {file: count for file, count in lines.items() if count > LONGEST_FILE} == {}


def test_no_function_is_longer_than_40_lines() -> None:
    sizes = {
        f"{name(file)}: {found.name}": (found.end_lineno or 0) - found.lineno + 1
        for file in python(*PRODUCT, "bench", "tools")
        for found in functions(file)
    }
    assert {where: size for where, size in sizes.items() if size > LONGEST_FUNCTION} == {}


def test_imports_stand_at_the_top() -> None:
    deferred = [
        f"{name(file)}:{inner.lineno}"
        for file in python(*PRODUCT, *AROUND)
        for found in functions(file)
        for inner in ast.walk(found)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert deferred == []


def test_every_public_name_is_explained() -> None:
    silent = [where for file in python(*PRODUCT) for where in unexplained(file)]
    assert silent == []


def unexplained(file: Path) -> Iterator[str]:
    module = tree(file)
    if ast.get_docstring(module) is None and module.body:
        yield name(file)
    for node in ast.walk(module):
        if not isinstance(node, Function | ast.ClassDef) or node.name.startswith("_"):
            continue
        if is_public(node) and ast.get_docstring(node) is None:
            yield f"{name(file)}:{node.lineno}: {node.name}"


def is_public(node: ast.AST) -> bool:
    """Whether somebody outside can name it: all that holds it is public, and none is a function."""
    above = getattr(node, "above", None)
    while above is not None and not isinstance(above, ast.Module):
        if isinstance(above, Function) or str(getattr(above, "name", "")).startswith("_"):
            return False
        above = above.above
    return True


@pytest.mark.parametrize("word", ["TODO", "FIXME", "NotImplementedError", "mark.xfail"])
def test_nothing_is_left_for_later(word: str) -> None:
    here = Path(__file__)
    found = [
        name(file)
        for file in python(*PRODUCT, *AROUND)
        if file != here and word in file.read_text("utf-8")
    ]
    # A hook's specification has no body, a contract for plugins' tests leaves one to its heirs.
    allowed = {"tesweb/hookspecs.py", "tesweb/testing/regions.py"}
    assert [file for file in found if file not in allowed] == []


def test_every_suppression_gives_its_code_and_its_reason() -> None:
    bare = [
        f"{name(file)}:{number}: {line.strip()}"
        for file in python(*PRODUCT, *AROUND)
        if file != Path(__file__)
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1)
        if is_bare(line)
    ]
    assert bare == []


def is_bare(line: str) -> bool:
    """A `noqa` wants `: CODE - reason`, a `type: ignore` wants `[code]  # reason`."""
    _, noqa, rest = line.partition("# noqa")
    if noqa and not (rest.startswith(": ") and " - " in rest):
        return True
    _, ignore, rest = line.partition("# type: ignore")
    return bool(ignore) and not (rest.startswith("[") and "#" in rest)
