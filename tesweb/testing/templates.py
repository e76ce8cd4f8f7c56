"""Templates compiled once for all applications of a run: that took a third of a test."""

from collections.abc import Hashable
from types import CodeType
from typing import cast

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from tesweb.current import Core
from tesweb.layout.assets import Assets
from tesweb.layout.languages import Language

#: Where plugins come from whose files stand still while tests run.
_STILL = frozenset({"bundled", "built in"})


class Compiled:
    """What applications of this process have compiled, for those that would compile the same."""

    def __init__(self) -> None:
        """Nothing is compiled yet."""
        self._found: dict[Hashable, CodeType] = {}

    def lend(self, app: Flask) -> None:
        """Give an application what there is and keep what it adds.

        One whose plugins a test has written compiles for itself: catalogs and included templates,
        which are folded into what is compiled, may be the test's too.
        """
        core = cast("Core", app.extensions["tesweb"])
        plugins = core.plugins.active()
        if any(plugin.origin not in _STILL for plugin in plugins):
            return
        names = tuple(plugin.name for plugin in plugins)
        version = cast("Assets", app.extensions["tesweb_assets"]).version
        languages = cast("dict[str, Language]", app.extensions["tesweb_languages"])
        for code, language in languages.items():
            scope = (code, names, version, language.environment.auto_reload)
            language.environment.bytecode_cache = _Cache(self._found, scope)


class _Cache(BytecodeCache):
    """The part that one language of one set of plugins may use; Jinja looks at the source too."""

    def __init__(self, found: dict[Hashable, CodeType], scope: Hashable) -> None:
        self._found = found
        self._scope = scope

    def load_bytecode(self, bucket: Bucket) -> None:
        """Called by Jinja before it compiles."""
        bucket.code = self._found.get((self._scope, bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Called by Jinja after it has compiled."""
        if bucket.code is not None:
            self._found[self._scope, bucket.key, bucket.checksum] = bucket.code
