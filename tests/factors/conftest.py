from collections.abc import Callable
from typing import cast

import pytest
from flask import Flask

from tests.factors.authenticator import Authenticator
from tests.factors.phones import APP, PAPER, STEP, Phone, begin, new_set
from tests.factors.steps import enrol
from tesweb.clock import FixedClock
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeUser


@pytest.fixture
def browser(app: Flask, client: Client) -> Callable[[], Client]:
    """A further browser in which nobody is signed in."""
    del client
    return lambda: cast("Client", app.test_client())


@pytest.fixture
def user(make: Factory) -> MadeUser:
    made = make.user()
    make.account(made)
    return made


@pytest.fixture
def owner(user: MadeUser, sign_in: Callable[..., Client]) -> Client:
    """The user's own browser, with a fresh proof."""
    return sign_in(user, "password")


@pytest.fixture
def phone(owner: Client) -> Authenticator:
    """The user's passkey, set up."""
    made = Authenticator()
    enrol(owner, made)
    return made


@pytest.fixture
def app_phone(owner: Client, clock: FixedClock) -> Phone:
    """The user's app, set up; its next code is a new one."""
    phone = begin(owner, clock)
    assert owner.submit(APP, APP, {"code": phone.code()}).status_code == 303
    clock.moment += STEP
    return phone


@pytest.fixture
def paper(owner: Client, app_phone: Phone) -> list[str]:
    """The codes that the user still has."""
    made = new_set(owner)
    assert owner.submit(PAPER, f"{PAPER}/check", {"code": made[0]}).status_code == 303
    assert app_phone
    return made[1:]
