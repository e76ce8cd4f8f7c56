"""The first page: cards from plugins for one account."""

import logging
from dataclasses import dataclass

from flask import Blueprint, Response, request
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from tesweb import hookspecs, htmx
from tesweb.accounts.models import Role
from tesweb.accounts.services import pending
from tesweb.accounts.statements import LinkedAccount
from tesweb.current import connection, core
from tesweb.identity import policy
from tesweb.layout.languages import language
from tesweb.layout.shell import page_context

log = logging.getLogger(__name__)
blueprint = Blueprint("dashboard", __name__)


@dataclass(frozen=True, slots=True)
class Section:
    """A card as HTML."""

    html: Markup
    wide: bool


@hookspecs.hookimpl
def navigation() -> list[hookspecs.NavigationItem]:
    """The dashboard is the first entry of the menu."""
    title = _l("Home")
    return [hookspecs.NavigationItem(title, title, "dashboard.account", "home", 0, on_phone=True)]


@blueprint.get("/")
@policy.signed_in
def home() -> Response:
    """The dashboard of the visitor's first account, or what to do without one."""
    accounts = policy.visitor().accounts
    return _page(accounts[0] if accounts else None)


@blueprint.get("/accounts/<int:account_id>/")
@policy.member(Role.READER)
def account(account: LinkedAccount) -> Response:
    """The dashboard of one account."""
    return _page(account)


def _page(account: LinkedAccount | None) -> Response:
    welcome = "welcome" in request.args
    if account is None:
        asked = pending(connection(), policy.visitor().id)
        return htmx.render("layout/dashboard.html", asked=asked, welcome=welcome)
    return htmx.render("layout/dashboard.html", cards=_sections(account), welcome=welcome)


def _sections(account: LinkedAccount) -> list[Section]:
    cards = core().plugins.each(hookspecs.dashboard_cards, account)
    shared = page_context()
    ordered = sorted(cards, key=lambda found: found[1].order)
    sections = (_section(name, card, shared) for name, card in ordered)
    return [section for section in sections if section is not None]


def _section(name: str, card: hookspecs.Card, shared: dict[str, object]) -> Section | None:
    try:
        html = language().template(card.template).render(shared, **card.context)
    except Exception as error:
        core().plugins.fault(name, card.template, error)
        return None
    return Section(Markup(html), card.wide)  # noqa: S704 - the template has escaped it
