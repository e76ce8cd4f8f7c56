"""Jinja, quicker: what is the same at each rendering is worked out when a template is compiled.

Each language has an environment of its own, so `_("Meter")` is a constant there, and so are
`asset("icons.svg")` and `icon("home")`. Looking them up at each rendering took a third of a page,
making a `Markup` of each text that is only going to be joined a further twentieth.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from flask import templating
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

#: A translation by its message id; arguments are put in by `%`.
_GETTEXT = frozenset({"_", "gettext"})
#: Macros that depend on nothing but their arguments, by the template they are imported from.
_PURE = {"macros/icon.html": "icon"}

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
        found = {
            macro: self._macro(template, macro)
            for template, macro in _PURE.items()
            if imports(source, template, macro)
        }
        folded = _Folding(self.translate, {**self.constants, **found}).visit(source)
        return super()._generate(folded, name, filename, defer_init)

    def _macro(self, template: str, macro: str) -> Callable[..., Any]:
        found: Callable[..., Any] = getattr(self.get_template(template).module, macro)
        return found


def imports(tree: nodes.Template, template: str, macro: str) -> bool:
    """Whether a template takes a macro from another one under its own name."""
    return any(
        isinstance(found.template, nodes.Const)
        and found.template.value == template
        and macro in found.names
        for found in tree.find_all(nodes.FromImport)
    )


class _Folding(NodeTransformer):
    """Replaces calls by what they return."""

    def __init__(self, translate: Callable[[str], str], constants: Constants) -> None:
        self._translate = translate
        self._constants = constants

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - the visitor's own naming
        """Fold a call, once what it is made of is folded."""
        self.generic_visit(node)
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            return node
        if name in _GETTEXT and len(node.args) == 1 and isinstance(node.args[0], nodes.Const):
            return self._message(node, node.args[0])
        given = [*node.args, *(pair.value for pair in node.kwargs)]
        if name in self._constants and all(isinstance(each, nodes.Const) for each in given):
            return self._result(node, self._constants[name])
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
