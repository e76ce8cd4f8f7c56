"""What every page shows around its own content: brand, menu, account switcher."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from flask import Flask, current_app, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.routing import BuildError

from tesweb import hookspecs
from tesweb.accounts.statements import LinkedAccount
from tesweb.current import core
from tesweb.identity.policy import chosen_account, visitor_or_none
from tesweb.layout.assets import Assets
from tesweb.layout.formats import FORMATS, format_rubles
from tesweb.layout.headers import nonce
from tesweb.layout.languages import LANGUAGES, language_code
from tesweb.regions.region import Region

#: Stands for an account in an address that is worked out once.
_NO_ACCOUNT = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A menu entry in one language; `before + account id + after` is its address."""

    title: str
    short: str
    icon: str
    endpoint: str
    before: str
    after: str
    on_phone: bool


@dataclass(frozen=True, slots=True)
class MenuItem:
    """A menu entry for one visitor."""

    title: str
    short: str
    icon: str
    href: str
    current: bool
    on_phone: bool


class Menus:
    """The menu of each language, worked out once: it does not depend on the visitor."""

    def __init__(self) -> None:
        """Nothing is worked out before the first page."""
        self._entries: dict[str, tuple[Entry, ...]] = {}

    def entries(self, code: str) -> tuple[Entry, ...]:
        """All entries in their order."""
        if code not in self._entries:
            self._entries[code] = tuple(_entries())
        return self._entries[code]


def install(app: Flask, assets: Assets) -> None:
    """Prepare what the shell needs."""
    app.extensions["tesweb_assets"] = assets
    app.extensions["tesweb_menus"] = Menus()


def shell_context() -> dict[str, Any]:
    """The names that every template may use; listed in docs/plugins.md."""
    code = language_code()
    formats = FORMATS[code]
    account, accounts = _accounts()
    return {
        "nonce": nonce(),
        "language": code,
        "languages": LANGUAGES,
        "asset": cast("Assets", current_app.extensions["tesweb_assets"]).url,
        "region": _region(account),
        "now": core().clock.now(),
        "demo": core().settings.demo,
        "visitor": visitor_or_none(),
        "account": account,
        "accounts": accounts,
        "menu": _menu(account, code),
        "account_links": _account_links(account, accounts),
        "csrf_token": generate_csrf,
        "format_rubles": format_rubles,
        "format_date": formats.day,
        "format_day": formats.day_of_year,
        "format_month": formats.month,
        "format_moment": formats.moment,
        "format_kwh": formats.kwh,
    }


def _accounts() -> tuple[LinkedAccount | None, tuple[LinkedAccount, ...]]:
    person = visitor_or_none()
    if person is None:
        return None, ()
    account = chosen_account()
    if account is None and person.accounts:
        account = person.accounts[0]
    return account, person.accounts


def _region(account: LinkedAccount | None) -> Region:
    return core().default_region if account is None else core().region(account.region)


def _menu(account: LinkedAccount | None, code: str) -> list[MenuItem]:
    if account is None:
        return []
    here = request.blueprint or ""
    menus = cast("Menus", current_app.extensions["tesweb_menus"])
    return [
        MenuItem(
            entry.title,
            entry.short,
            entry.icon,
            f"{entry.before}{account.id}{entry.after}",
            entry.endpoint.partition(".")[0] == here,
            entry.on_phone,
        )
        for entry in menus.entries(code)
    ]


def _account_links(
    account: LinkedAccount | None, accounts: tuple[LinkedAccount, ...]
) -> list[tuple[LinkedAccount, str, bool]]:
    """Where each account's own version of this page is; its dashboard where there is none."""
    if len(accounts) < 2:  # noqa: PLR2004 - nothing to choose from
        return []
    endpoint = "dashboard.account"
    if request.method == "GET" and set(request.view_args or ()) == {"account_id"}:
        endpoint = request.endpoint or endpoint
    return [(other, url_for(endpoint, account_id=other.id), other == account) for other in accounts]


def _entries() -> Iterator[Entry]:
    items = core().plugins.each(hookspecs.navigation)
    for name, item in sorted(items, key=lambda found: found[1].order):
        try:
            yield _entry(item)
        except BuildError as error:  # the plugin's entry leads to a route that does not exist
            core().plugins.fault(name, "navigation", error)


def _entry(item: hookspecs.NavigationItem) -> Entry:
    before, _, after = url_for(item.endpoint, account_id=_NO_ACCOUNT).rpartition(str(_NO_ACCOUNT))
    return Entry(
        str(item.title), str(item.short), item.icon, item.endpoint, before, after, item.on_phone
    )
