"""A resident at home: an account with a meter and a year of readings, and a browser signed in."""

from collections.abc import Callable
from datetime import date

import pytest

from tests.plugins.readings.homes import Home
from tesweb.clock import add_months
from tesweb.meters.models import Zone
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeUser

OCTOBER = date(2026, 10, 1)


@pytest.fixture
def home(make: Factory, sign_in: Callable[[MadeUser], Client]) -> Callable[..., Home]:
    """Makes homes: `home("9993", digits=4)`, `home("100", "50", zones=(Zone.DAY, Zone.NIGHT))`."""

    def made(*last: str, zones: tuple[Zone, ...] = (), monthly: int = 100, digits: int = 5) -> Home:
        user = make.user()
        account = make.account(user, category="electric_stove", region="tyumen")
        standing = make.meter(account, *zones, digits=digits)
        for register_no, value in enumerate(last, start=1):
            for back in range(6):
                shown = (int(value) - back * monthly) % 10**digits
                make.reading(
                    standing, add_months(OCTOBER, -back), str(shown), str(monthly), register_no
                )
        return Home(user, account, standing, sign_in(user))

    return made
