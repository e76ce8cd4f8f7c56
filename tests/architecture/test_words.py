"""What people read is translated: all Russian is in catalogs, and no message is without it."""

import ast
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

from tests.architecture.source import PLUGINS, PRODUCT, ROOT, files, name, python, templates, tree

CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
#: Made-up data, and what a data file itself is written in.
DATA = ("tesweb/demo/", "tesweb/exchange/", "tesweb/testing/")
#: A language is offered under its own name.
OWN_NAMES = re.compile('"(?:Русский|РУ)"')
KEYWORDS = {
    word: numbers
    for words, numbers in (
        (("_", "_l", "gettext", "lazy_gettext"), None),
        (("ngettext", "lazy_ngettext"), (1, 2)),
    )
    for word in words
}
CATALOGS = files(".po", *PRODUCT)
#: Where each owner's messages stand and where its Russian is.
OWNERS = {"tesweb": (["tesweb"], [ROOT / "tesweb", ROOT / "templates"])} | {
    folder.name: (["tesweb", folder.name], [folder]) for folder in PLUGINS
}


def strings(file: Path) -> Iterator[ast.Constant]:
    """Every string of a module that is no docstring."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            above = getattr(node, "above", None)
            if not isinstance(above, ast.Expr):
                yield node


def catalog(file: Path) -> Catalog:
    with file.open("rb") as opened:
        return read_po(opened, locale=file.parts[-3])


def single(identity: str | tuple[str, ...] | list[str]) -> str:
    """A message as it is looked up: by the singular where it has a plural."""
    return identity if isinstance(identity, str) else identity[0]


def texts(found: Catalog) -> dict[str, object]:
    return {single(message.id): message.string for message in found if message.id}


def messages(folders: list[Path]) -> Iterator[tuple[str, str]]:
    """Every message that Python and templates below the folders ask to be translated."""
    ours = [
        *((file, "python") for file in python(*PRODUCT)),
        *((file, "jinja2") for file in templates() if file.suffix == ".html"),
    ]
    for file, method in ours:
        if any(file.is_relative_to(folder) for folder in folders):
            for line, message, _, _ in extract_from_file(method, file, keywords=KEYWORDS):
                yield single(message), f"{name(file)}:{line}"


def test_no_russian_stands_in_python() -> None:
    found = [
        f"{name(file)}:{node.lineno}: {node.value!r}"
        for file in python(*PRODUCT)
        if not name(file).startswith(DATA)
        for node in strings(file)
        if CYRILLIC.search(str(node.value))
    ]
    assert found == []


def test_no_russian_stands_in_templates_and_scripts() -> None:
    scripts = files(".js", "static")
    found = [
        f"{name(file)}:{number}: {line.strip()}"
        for file in (*templates(), *scripts)
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1)
        if CYRILLIC.search(OWN_NAMES.sub("", line))
    ]
    assert found == []


@pytest.mark.parametrize("owner", OWNERS)
def test_every_message_has_its_russian(owner: str) -> None:
    owners, folders = OWNERS[owner]
    known = {
        single(message.id): message
        for name_ in owners
        for file in CATALOGS
        if file.is_relative_to(ROOT / ("tesweb" if name_ == "tesweb" else f"plugins/{name_}"))
        for message in catalog(file)
    }
    missing = [
        f"{where}: {message}"
        for message, where in messages(folders)
        if message not in known or not known[message].string or known[message].fuzzy
    ]
    assert missing == []


@pytest.mark.parametrize("file", CATALOGS, ids=name)
def test_no_translation_is_unfinished_or_breaks_its_placeholders(file: Path) -> None:
    whole = catalog(file)
    faults = [
        f"{message.id}: {'; '.join(map(str, errors)) or 'unfinished'}"
        for message in whole
        if message.id
        and ((errors := list(message.check(whole))) or not all(_forms(message.string)))
    ]
    assert faults == []


@pytest.mark.parametrize("file", CATALOGS, ids=name)
def test_the_compiled_catalog_is_the_written_one(file: Path) -> None:
    made = io.BytesIO()
    write_mo(made, catalog(file))
    made.seek(0)
    with file.with_suffix(".mo").open("rb") as opened:
        shipped = texts(read_mo(opened))
    assert shipped == texts(read_mo(made))


def test_there_are_catalogs() -> None:
    assert ROOT / "tesweb/translations/ru/LC_MESSAGES/messages.po" in CATALOGS


def _forms(translation: str | tuple[str, ...] | list[str] | None) -> Sequence[str]:
    return (translation or "",) if not isinstance(translation, tuple | list) else translation
