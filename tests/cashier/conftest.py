"""The payer at the till, the bank in memory, and the supplier's people at their desk."""

from collections.abc import Callable
from datetime import date

import pytest

from tests.payments.conftest import bank, till
from tests.payments.till import Till
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory

__all__ = ["bank", "till"]

#: The day at which the tests' clock stands.
DAY = date(2026, 11, 20)
STRONG = "password totp"


@pytest.fixture
def desk(make: Factory, sign_in: Callable[..., Client], till: Till) -> Client:
    """An operator's browser."""
    del till
    return sign_in(make.user("oleg", is_operator=True), STRONG)
