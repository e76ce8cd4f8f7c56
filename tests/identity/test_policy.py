"""What isn't yours does not exist."""

from collections.abc import Callable

import pytest
from flask import Blueprint, Flask

from tesweb.accounts.models import Role
from tesweb.identity import policy
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeUser

SignIn = Callable[[MadeUser], Client]
FAR = 999_999


@pytest.mark.parametrize("url", ["/accounts/{}/"])
def test_another_s_account_answers_as_one_that_does_not_exist(
    sign_in: SignIn, make: Factory, url: str
) -> None:
    mine, theirs = make.user(), make.user()
    own, other = make.account(mine), make.account(theirs)
    client = sign_in(mine)
    assert client.get(url.format(own.id)).status_code == 200
    refused, missing = client.get(url.format(other.id)), client.get(url.format(FAR))
    assert (refused.status_code, missing.status_code) == (404, 404)
    assert other.number not in refused.text


def test_a_stranger_is_asked_to_sign_in_first(client: Client, make: Factory) -> None:
    account = make.account(make.user())
    for url in (f"/accounts/{account.id}/", f"/accounts/{FAR}/"):
        assert client.get(url).location == f"/login?next={url}"


def test_too_small_a_role_is_told_so(app: Flask, make: Factory, sign_in: SignIn) -> None:
    blueprint = Blueprint("trial", __name__)
    blueprint.get("/<int:account_id>/")(policy.member(Role.PAYER)(lambda account: account.number))
    app.register_blueprint(blueprint, url_prefix="/trial")
    account = make.account()
    answers = {}
    for role in Role:
        user = make.user()
        make.link(user, account.id, role)
        answers[role] = sign_in(user).get(f"/trial/{account.id}/").status_code
    assert answers == {Role.OWNER: 200, Role.PAYER: 200, Role.READER: 403}


def test_every_route_has_a_policy(app: Flask) -> None:
    bare = [name for name, view in app.view_functions.items() if policy.policy_of(view) is None]
    assert bare == []
