"""Meter readings: enter, check, send, correct, dispute."""

from collections.abc import Iterable

import click
from flask import Blueprint
from flask_babel import lazy_gettext as _l
from pydantic import BaseModel
from sqlalchemy import Connection

from tesweb.api import Card, LinkedAccount, NavigationItem, PersonalData, hookimpl
from tesweb_readings import cards, dispute_views, personal, views
from tesweb_readings.commands import disputes
from tesweb_readings.routes import blueprint
from tesweb_readings.settings import ReadingsSettings

#: Modules whose import hangs routes on the blueprint.
ROUTES = (views, dispute_views)


@hookimpl
def blueprints() -> Iterable[Blueprint]:
    """The pages."""
    return [blueprint]


@hookimpl
def navigation() -> Iterable[NavigationItem]:
    """The main job comes right after the first page."""
    return [
        NavigationItem(
            _l("Meter readings"), _l("Readings"), "readings.page", "readings", 10, on_phone=True
        )
    ]


@hookimpl
def dashboard_cards(account: LinkedAccount) -> Iterable[Card]:
    """How readings stand, and what was consumed."""
    return cards.cards(account)


@hookimpl
def settings() -> type[BaseModel]:
    """What a supplier may set."""
    return ReadingsSettings


@hookimpl
def commands() -> Iterable[click.Command]:
    """`tesweb readings disputes`."""
    return [disputes]


@hookimpl
def personal_data(reader: Connection, user_id: int) -> Iterable[PersonalData]:
    """The requests that a person sent, with their photos."""
    return personal.requests_of(reader, user_id)


@hookimpl
def forget_person(work: Connection, user_id: int) -> None:
    """What a person wrote and photographed goes; what the meter showed stays with the account."""
    personal.forget(work, user_id)
