"""What is worked out when a template is compiled says the same as Jinja would say later."""

from decimal import Decimal

import pytest
from flask import Flask
from jinja2 import DictLoader, Environment
from markupsafe import Markup, escape

from tesweb.layout.folding import FoldingEnvironment, html_of

FILES = {
    "macros/form.html": (
        '{% macro button(text, kind="") %}<b class="{{ kind }}">{{ text }}</b>{% endmacro %}'
        "{% macro steps(names) %}{{ names|join(' > ') }}{% endmacro %}"
    ),
    "macros/icon.html": "{% macro icon(name) %}<i>{{ name }}</i>{% endmacro %}",
    "row.html": "{% set twice = row * 2 %}<td>{{ row }} {{ twice }} {{ title }}</td>",
    "again.html": (
        "{{ left }}{% set left = left - 1 %}{% if left %}{% include 'again.html' %}{% endif %}"
    ),
    "base.html": "[{% block main %}{% endblock %}]",
    "page.html": (
        "{% extends 'base.html' %}{% import 'macros/form.html' as f %}"
        "{% from 'macros/icon.html' import icon %}"
        "{% block main %}{% for row in rows %}{% include 'row.html' %}{% endfor %}"
        "{{ f.button('A & B', kind='quiet') }}{{ f.button(title) }}{{ f.steps(['1', '<2>']) }}"
        "{{ icon('home') }}{{ icon(title) }}"
        "{% include 'again.html' %}{% include ['nothing.html', 'row.html'] %}{% endblock %}"
    ),
    "broken.html": "{% include 'nothing.html' ignore missing %}fine",
}
CONTEXT = {"rows": [1, 2], "row": 7, "title": "<Т>", "left": 3}


@pytest.mark.parametrize("name", ["page.html", "broken.html"])
@pytest.mark.parametrize("reloads", [False, True])
def test_a_folded_template_says_the_same(
    name: str,
    reloads: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    loader = DictLoader(FILES)
    plain = Environment(loader=loader, autoescape=True)
    folding = FoldingEnvironment(
        Flask("folding"), loader=loader, autoescape=True, auto_reload=reloads
    )
    assert folding.get_template(name).render(CONTEXT) == plain.get_template(name).render(CONTEXT)


@pytest.mark.parametrize(
    "value",
    [
        *"<>&'\"",
        "plain",
        "",
        Markup("<b>"),
        None,
        True,
        7,
        1.5,
        Decimal("-0.10"),
        ("<",),
        {"a": "'"},
    ],
)
def test_html_is_what_escape_gives(value: object) -> None:
    assert str(html_of(value)) == str(escape(value))
