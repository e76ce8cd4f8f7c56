"""What a strict content policy and htmx 4 forbid in a template, found before a browser does."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import PRODUCT, ROOT, files, name, python, templates

#: A tag with its attributes, Jinja's own marks left in place.
TAG = re.compile(r"<[a-z][^<>]*(?:\{[{%].*?[}%]\}[^<>]*)*>", re.IGNORECASE | re.DOTALL)
#: What each means is told in the failure.
FORBIDDEN = {
    r"\sstyle\s*=": "an inline style: the content policy drops it",
    r"\son[a-z]+\s*=": "an inline handler: the content policy drops it",
    r"\shx-on": "hx-on needs eval",
    r"hx-(?:vals|headers)\s*=\s*.js:": "js: needs eval",
    r"hx-trigger\s*=\s*['\"][^'\"]*\[": "a trigger's [filter] needs eval",
    r"\shx-boost": "pages are plain links",
    r"\shx-(?:ext|history|params|vars|disinherit|prompt|request|disabled-elt)\b": "htmx 2 only",
    r"\|\s*safe\b": "switches the escaping off",
    r"autoescape\s+false": "switches the escaping off",
    r"javascript:": "a script in an address",
    r"<script(?![^>]*\bsrc=)": "an inline script",
    r"<style\b": "an inline style sheet",
}
#: Events and headers that htmx 4 has renamed.
HTMX2 = (
    *("htmx:afterSwap", "htmx:beforeRequest", "htmx:afterRequest", "htmx:responseError"),
    *("htmx:configRequest", "htmx:afterSettle", "htmx:load", "HX-Trigger-After"),
    *("HX-Trigger-Name", 'hx-swap-oob="outerHTML:'),
)
FORM = re.compile(r"<form\b.*?</form>", re.DOTALL | re.IGNORECASE)
#: Calls that the content policy or Trusted Types refuse.
DANGEROUS = ("eval(", "new Function", ".innerHTML", ".outerHTML", "document.write", ".style.")


def lines(file: Path, pattern: str) -> Iterator[str]:
    text = file.read_text("utf-8")
    for found in re.finditer(pattern, text, re.IGNORECASE):
        yield f"{name(file)}:{text.count(chr(10), 0, found.start()) + 1}"


@pytest.mark.parametrize("pattern", FORBIDDEN, ids=FORBIDDEN.values())
def test_no_template_has(pattern: str) -> None:
    html = [file for file in templates() if file.suffix == ".html"]
    assert html
    assert [where for file in html for where in lines(file, pattern)] == []


def test_every_element_that_htmx_drives_carries_the_nonce() -> None:
    deaf = [
        f"{name(file)}: {tag.group()[:80]}"
        for file in templates()
        if file.suffix == ".html"
        for tag in TAG.finditer(file.read_text("utf-8"))
        if re.search(r"\shx-(?!nonce)", tag.group()) and 'hx-nonce="{{ nonce }}"' not in tag.group()
    ]
    assert deaf == []


def test_every_form_works_without_javascript() -> None:
    forms = [
        (name(file), tag.group())
        for file in templates()
        for tag in TAG.finditer(file.read_text("utf-8"))
        if tag.group().lower().startswith("<form")
    ]
    assert forms
    wanted = (" action=", " method=")
    assert [found for found in forms if any(part not in found[1] for part in wanted)] == []


def test_every_form_that_posts_has_a_token() -> None:
    bare = [
        f"{name(file)}: {form[:60]}"
        for file in templates()
        for form in FORM.findall(file.read_text("utf-8"))
        if re.search(r"method=.(post|\{\{)", form, re.IGNORECASE) and "csrf" not in form
    ]
    assert bare == []


def test_nobody_speaks_htmx_2() -> None:
    ours = files(".js", "static", *PRODUCT) + templates() + python(*PRODUCT)
    found = [
        f"{name(file)}: {word}"
        for file in ours
        for word in HTMX2
        if word in file.read_text("utf-8")
    ]
    assert found == []


def test_python_marks_html_as_safe_in_argued_places_only() -> None:
    marking = {
        name(file) for file in python(*PRODUCT) if re.search(r"\bMarkup\(", file.read_text("utf-8"))
    }
    assert marking <= {"tesweb/layout/charts.py", "tesweb/layout/dashboard.py"}


def test_a_plugins_templates_lie_under_its_name() -> None:
    strangers = [
        name(file)
        for folder in (ROOT / "plugins").iterdir()
        for base in folder.glob("tesweb_*/templates")
        for file in base.rglob("*.html")
        if file.relative_to(base).parts[0] != folder.name
    ]
    assert strangers == []


def test_scripts_need_no_eval_and_no_inline_style() -> None:
    for file in files(".js", "static", "templates", *PRODUCT):
        text = file.read_text("utf-8")
        for word in DANGEROUS:
            assert word not in text, f"{name(file)}: {word}"


def test_vendored_scripts_are_what_their_authors_published() -> None:
    folder = ROOT / "static" / "vendor"
    rows = (line.split() for line in (folder / "SHA256SUMS").read_text().splitlines())
    told = {file: digest for digest, file in rows}
    found = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.glob("*.js")
    }
    assert found == told
    assert found["htmx-4.0.1.min.js"] == (
        "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"
    )


def test_every_static_file_that_a_template_names_is_there() -> None:
    static = {
        file.relative_to(ROOT / "static").as_posix() for file in (ROOT / "static").rglob("*.*")
    }
    for folder in (ROOT / "plugins").iterdir():
        for base in folder.glob("tesweb_*/static"):
            static |= {f"{folder.name}/{file.relative_to(base)}" for file in base.rglob("*.*")}
    missing = [
        f"{name(file)}: {path}"
        for file in templates()
        for path in re.findall(r"""asset\(['"]([^'"]+)['"]\)""", file.read_text("utf-8"))
        if path not in static
    ]
    assert missing == []
