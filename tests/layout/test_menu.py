"""The menu and the account switcher."""

from collections.abc import Callable, Iterator
from types import ModuleType

import pytest
from flask import Blueprint, Flask

from tesweb.accounts.models import Role
from tesweb.app import create_app
from tesweb.clock import FixedClock
from tesweb.config import Settings
from tesweb.hookspecs import NavigationItem, hookimpl
from tesweb.identity import policy
from tesweb.plugins import Plugins, State
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeUser

SignIn = Callable[[MadeUser], Client]
Start = Callable[[ModuleType], Flask]


@pytest.fixture
def start(settings: Settings, clock: FixedClock) -> Iterator[Start]:
    made = []

    def started(module: ModuleType) -> Flask:
        plugins = Plugins()
        plugins.load()
        plugins.add("acme", module)
        made.append(create_app(settings, clock, plugins))
        return made[-1]

    yield started
    for app in made:
        app.extensions["tesweb"].database.close()


def plugin(**hooks: Callable[..., object]) -> ModuleType:
    module = ModuleType("tesweb_acme")
    for name, hook in hooks.items():
        setattr(module, name, hookimpl(specname=name)(hook))
    return module


def routes(path: str, name: str = "acme") -> Blueprint:
    blueprint = Blueprint(name, __name__)
    blueprint.get(path)(policy.member(Role.READER)(lambda account: account.number))
    return blueprint


def entry(endpoint: str) -> NavigationItem:
    return NavigationItem("Acme", "Acme", endpoint, "help", order=50)


def home_of(app: Flask) -> tuple[Client, int]:
    app.test_client_class = Client
    core = app.extensions["tesweb"]
    make = Factory(core)
    user = make.user()
    account = make.account(user)
    client: Client = app.test_client()  # type: ignore[assignment]  # the class set above
    client.become(core, user.id)
    return client, account.id


def test_a_route_may_hold_digits_of_its_own(start: Start) -> None:
    blueprint = Blueprint("acme", __name__)
    view = policy.member(Role.READER)(lambda account: account.number)
    blueprint.add_url_rule("/<int:account_id>/top10", "top", view)
    app = start(plugin(blueprints=lambda: [blueprint], navigation=lambda: [entry("acme.top")]))
    client, account_id = home_of(app)
    assert f"/acme/{account_id}/top10" in client.page("/").links


def test_the_menu_is_asked_for_once_and_a_wrong_entry_is_left_out(start: Start) -> None:
    asked = []

    def navigation() -> list[NavigationItem]:
        asked.append(1)
        return [entry("acme.nowhere")]

    app = start(plugin(navigation=navigation))
    client, _ = home_of(app)
    client.page("/")
    client.page("/more")
    assert asked == [1]
    known = app.extensions["tesweb"].plugins.known["acme"]
    assert "navigation" in known.faults


def test_two_blueprints_that_clash_switch_their_plugin_off(start: Start) -> None:
    app = start(plugin(blueprints=lambda: [routes("/<int:account_id>/a"), routes("/b")]))
    known = app.extensions["tesweb"].plugins.known["acme"]
    assert known.state is State.BROKEN
    assert "routes" in known.reason


def test_each_account_is_written_as_its_own_region_does(sign_in: SignIn, make: Factory) -> None:
    user = make.user()
    make.account(user, number="720400000001", region="tyumen")
    make.account(user, number="2500000002", region="vladivostok", category="city")
    text = sign_in(user).page("/").text
    assert "7204 0000 0001" in text
    assert "25-0000-0002" in text


@pytest.mark.parametrize("wanted", ["//[", "http://[x", "http://[::1"])
def test_an_unreadable_way_back_is_no_way_back(client: Client, wanted: str) -> None:
    assert client.get("/login", query_string={"next": wanted}).status_code == 200
