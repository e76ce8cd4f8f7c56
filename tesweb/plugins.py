"""Find, check, load and call plugins; a broken one never takes the others down."""

import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, ParamSpec, TypeVar, get_args, get_type_hints

import pluggy
from pydantic import BaseModel, ValidationError

from tesweb import hookspecs
from tesweb.discovery import Candidate, Outdated, discover

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R")
Model = TypeVar("Model", bound=BaseModel)

log = logging.getLogger(__name__)


class State(StrEnum):
    """Whether a plugin takes part."""

    ON = "on"
    #: The operator's choice.
    OFF = "off"
    #: It could not be used, or a hook of it raised; the reason says why.
    BROKEN = "broken"


@dataclass(slots=True)
class Plugin:
    """A plugin as the operator sees it."""

    name: str
    version: str
    #: `bundled`, `installed`, `folder` or `built in`.
    origin: str
    state: State = State.ON
    reason: str = ""
    module: ModuleType | None = None
    settings: BaseModel | None = None
    #: Hooks that raised since the start, with the last reason of each.
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def trouble(self) -> str:
        """Why it is off, or which hooks raised; empty where all is well."""
        raised = (f"raised in {hook}: {fault}" for hook, fault in self.faults.items())
        return self.reason or "; ".join(raised)

    @property
    def folder(self) -> Path | None:
        """Where its package lies; None for one that was not imported or has no file."""
        file = getattr(self.module, "__file__", None)
        return None if file is None else Path(file).parent

    @property
    def migrations(self) -> Path | None:
        """The folder of its migrations, if it brings any."""
        return self._part("migrations")

    @property
    def translations(self) -> Path | None:
        """The folder of its catalogs, if it brings any."""
        return self._part("translations")

    @property
    def static(self) -> Path | None:
        """The folder of its static files, if it brings any."""
        return self._part("static")

    def _part(self, name: str) -> Path | None:
        folder = self.folder
        return folder / name if folder is not None and (folder / name).is_dir() else None


class Plugins:
    """The plugins of one application; never a global of the module."""

    def __init__(self, sections: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        """An empty set; `sections` are the settings of plugins by their names."""
        self._manager = pluggy.PluginManager("tesweb")
        self._manager.add_hookspecs(hookspecs)
        self._sections = sections or {}
        self._off: frozenset[str] = frozenset()
        #: Every plugin that was found, by name, those that are off or broken too.
        self.known: dict[str, Plugin] = {}

    def load(self, off: Iterable[str] = (), folder: Path | None = None) -> None:
        """Find and load all plugins in the order of their names; `off` are not even imported."""
        self._off = frozenset(off)
        for candidate in discover(folder):
            plugin = Plugin(candidate.name, candidate.version, candidate.origin)
            self.known[plugin.name] = plugin
            if plugin.name in self._off:
                plugin.state, plugin.reason = State.OFF, "switched off in the settings"
                continue
            self._load(plugin, candidate)

    def add(self, name: str, module: ModuleType, *, origin: str = "built in") -> Plugin:
        """Register a module that is imported already: the core's own parts, and tests' plugins."""
        plugin = self.known[name] = Plugin(name, "", origin)
        self._guarded(plugin, lambda: self._register(plugin, module))
        return plugin

    def each(
        self, spec: Callable[P, Iterable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> Iterator[tuple[str, T]]:
        """The results of a hook, each with its plugin's name, in the order of the names.

        Pass the spec itself (`hookspecs.navigation`), so that types are checked. A plugin that
        raises, or returns something else than the hook's, is skipped and its fault recorded.
        """
        for name, call in self.calls(spec, *args, **kwargs):
            try:
                results = checked(spec, call())
            except Exception as error:
                self.fault(name, spec.__name__, error)
                continue
            for result in results:
                yield name, result

    def calls(
        self, spec: Callable[P, R], *args: P.args, **kwargs: P.kwargs
    ) -> Iterator[tuple[str, Callable[[], R]]]:
        """Each plugin's call of a hook, by name, for whoever has to know which of them raised.

        The caller makes the call, and passes what it raises to `fault`.
        """
        caller = getattr(self._manager.hook, spec.__name__)
        given = dict(zip(self._names_of(spec), args, strict=False)) | kwargs
        implementations = caller.get_hookimpls()
        for implementation in sorted(implementations, key=lambda found: found.plugin_name):
            arguments = [given[name] for name in implementation.argnames]
            yield implementation.plugin_name, partial(implementation.function, *arguments)

    def fault(self, name: str, hook: str, error: Exception) -> None:
        """Record that a plugin raised in a hook or a card; the page goes on without it."""
        plugin = self.known[name]
        plugin.faults[hook] = f"{type(error).__name__}: {error}"
        log.error("plugin %s raised in %s", name, hook, exc_info=error)

    def disable(self, name: str, reason: str) -> None:
        """Take a plugin out, with the reason that the operator will read."""
        plugin = self.known[name]
        plugin.state, plugin.reason = State.BROKEN, " ".join(reason.split())
        if self._manager.has_plugin(name):
            self._manager.unregister(name=name)
        log.error("plugin %s is off: %s", name, plugin.reason)

    def strays(self) -> list[str]:
        """Sections of the settings that are about no plugin, each with what to do: slips mostly.

        One of a plugin that is switched off or broken is none: it may come back.
        """
        return [_stray(name, self.known) for name in self._sections if self._is_stray(name)]

    def active(self) -> list[Plugin]:
        """The plugins that take part, by name."""
        return [plugin for plugin in self.known.values() if plugin.state is State.ON]

    def settings_of(self, model: type[Model]) -> Model:
        """The settings of the plugin that declares `model`. Raises LookupError for a stranger's."""
        for plugin in self.known.values():
            if isinstance(plugin.settings, model):
                return plugin.settings
        raise LookupError(model.__name__)

    def _load(self, plugin: Plugin, candidate: Candidate) -> None:
        def load() -> None:
            candidate.check()
            if candidate.path is not None and str(candidate.path) not in sys.path:
                sys.path.append(str(candidate.path))
            self._register(plugin, import_module(candidate.module))

        self._guarded(plugin, load)

    def _guarded(self, plugin: Plugin, load: Callable[[], None]) -> None:
        try:
            load()
        except (ValidationError, Outdated) as error:
            self.disable(plugin.name, _plain(error))
        except (Exception, SystemExit) as error:
            log.exception("plugin %s cannot be loaded", plugin.name)
            self.disable(plugin.name, f"{type(error).__name__}: {error}")

    def _register(self, plugin: Plugin, module: ModuleType) -> None:
        plugin.module = module
        self._manager.register(module, plugin.name)
        self._manager.check_pending()
        declared = self._manager.subset_hook_caller(
            "settings", [other for _, other in self._manager.list_name_plugin() if other != module]
        )()
        section = self._sections.get(plugin.name, {})
        if declared is not None:
            plugin.settings = declared.model_validate(section)
        elif section:
            raise Outdated(f"setting {', '.join(section)}: the plugin has no settings")

    def _is_stray(self, name: str) -> bool:
        return name not in self._off and (
            name not in self.known or self.known[name].origin == "built in"
        )

    @staticmethod
    def _names_of(spec: Callable[..., object]) -> tuple[str, ...]:
        code = spec.__code__
        return code.co_varnames[: code.co_argcount]


def checked(spec: Callable[P, Iterable[T]], results: Iterable[T] | None) -> list[T]:
    """What a plugin answered to a hook; nothing is an empty answer. Raises TypeError."""
    found, kind = list(results or ()), _kind_of(spec)
    for result in found:
        if not isinstance(result, kind):
            raise TypeError(f"a {type(result).__name__} where a {kind.__name__} belongs")
    return found


@cache
def _kind_of(spec: Callable[..., object]) -> type:
    """`Card` for a hook that returns `Iterable[Card]`."""
    kind: type = get_args(get_type_hints(spec)["return"])[0]
    return kind


def _stray(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1)
    meant = f"did you mean {near[0]}? Else t" if near else "t"
    return (
        f"[plugins.{name}] or TESWEB_PLUGINS__{name.upper()}__…: no such plugin is installed; "
        f"{meant}ake it out, install the plugin, or name it in plugins_off"
    )


def _plain(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(
            f"setting {'.'.join(map(str, part['loc']))}: {part['msg']}" for part in error.errors()
        )
    return str(error)
