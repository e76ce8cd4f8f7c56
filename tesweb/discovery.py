"""Where plugins come from: installed distributions, the bundled folder, the operator's folder."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from tesweb import __version__
from tesweb.resources import BUNDLED_PLUGINS

GROUP = "tesweb.plugins"
#: URL prefixes, blueprints, commands and table prefixes of the core, so no plugin may have them.
RESERVED = frozenset({
    "account", "accounts", "activate", "admin", "alembic", "api", "autopay", "autopays", "bank",
    "billing", "captcha", "cards", "cashier", "certificates", "challenges", "check", "confirm",
    "consents", "csp", "dashboard", "db", "demo", "dev", "exchange", "factors", "fiscal",
    "forgotten", "freeze", "freezes", "health", "healthz", "identity", "invitation", "journal",
    "language", "layout", "ledger", "locked", "login", "logout", "manifest", "memberships",
    "messages", "more", "offline", "operator", "outbox", "passkeys", "pay", "payment",
    "payments", "people", "plugins", "profile", "rate", "reconcile", "recover", "recovery",
    "refund", "refunds", "register", "registers", "registration", "run", "security", "sessions",
    "static", "sw", "tesweb", "totps", "users",
})  # fmt: skip
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class Outdated(Exception):
    """The plugin asks for another version of tesweb, or breaks a rule of the contract."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plugin that was found and not yet imported."""

    name: str
    module: str
    version: str
    #: `installed`, `bundled` or `folder`.
    origin: str
    #: What to add to the end of `sys.path`; None for an installed one.
    path: Path | None
    #: The requirement on tesweb, as `tesweb>=0.1,<0.2`.
    requires: str

    def check(self) -> None:
        """Raises Outdated where the name or the wanted version of tesweb cannot be had."""
        if not _NAME.fullmatch(self.name) or self.name in RESERVED:
            raise Outdated(f"the name {self.name!r} is reserved or not [a-z][a-z0-9_]*")
        try:
            wanted = Requirement(self.requires or "tesweb").specifier
        except InvalidRequirement as error:
            raise Outdated(f"its requirement {self.requires!r} cannot be read") from error
        if not wanted.contains(__version__, prereleases=True):
            raise Outdated(f"it asks for tesweb {wanted}, this is {__version__}")


def discover(folder: Path | None = None) -> list[Candidate]:
    """All plugins by name; an installed one beats the operator's folder, that beats the bundled."""
    found = {candidate.name: candidate for candidate in _in_folder(BUNDLED_PLUGINS, "bundled")}
    if folder is not None:
        found |= {candidate.name: candidate for candidate in _in_folder(folder, "folder")}
    found |= {candidate.name: candidate for candidate in _installed()}
    return [found[name] for name in sorted(found)]


def _installed() -> Iterator[Candidate]:
    for entry in entry_points(group=GROUP):
        requires = entry.dist.requires or [] if entry.dist else []
        version = entry.dist.version if entry.dist else ""
        wanted = _wanted(requires)
        yield Candidate(entry.name, entry.value, version, "installed", None, wanted)


def _in_folder(folder: Path, origin: str) -> Iterator[Candidate]:
    for file in sorted(folder.glob("*/pyproject.toml")):
        try:
            project = tomllib.loads(file.read_text("utf-8")).get("project", {})
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
            yield Candidate(file.parent.name, "", "", origin, None, "an unreadable pyproject.toml")
            continue
        wanted = _wanted(project.get("dependencies", []))
        for name, value in project.get("entry-points", {}).get(GROUP, {}).items():
            module = EntryPoint(name, value, GROUP).module
            version = str(project.get("version", ""))
            yield Candidate(name, module, version, origin, file.parent, wanted)


def _wanted(requirements: list[str]) -> str:
    for requirement in requirements:
        if re.match(r"tesweb\b(?!-)", requirement):
            return requirement
    return ""
