"""A person with an account, an e-mail and a phone, and a meter that was read last month."""

from collections.abc import Callable

import pytest

from tests.freeze.person import Person
from tesweb.current import Core
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeUser


@pytest.fixture
def person(make: Factory, core: Core, sign_in: Callable[..., Client]) -> Person:
    user = make.user(email="anna@example.org", phone="+79001234567")
    return _settled(user, make, core, sign_in)


@pytest.fixture
def bare(make: Factory, core: Core, sign_in: Callable[..., Client]) -> Person:
    """Somebody with neither e-mail nor phone."""
    return _settled(make.user(), make, core, sign_in)


def _settled(user: MadeUser, make: Factory, core: Core, sign_in: Callable[..., Client]) -> Person:
    account = make.account(user, bill_code="4711")
    meter = make.meter(account)
    made = Person(core, user, account, sign_in)
    make.reading(meter, made.last_month, "1000", "100")
    return made
