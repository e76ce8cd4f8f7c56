"""What every page shows around its own content: brand, menu, account switcher.

The shell is the same for everybody who reads the same language on the same page of the menu, so
it is rendered once for each such shape and cut at the places where people differ. A page is then
its own content between the pieces: rendering the whole layout for each request took four times as
long as the content.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, cast

from flask import Flask, current_app, g, request, url_for
from werkzeug.routing import BuildError

from tesweb import hookspecs
from tesweb.accounts.statements import LinkedAccount
from tesweb.current import core
from tesweb.identity.policy import chosen_account, visitor_or_none
from tesweb.identity.statements import Visitor
from tesweb.identity.tokens import form_token
from tesweb.layout.folding import html_of
from tesweb.layout.headers import nonce
from tesweb.layout.languages import Language, language
from tesweb.plugins import Plugins
from tesweb.regions.region import Region

#: Stands for an account in an address that is worked out once; no route holds it by itself.
_NO_ACCOUNT = 9_007_199_254_740_991
#: The places where a shell is cut; private-use characters that no text of ours holds.
_PLACES = ("nonce", "csrf", "name", "account_id", "strip", "title", "main")
_MARKED = re.compile("\ue000([a-z_]+)\ue001")


@dataclass(frozen=True, slots=True)
class MenuItem:
    """A menu entry in one language, for the account that the shell is cut at."""

    title: str
    short: str
    icon: str
    href: str
    current: bool
    on_phone: bool


@dataclass(frozen=True, slots=True)
class AccountLink:
    """An entry of the account switcher."""

    #: The visitor's own name for it, else its address.
    address: str
    #: As its own region writes it.
    number: str
    #: The account's own version of this section; its dashboard where there is none.
    href: str
    current: bool


class Shape(NamedTuple):
    """All that a shell depends on; a few dozen in a whole supplier."""

    language: str
    region: str
    #: The route, for the menu's present entry.
    endpoint: str
    signed_in: bool
    has_account: bool
    #: Whether somebody answers the phone now.
    is_open: bool


@dataclass(frozen=True, slots=True)
class Shell:
    """A layout, cut: the texts between the places, and the names of the places."""

    texts: tuple[str, ...]
    places: tuple[str, ...]

    def around(self, values: dict[str, str]) -> str:
        """The page with each place filled in."""
        parts = [self.texts[0]]
        for place, text in zip(self.places, self.texts[1:], strict=True):
            parts += (values[place], text)
        return "".join(parts)


@dataclass(frozen=True, slots=True)
class _Somebody:
    """A visitor of whom the shell knows only where the name will stand."""

    name: str


def install(app: Flask, plugins: Plugins) -> None:
    """Ask the plugins for the menu, once, and leave out entries that lead to no route."""
    app.extensions["tesweb_shells"] = {}
    found = sorted(plugins.each(hookspecs.navigation), key=lambda each: each[1].order)
    entries = app.extensions["tesweb_menu"] = []
    with app.test_request_context():
        for name, item in found:
            try:
                _around_account(item.endpoint)
            except BuildError as error:
                plugins.fault(name, "navigation", error)
            else:
                entries.append(item)


def page_context() -> dict[str, Any]:
    """The names that every template may use; listed in docs/plugins.md. Made once a request."""
    if "tesweb_context" not in g:
        account = _account()
        g.tesweb_context = {
            "nonce": nonce(),
            "region": _region(account),
            "now": core().clock.now(),
            "visitor": visitor_or_none(),
            "account": account,
            "csrf_token": form_token,
            "menu": menu,
        }
    return cast("dict[str, Any]", g.tesweb_context)


def dress(title: str, main: str) -> str:
    """The whole page around a title and a main part that are HTML already."""
    context = page_context()
    account, visitor, region = context["account"], context["visitor"], context["region"]
    spoken = language()
    is_open = _is_open(region, context["now"].replace(second=0, microsecond=0))
    shell = _shell(
        Shape(
            spoken.code,
            region.name,
            request.endpoint or "",
            visitor is not None,
            account is not None,
            is_open,
        )
    )
    return shell.around(
        {
            "nonce": context["nonce"],
            "csrf": form_token(),
            "name": html_of(visitor.name) if visitor else "",
            "account_id": str(account.id) if account else "",
            "strip": _strip(account, visitor, region, spoken) if account and visitor else "",
            "title": title,
            "main": main,
        }
    )


def menu() -> list[MenuItem]:
    """The menu of the chosen account, empty without one."""
    account = _account()
    if account is None:
        return []
    return list(_menu(request.endpoint or "", str(account.id)))


def _shell(shape: Shape) -> Shell:
    shells = cast("dict[Shape, Shell]", current_app.extensions["tesweb_shells"])
    if shape not in shells:
        shells[shape] = _cut(_render(shape))
    return shells[shape]


def _render(shape: Shape) -> str:
    marks = _marks(*_PLACES)
    context = {
        **marks,
        "region": core().region(shape.region),
        "visitor": _Somebody(marks["name"]) if shape.signed_in else None,
        "account": shape.has_account,
        "is_open": shape.is_open,
        "demo": core().settings.demo,
        "csrf_token": lambda: marks["csrf"],
        "menu": list(_menu(shape.endpoint, marks["account_id"])) if shape.has_account else [],
        "endpoint": shape.endpoint,
    }
    return language().template("page.html").render(context)


def _marks(*places: str) -> dict[str, str]:
    return {place: f"\ue000{place}\ue001" for place in places}


def _cut(page: str) -> Shell:
    pieces = _MARKED.split(page)
    return Shell(tuple(pieces[::2]), tuple(pieces[1::2]))


@lru_cache(64)
def _is_open(region: Region, minute: datetime) -> bool:
    return region.contacts.is_open(minute)


def _account() -> LinkedAccount | None:
    chosen, visitor = chosen_account(), visitor_or_none()
    if chosen is None and visitor is not None and visitor.accounts:
        return visitor.accounts[0]
    return chosen


def _region(account: LinkedAccount | None) -> Region:
    return core().default_region if account is None else core().region(account.region)


def _strip(account: LinkedAccount, visitor: Visitor, region: Region, spoken: Language) -> str:
    number = region.format_account(account.number)
    if len(visitor.accounts) > 1:
        links = _account_links(account, visitor.accounts)
        template = spoken.template("layout/account.html")
        return template.render(address=account.title, number=number, account_links=links)
    shells = cast("dict[str | Shape, Shell]", current_app.extensions["tesweb_shells"])
    if spoken.code not in shells:
        template = spoken.template("layout/account.html")
        shells[spoken.code] = _cut(template.render(_marks("address", "number")))
    return shells[spoken.code].around(
        {"address": html_of(account.title), "number": html_of(number)}
    )


def _account_links(
    account: LinkedAccount, accounts: tuple[LinkedAccount, ...]
) -> list[AccountLink]:
    # The section, not the page: a step of another account's form may be another role's.
    sections = {item.endpoint.partition(".")[0]: item.endpoint for item in _entries()}
    endpoint = sections.get(request.blueprint or "", "dashboard.account")
    before, after = _around_account(endpoint)
    return [
        AccountLink(
            other.title,
            core().region(other.region).format_account(other.number),
            f"{before}{other.id}{after}",
            other == account,
        )
        for other in accounts
    ]


def _entries() -> list[hookspecs.NavigationItem]:
    return cast("list[hookspecs.NavigationItem]", current_app.extensions["tesweb_menu"])


def _menu(endpoint: str, account_id: str) -> Iterator[MenuItem]:
    here = endpoint.partition(".")[0]
    for item in _entries():
        yield _item(item, here, account_id)


def _item(item: hookspecs.NavigationItem, here: str, account_id: str) -> MenuItem:
    before, after = _around_account(item.endpoint)
    return MenuItem(
        str(item.title),
        str(item.short),
        item.icon,
        f"{before}{account_id}{after}",
        item.endpoint.partition(".")[0] == here,
        item.on_phone,
    )


def _around_account(endpoint: str) -> tuple[str, str]:
    """The address of a route that takes an account, without the account."""
    before, _, after = url_for(endpoint, account_id=_NO_ACCOUNT).partition(str(_NO_ACCOUNT))
    return before, after
