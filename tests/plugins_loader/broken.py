"""What may be wrong with a plugin, each with a word of the reason that the operator must read."""

from dataclasses import dataclass

_HOOK = "from tesweb import api\n\n\n@api.hookimpl\n"
_BLUEPRINT = """
from flask import Blueprint
from tesweb.api import hookimpl, policy

blueprint = Blueprint("{name}", __name__)

{view}

@hookimpl
def blueprints():
    return [blueprint]
"""
_UNGUARDED = """
@blueprint.get("/")
def index():
    return "open to everybody"
"""
_ASYNC = """
@blueprint.get("/")
@policy.signed_in
async def index():
    return "never awaited"
"""
_TWICE = """
@blueprint.get("/")
@policy.anyone
def index():
    return ""

blueprint.add_url_rule("/again", "index", policy.anyone(lambda: ""))
"""
_SETTINGS = """
from pydantic import BaseModel, ConfigDict
from tesweb.api import hookimpl


class Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    shop: str


@hookimpl
def settings():
    return Settings
"""


@dataclass(frozen=True, slots=True)
class Broken:
    """A plugin that must be switched off."""

    name: str
    #: What the reason says.
    reason: str
    code: str = ""
    requires: str = "tesweb"


BROKEN = [
    Broken("import_error", "No module named 'nothing_like_it'", "import nothing_like_it"),
    Broken("syntax_error", "SyntaxError", "def broken(:"),
    Broken("raises_at_import", "ZeroDivisionError", "1 / 0"),
    Broken("exits_at_import", "SystemExit", "raise SystemExit(3)"),
    Broken("outdated", "it asks for tesweb >=9", requires="tesweb>=9"),
    Broken("unreadable_pin", "cannot be read", requires="tesweb=>0.1"),
    Broken("unknown_hook", "dashbord_cards", _HOOK + "def dashbord_cards(account): return []"),
    Broken("wrong_argument", "acount", _HOOK + "def dashboard_cards(acount): return []"),
    Broken("settings_missing", "setting shop: Field required", _SETTINGS),
    Broken("settings_unknown", "setting shopp: Extra inputs are not permitted", _SETTINGS),
    Broken("settings_raise", "ZeroDivisionError", _HOOK + "def settings(): return 1 / 0"),
    Broken("admin", "reserved"),
    Broken("identity", "reserved"),
    Broken("layout", "reserved"),
    Broken("rate", "reserved"),
    Broken("Loud", "[a-z][a-z0-9_]*"),
    Broken(
        "unguarded",
        "routes without a policy: unguarded.index",
        _BLUEPRINT.format(name="unguarded", view=_UNGUARDED),
    ),
    Broken(
        "waiting",
        "views that are async: waiting.index",
        _BLUEPRINT.format(name="waiting", view=_ASYNC),
    ),
    Broken("misnamed", "'another'", _BLUEPRINT.format(name="another", view="")),
    Broken("twice", "AssertionError", _BLUEPRINT.format(name="twice", view=_TWICE)),
]
#: Settings that the operator gave.
SECTIONS = {"settings_unknown": {"shop": "1", "shopp": "2"}}

#: Hooks that fail when they are called: the plugin stays, the hook's results are left out.
FAULTY = {
    "raising_cards": (
        "dashboard_cards",
        "def dashboard_cards(account): raise RuntimeError('cards')",
    ),
    "half_way": (
        "dashboard_cards",
        "def dashboard_cards(account):\n    yield from ()\n    raise RuntimeError('half')",
    ),
    "raising_menu": ("navigation", "def navigation(): raise RuntimeError('menu')"),
    "raising_regions": ("regions", "def regions(): raise RuntimeError('regions')"),
    "raising_routes": ("blueprints", "def blueprints(): raise RuntimeError('routes')"),
    "returns_a_number": ("dashboard_cards", "def dashboard_cards(account): return 7"),
    "wrong_cards": ("dashboard_cards", "def dashboard_cards(account): return ['a card?']"),
    "wrong_menu": ("navigation", "def navigation(): return ['an entry?']"),
    "wrong_regions": ("regions", "def regions(): return ['a region?']"),
    "wrong_routes": ("blueprints", "def blueprints(): return ['a blueprint?']"),
    "leads_nowhere": (
        "navigation",
        "def navigation(): return [api.NavigationItem('t', 's', 'no.where', 'help', 5)]",
    ),
    "helps_nowhere": (
        "login_help",
        "def login_help(): return [api.LoginHelp('to nowhere', 'no.where', 5)]",
    ),
    "no_template": (
        "no_template/missing.html",
        "def dashboard_cards(account): return [api.Card('no_template/missing.html', 5)]",
    ),
}


def faulty_code(name: str) -> str:
    """The code of a plugin of `FAULTY`."""
    return _HOOK + FAULTY[name][1]
