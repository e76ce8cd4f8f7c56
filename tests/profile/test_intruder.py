"""What a change leaves behind for whoever had the old contact, or a share in the household."""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from tesweb.accounts.models import Role
from tesweb.current import Core
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory


def rows(core: Core, query: str, **values: Any) -> list[Any]:  # noqa: ANN401 - what a query binds
    with core.database.read() as reader:
        return list(reader.execute(text(query), values).all())


def path_of(core: Core, template: str) -> str:
    query = "SELECT payload FROM outbox WHERE template = :name ORDER BY id DESC"
    return str(json.loads(rows(core, query, name=template)[0].payload)["path"])


def test_a_letter_in_the_old_mailbox_sets_no_password(
    make: Factory, core: Core, client: Client, sign_in: Callable[..., Client]
) -> None:
    user = make.user("anna", email="old@example.org")
    client.submit("/recover", "/recover", {"login": "anna"})
    old = path_of(core, "recovery")
    assert client.get(old).status_code == 200
    owner = sign_in(user, "password")
    page = "/profile/contacts/email"
    owner.submit(page, page, {"email": "new@example.org"})
    owner.submit(path_of(core, "email_change"), "/profile/contacts/email/link", {})
    assert rows(core, "SELECT email FROM users")[0].email == "new@example.org"
    assert client.get(old).status_code == 404


def test_with_the_last_owner_go_those_whom_the_owner_let_in(
    make: Factory, core: Core, sign_in: Callable[..., Client]
) -> None:
    owner, reader, other = make.user("owner"), make.user("reader"), make.user("other")
    alone, shared = make.account(owner), make.account(owner, other)
    make.link(reader, alone.id, Role.READER)
    make.link(reader, shared.id, Role.READER)
    page = "/profile/data/delete"
    answer = sign_in(owner, "password").submit(page, page, {"word": "удалить"})
    assert answer.location == "/profile/deleted"
    left = rows(core, "SELECT account_id, user_id FROM memberships ORDER BY user_id")
    assert {(row.account_id, row.user_id) for row in left} == {
        (shared.id, reader.id),
        (shared.id, other.id),
    }
