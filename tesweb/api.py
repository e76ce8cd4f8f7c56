"""Every name that a plugin may use, in one place; it changes only with a word in the changelog."""

from tesweb.accounts.models import Role
from tesweb.accounts.statements import LinkedAccount
from tesweb.clock import add_months, local_day, month_of
from tesweb.current import connection, core, settings_of
from tesweb.hookspecs import Card, NavigationItem, hookimpl
from tesweb.htmx import is_fragment, leave, push, redirect, render
from tesweb.identity import policy
from tesweb.layout.formats import FORMATS
from tesweb.layout.languages import language_code
from tesweb.meters.models import Source, State, Zone
from tesweb.money import BadSum, Kopecks, format_rubles, parse_rubles
from tesweb.regions.region import Region

__all__ = [
    "FORMATS",
    "BadSum",
    "Card",
    "Kopecks",
    "LinkedAccount",
    "NavigationItem",
    "Region",
    "Role",
    "Source",
    "State",
    "Zone",
    "add_months",
    "connection",
    "core",
    "format_rubles",
    "hookimpl",
    "is_fragment",
    "language_code",
    "leave",
    "local_day",
    "month_of",
    "parse_rubles",
    "policy",
    "push",
    "redirect",
    "render",
    "settings_of",
]
