"""The plugin contract: every hook there is. A plugin implements those it needs, with `hookimpl`.

A hook that raises is skipped for that plugin alone, logged, and shown by `tesweb plugins`.
Results of several plugins come in the order of their names; where order matters to people, the
things themselves carry an `order`. `docs/plugins.md` says the same with an example for each.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import click
import pluggy
from flask import Blueprint
from flask_babel.speaklater import LazyString
from pydantic import BaseModel
from sqlalchemy import Connection

from tesweb.accounts.statements import LinkedAccount
from tesweb.captcha.protocol import Captcha
from tesweb.messages.protocol import Channel
from tesweb.payments.protocol import Gateway
from tesweb.profile.protocol import PersonalData
from tesweb.regions.region import Region

hookspec = pluggy.HookspecMarker("tesweb")
#: Marks a function of a plugin as the implementation of the hook of the same name.
hookimpl = pluggy.HookimplMarker("tesweb")


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """An entry of the menu."""

    #: Lazy, so that it is translated for each visitor.
    title: LazyString
    #: A shorter title for the bar at the thumb of a phone.
    short: LazyString
    #: A route that takes exactly `account_id`.
    endpoint: str
    #: A symbol of the icon sprite: `readings`, `pay`, `bill`, `calculator`, `help`, `more`, …
    icon: str
    #: Lower comes first; 0 is the dashboard.
    order: int
    #: Whether it deserves one of the places of the phone's bar.
    on_phone: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A section of the dashboard, rendered from a template of the plugin's own."""

    #: `<plugin>/card.html`; it gets `context` and nothing of the page around it.
    template: str
    #: Lower comes first.
    order: int
    #: Takes the whole width instead of half of it.
    wide: bool = False
    context: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LoginHelp:
    """A way on for somebody who cannot sign in, as a link below the form."""

    text: LazyString
    #: A route without arguments that is for anyone.
    endpoint: str
    #: Lower comes first.
    order: int


@hookspec
def blueprints() -> Iterable[Blueprint]:
    """Routes, templates and static files.

    Called once, when the server starts. The blueprint's name is the plugin's; its URL prefix is
    `/<plugin>`; its templates lie in `templates/<plugin>/`. Every route must carry a policy of
    `tesweb.api.policy`, or the plugin is switched off. Must not touch the database.
    """
    raise NotImplementedError


@hookspec
def navigation() -> Iterable[NavigationItem]:
    """Entries of the menu.

    Called once, when the server starts. Must not depend on the visitor: what a visitor may not do
    is refused by the route's policy.
    """
    raise NotImplementedError


@hookspec
def dashboard_cards(account: LinkedAccount) -> Iterable[Card]:
    """Sections of the first page for one account.

    Called for each view of the dashboard: ask the database once, through statements built at
    import. Must not change anything and must not call another server.
    """
    raise NotImplementedError


@hookspec
def regions() -> Iterable[Region]:
    """Regions: tariffs, reading window, contacts, brand of a supplier's branch.

    Called once, when the server starts. A region's name is stored with each account for ever.
    """
    raise NotImplementedError


@hookspec
def gateways() -> Iterable[Gateway]:
    """Ways to take money.

    Called once, when the server starts, with the plugin's settings in place. A gateway's name is
    stored with each order for ever; of two with one name the first is used and the other's plugin
    is switched off. Must not call the bank.
    """
    raise NotImplementedError


@hookspec(firstresult=True)
def settings() -> type[BaseModel]:
    """The plugin's own settings, a frozen pydantic model whose fields say why they exist.

    Called once, before any other hook. The core fills it from `[plugins.<name>]` and
    `TESWEB_PLUGINS__<NAME>__…`; an unknown key or a missing value switches the plugin off with the
    key's name as the reason. Read it with `tesweb.api.settings_of(YourSettings)`.
    """
    raise NotImplementedError


@hookspec
def commands() -> Iterable[click.Command]:
    """Commands for the operator, below `tesweb <plugin>`.

    Called when the command line starts. A command reaches the database through
    `tesweb.api.core()`, within the application context that is open while it runs.
    """
    raise NotImplementedError


@hookspec
def captcha() -> Iterable[Captcha]:
    """Ways to keep programs out of forms that strangers may send.

    Called for each such form. The setting `captchas` names those that are offered; one that is
    solved is enough. Making a challenge must not change anything.
    """
    raise NotImplementedError


@hookspec
def message_channels() -> Iterable[Channel]:
    """Ways for messages to reach people: `email` or `sms`.

    Called each time when messages are due, outside of any request and any transaction. A channel
    calls no host but its own configured one, follows no redirect, and waits two minutes at most.
    """
    raise NotImplementedError


@hookspec
def login_help() -> Iterable[LoginHelp]:
    """What to do when signing in fails.

    Called for each view of the sign-in page. Must not depend on what was typed there, and must not
    touch the database: whoever asks is a stranger.
    """
    raise NotImplementedError


@hookspec
def personal_data(reader: Connection, user_id: int) -> Iterable[PersonalData]:
    """What the plugin holds about a person, for «My data».

    Called each time when a person asks for the copy, within the request, with the connection that
    reads. Must tell everything that names this person or that this person wrote or sent, of
    accounts that are not theirs any more too; nothing of anybody else, and no secret. Must not
    change anything and must not call another server. Where it raises, the copy says that the
    plugin's part is missing.
    """
    raise NotImplementedError


@hookspec
def forget_person(work: Connection, user_id: int) -> None:
    """Forget what the plugin holds about a person who deletes the cabinet.

    Called in the transaction that deletes it, after the core has wiped its own; the user's row
    stays, without a name. What belongs to the account or what a law wants kept stays with the
    number of the user, which leads to nobody. Must be safe to repeat: where it raises, or the
    plugin is off, it is called again every ten minutes until it is done. Must not call another
    server and must not commit.
    """
    raise NotImplementedError
