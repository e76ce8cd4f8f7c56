"""Plugins for tests, written into a folder as a stranger would lay them out."""

import textwrap
from dataclasses import dataclass
from pathlib import Path

_PYPROJECT = """
[project]
name = "tesweb-{name}"
version = "{version}"
dependencies = ["{requires}"]

[project.entry-points."tesweb.plugins"]
{name} = "{package}"
"""
#: A plugin that does everything right: a page, a menu entry, a card.
GOOD = """
from flask import Blueprint
from tesweb.api import Card, NavigationItem, Role, hookimpl, policy

blueprint = Blueprint("{name}", __name__, template_folder="templates")


@blueprint.get("/")
@policy.anyone
def index():
    return "{name} answers"


@blueprint.get("/<int:account_id>/")
@policy.member(Role.READER)
def for_account(account):
    return "{name} answers " + account.number


@hookimpl
def blueprints():
    return [blueprint]


@hookimpl
def navigation():
    return [NavigationItem("Menu of {name}", "{name}", "{name}.for_account", "help", 900)]


@hookimpl
def dashboard_cards(account):
    return [Card("{name}/card.html", 900, context={{"number": account.number}})]
"""
_CARD = "<section><h2>Card of {name}</h2><p>{{{{ number }}}}</p></section>"
_TABLES = """
import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.create_table("{name}_pages", sa.Column("id", sa.Integer, primary_key=True))


def downgrade():
    op.drop_table("{name}_pages")
"""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of plugins."""

    path: Path

    def add(
        self, name: str, code: str = "", version: str = "1.0", requires: str = "tesweb"
    ) -> Path:
        """A plugin whose package holds `code`; returns the package's folder."""
        root = self.path / name
        package = root / f"tesweb_{name}"
        package.mkdir(parents=True)
        values = {"name": name, "version": version, "requires": requires, "package": package.name}
        (root / "pyproject.toml").write_text(_PYPROJECT.format(**values), "utf-8")
        (package / "__init__.py").write_text(textwrap.dedent(code), "utf-8")
        return package

    def good(self, name: str) -> Path:
        """A plugin that does everything right."""
        package = self.add(name, GOOD.format(name=name))
        templates = package / "templates" / name
        templates.mkdir(parents=True)
        (templates / "card.html").write_text(_CARD.format(name=name), "utf-8")
        return package

    def with_tables(self, name: str) -> Path:
        """A plugin that brings one table."""
        package = self.add(name)
        (package / "migrations").mkdir()
        (package / "migrations" / "0001_pages.py").write_text(_TABLES.format(name=name), "utf-8")
        return package
