"""Jinja, quicker: what is the same at each rendering is worked out when a template is compiled.

Each language has an environment of its own, so `_("Meter")` is a constant there, and so are
`asset("icons.svg")`, `icon("home")` and `f.button(_("Next"))`. Looking them up at each rendering
took a third of a page, making a `Markup` of each text that is only going to be joined a further
twentieth. An included template becomes a part of the one that includes it, because one of its own
copies every name at each rendering.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from flask import templating
from jinja2 import TemplateNotFound, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

#: A translation by its message id; arguments are put in by `%`.
_GETTEXT = frozenset({"_", "gettext"})
#: Macros that depend on nothing but their arguments, by the template they are imported from.
_PURE = {"macros/icon.html": ("icon",), "macros/form.html": ("button", "steps")}

_NUMBERS = frozenset({int, float, Decimal})
_SPECIAL = re.compile("[&<>'\"]")

Constants = Mapping[str, Callable[..., Any]]


def html_of(value: object) -> str:
    """What `escape` gives, as text that need not know that it is HTML."""
    kind = type(value)
    if kind is Markup or (kind is str and _SPECIAL.search(value) is None):  # type: ignore[call-overload]  # mypy does not narrow by type()
        return value  # type: ignore[return-value]  # the same
    return str(value) if kind in _NUMBERS else escape(value)


class _Generator(CodeGenerator):
    """Writes `html_of` where Jinja writes `escape`."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:  # noqa: ANN401 - Jinja's own
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write(f"environment.html_of({finalize.src or ''}")


class FoldingEnvironment(templating.Environment):
    """Compiles calls of some global functions to what they return."""

    code_generator_class = _Generator
    html_of = staticmethod(html_of)
    #: Gives the translation of a message id.
    translate: Callable[[str], str] = staticmethod(str)
    #: Functions that return the same for the same arguments, by their names in templates.
    constants: Constants = MappingProxyType({})

    def _generate(
        self,
        source: nodes.Template,
        name: str | None,
        filename: str | None,
        defer_init: bool = False,  # noqa: FBT001, FBT002 - Jinja's own signature
    ) -> str:
        """Jinja's hook between parsing and compiling."""
        # While somebody works on the templates, each of them is looked at anew by itself.
        whole = source if self.auto_reload else _Including(self, name).visit(source)
        constants = {**self.constants, **self._pure(whole)}
        folded = _Folding(self.translate, constants).visit(whole)
        return super()._generate(folded, name, filename, defer_init)

    def body(self, name: str) -> list[nodes.Node]:
        """What a template consists of. Raises TemplateNotFound."""
        if self.loader is None:
            raise TemplateNotFound(name)
        source, filename, _ = self.loader.get_source(self, name)
        return list(self._parse(source, name, filename).body)

    def _pure(self, tree: nodes.Template) -> dict[str, Callable[..., Any]]:
        """The pure macros that a template imports, by what it calls them: `icon`, `f.button`."""
        return {
            called: getattr(self.get_template(template).module, macro)
            for template, macros in _PURE.items()
            for macro in macros
            for called in calls(tree, template, macro)
        }


def calls(tree: nodes.Template, template: str, macro: str) -> Iterator[str]:
    """How a template calls a macro that it imports from another one."""
    for whole in tree.find_all(nodes.Import):
        if _named(whole.template) == template:
            yield f"{whole.target}.{macro}"
    for single in tree.find_all(nodes.FromImport):
        if _named(single.template) == template and macro in single.names:
            yield macro


class _Including(NodeTransformer):
    """Puts included templates into the place where they are included."""

    def __init__(self, environment: FoldingEnvironment, *around: str | None) -> None:
        self._environment = environment
        #: The templates that this place is in; one that includes itself is left to Jinja.
        self._around = around

    def visit_Include(self, node: nodes.Include) -> nodes.Node | list[nodes.Node]:  # noqa: N802 - the visitor's own naming
        """The body of a template that is known by its name."""
        name = _named(node.template)
        if not name or name in self._around or node.ignore_missing or not node.with_context:
            return node
        inner = _Including(self._environment, *self._around, name)
        return [part for found in self._environment.body(name) for part in inner.visit_list(found)]


class _Folding(NodeTransformer):
    """Replaces calls by what they return."""

    def __init__(self, translate: Callable[[str], str], constants: Constants) -> None:
        self._translate = translate
        self._constants = constants

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - the visitor's own naming
        """Fold a call, once what it is made of is folded."""
        self.generic_visit(node)
        name = _name_of(node.node)
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            return node
        if name in _GETTEXT and len(node.args) == 1 and isinstance(node.args[0], nodes.Const):
            return self._message(node, node.args[0])
        if name in self._constants:
            try:
                return self._result(node, self._constants[name])
            except nodes.Impossible:  # an argument that only a rendering knows
                return node
        return node

    def _message(self, node: nodes.Call, message: nodes.Const) -> nodes.Node:
        """As Jinja's new-style gettext does it: a translation is HTML, its arguments are not."""
        line, environment = node.lineno, node.environment
        text = self._translate(message.value)
        if not node.kwargs:
            text %= {}
        constant = nodes.Const(text, lineno=line, environment=environment)
        html = nodes.MarkSafeIfAutoescape(constant, lineno=line, environment=environment)
        if not node.kwargs:
            return html
        pairs = [
            nodes.Pair(nodes.Const(pair.key, lineno=line, environment=environment), pair.value)
            for pair in node.kwargs
        ]
        arguments = nodes.Dict(pairs, lineno=line, environment=environment)
        return nodes.Mod(html, arguments, lineno=line, environment=environment)

    @staticmethod
    def _result(node: nodes.Call, function: Callable[..., Any]) -> nodes.Node:
        args = [each.as_const() for each in node.args]
        named = {pair.key: pair.value.as_const() for pair in node.kwargs}
        value = function(*args, **named)
        return nodes.Const(value, lineno=node.lineno, environment=node.environment)


def _named(template: nodes.Expr) -> str:
    """The name of a template; empty where only a rendering knows it."""
    return str(template.value) if isinstance(template, nodes.Const) else ""


def _name_of(called: nodes.Node) -> str:
    """`icon` or `f.button`; empty for anything else that is called."""
    if isinstance(called, nodes.Name):
        return called.name
    if isinstance(called, nodes.Getattr) and isinstance(called.node, nodes.Name):
        return f"{called.node.name}.{called.attr}"
    return ""
