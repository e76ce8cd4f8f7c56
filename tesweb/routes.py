"""Routes that learn to write their address when they are first asked for one."""

from collections.abc import Callable

from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]


class Route(Rule):
    """Werkzeug's rule, whose two functions that build addresses are compiled when first called.

    Compiling them for every route is a quarter of what a start takes, and a page needs a few.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Builder:  # noqa: FBT001, FBT002 - Werkzeug's own signature
        """Werkzeug's hook; what it gives becomes a method of this rule."""
        compiled: list[Builder] = []

        def build(rule: Rule, /, **values: object) -> tuple[str, str]:
            if not compiled:
                compiled.append(super(Route, self)._compile_builder(append_unknown))
            return compiled[0](rule, **values)

        return build
