"""Requests in the copy of one's data, and what is left of them when the cabinet is deleted."""

import base64
import io
import json
from collections.abc import Callable

import pytest
from PIL import Image
from sqlalchemy import select
from tesweb_readings.models import Dispute

from tests.plugins.readings.homes import Home
from tests.plugins.readings.test_disputes import asked
from tests.plugins.readings.test_photos import picture
from tesweb.accounts.models import Role
from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory

DATA = "/profile/data"
DELETE = f"{DATA}/delete"
disputes = table_of(Dispute)
SignIn = Callable[..., Client]


@pytest.fixture
def page(home: Callable[..., Home]) -> Home:
    """A home from which two requests were sent, one with a photo."""
    made = home("1000")
    asked(made, picture(), comment="Счётчик меняли весной")
    asked(made)
    return made


def test_the_copy_has_the_requests_with_the_photo_itself(page: Home, sign_in: SignIn) -> None:
    answer = sign_in(page.user, "password").submit(DATA, f"{DATA}/json", {})
    told = json.loads(answer.data)
    assert told["missing"] == []
    first, second = told["plugins"]["readings"]["requests"]
    assert first["number"] == 1
    assert first["account"] == page.account.number
    assert first["comment"] == "Счётчик меняли весной"
    assert first["readings"].endswith("single 00900")
    assert (first["month"], first["state"]) == ("2026-11-01", "open")
    content = base64.b64decode(first["photo"]["content_base64"])
    assert Image.open(io.BytesIO(content)).format == "JPEG"
    assert first["photo"]["size"] == len(content)
    assert second["photo"] is None


def test_the_copy_on_paper_is_longer_by_them(
    page: Home, home: Callable[..., Home], sign_in: SignIn, core: Core
) -> None:
    sizes = []
    for user in (page.user, home("1000").user):
        answer = sign_in(user, "password").submit(DATA, f"{DATA}/pdf", {})
        assert answer.data.startswith(b"%PDF-")
        sizes.append(len(answer.data))
    assert sizes[0] > sizes[1] + 500
    assert core.plugins.known["readings"].faults == {}


def test_another_member_s_copy_has_none_of_them(page: Home, make: Factory, sign_in: SignIn) -> None:
    member = make.user()
    make.link(member, page.account.id, Role.OWNER)
    answer = sign_in(member, "password").submit(DATA, f"{DATA}/json", {})
    assert json.loads(answer.data)["plugins"]["readings"]["requests"] == []


def test_what_was_sent_for_an_account_that_is_gone_is_told(page: Home, sign_in: SignIn) -> None:
    client = sign_in(page.user, "password")
    unlink = f"/profile/accounts/{page.account.id}/unlink"
    assert client.submit(unlink, unlink, {}).status_code == 303
    told = json.loads(client.submit(DATA, f"{DATA}/json", {}).data)
    assert told["accounts"] == []
    assert len(told["plugins"]["readings"]["requests"]) == 2


def test_with_the_cabinet_go_words_and_photo_and_no_value(
    page: Home, make: Factory, sign_in: SignIn, core: Core
) -> None:
    member = make.user()
    make.link(member, page.account.id, Role.OWNER)
    client = sign_in(page.user, "password")
    assert client.submit(DELETE, DELETE, {"word": "удалить"}).status_code == 303
    with core.database.read() as reader:
        rows = reader.execute(select(disputes.c.comment, disputes.c.photo)).all()
    assert [tuple(row) for row in rows] == [("", None)] * 2
    left = sign_in(member)
    assert left.get(page.url("disputes/1/photo")).status_code == 404
    seen = left.page(page.url("disputes/1")).text
    assert "00900" in seen
    assert "весной" not in seen
