"""What people and their browsers do in this room, one call for each."""

from typing import Any, cast

from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.factors.authenticator import Authenticator, Credential
from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.journal.models import SecurityEvent
from tesweb.testing.client import SAME_ORIGIN, Client

LOGIN, CONFIRM, MAKE = "/login/passkey", "/confirm/passkey", "/profile/passkeys"


def send(client: Client, url: str, body: object) -> TestResponse:
    """As the page's script does it."""
    return client.post(url, json=body, headers=SAME_ORIGIN | {"X-CSRFToken": token(client)})


def token(client: Client) -> str:
    forms = client.page("/more").forms
    return next(form.fields["csrf_token"] for form in forms if form.action.startswith("/language/"))


def options(client: Client, url: str) -> dict[str, Any]:
    answer = send(client, f"{url}/options", {})
    assert answer.status_code == 200, answer.text
    return cast("dict[str, Any]", answer.json)


def hand(client: Client, url: str, credential: object, wanted: str = "") -> TestResponse:
    return send(client, url, {"credential": credential, "next": wanted})


def enrol(client: Client, authenticator: Authenticator) -> Credential:
    """Make a passkey for whoever is signed in."""
    credential = authenticator.create(options(client, MAKE))
    answer = hand(client, MAKE, credential)
    assert answer.status_code == 200, answer.text
    return credential


def use(client: Client, authenticator: Authenticator, url: str = LOGIN) -> TestResponse:
    return hand(client, url, authenticator.get(options(client, url)))


def is_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def events(core: Core, user_id: int) -> list[str]:
    """What the journal has of a user, the oldest first."""
    table = table_of(SecurityEvent)
    with core.database.read() as reader:
        wanted = select(table.c.what).where(table.c.user_id == user_id).order_by(table.c.id)
        return list(reader.execute(wanted).scalars())
