"""What one running application is made of, and how a request reaches it."""

from dataclasses import dataclass, field
from typing import TypeVar, cast

from flask import current_app
from pydantic import BaseModel
from sqlalchemy import Connection

from tesweb.clock import Clock
from tesweb.config import Settings
from tesweb.database.engine import Database
from tesweb.payments.gateways import Teller
from tesweb.plugins import Plugins
from tesweb.regions.region import Region

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Core:
    """The parts of an application that outlive a request."""

    settings: Settings
    database: Database
    plugins: Plugins
    clock: Clock
    #: The installed regions by name; never empty.
    regions: dict[str, Region] = field(default_factory=dict)
    #: The installed payment gateways by name.
    gateways: dict[str, Teller] = field(default_factory=dict)

    def region(self, name: str) -> Region:
        """The region of that name, or the default one where its plugin is gone."""
        return self.regions.get(name) or self.default_region

    @property
    def default_region(self) -> Region:
        """The region that a visitor sees who is not signed in."""
        return self.regions[self.settings.default_region or min(self.regions)]


def core() -> Core:
    """The parts of the application that serves this request."""
    return cast("Core", current_app.extensions["tesweb"])


def connection() -> Connection:
    """A connection that reads; each statement sees what is committed when it starts."""
    return core().database.reading()


def settings_of(model: type[Model]) -> Model:
    """The settings of the plugin that declares `model`."""
    return core().plugins.settings_of(model)
