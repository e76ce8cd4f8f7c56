"""The application's context, and a house in it."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.meters.house import House
from tesweb.current import Core
from tesweb.regions.region import Region
from tesweb.testing.factories import Factory


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def region(core: Core, context: None) -> Region:
    del context
    return core.region("tyumen")


@pytest.fixture
def house(make: Factory, region: Region) -> House:
    return House(make, region, "1000")
