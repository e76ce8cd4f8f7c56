"""A phone at 256 kbit/s loads 32 bytes in a millisecond: 36 KB are more than a second."""

from collections.abc import Callable

import pytest

from tests.budgets.weigh import KB, Wanted, ask, body_bytes, first_load
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeUser

SignIn = Callable[[MadeUser], Client]


@pytest.fixture
def wanted(client: Client) -> list[str]:
    """What the page of whoever comes first makes the browser load."""
    return list(Wanted(client.get("/login").text).addresses)


def test_the_first_load_of_the_sign_in_page(client: Client) -> None:
    sizes = first_load(client, "/login")
    assert sum(sizes.values()) <= 36 * KB, sizes


def test_the_first_load_of_the_dashboard(sign_in: SignIn, make: Factory) -> None:
    user = make.user()
    for balance in (128_460, -5_210):
        make.meter(make.account(user, balance=balance))
    sizes = first_load(sign_in(user), "/")
    assert sum(sizes.values()) <= 36 * KB, sizes


def test_the_style_sheet(client: Client, wanted: list[str]) -> None:
    sheets = [address for address in wanted if address.endswith(".css")]
    assert len(sheets) == 1
    assert body_bytes(ask(client, sheets[0])) <= 6 * KB


def test_scripts_of_ours(client: Client, wanted: list[str]) -> None:
    scripts = [address for address in wanted if address.endswith(".js")]
    ours = [address for address in scripts if "/vendor/" not in address]
    assert len(scripts) == len(ours) + 2, "htmx and its guard, nothing else of others"
    assert ours
    assert sum(body_bytes(ask(client, address)) for address in ours) <= 5 * KB


def test_the_service_worker(client: Client) -> None:
    assert body_bytes(ask(client, "/sw.js")) <= 2 * KB


def test_nothing_heavy_comes_before_the_words(wanted: list[str]) -> None:
    """System fonts, and pictures in one sprite."""
    endings = {address.rpartition(".")[2] for address in wanted}
    assert endings <= {"css", "js", "svg", "webmanifest"}
