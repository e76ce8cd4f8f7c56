"""One page lists what there is, with its state."""

import pytest

from tests.profile.conftest import SignIn
from tesweb.testing.factories import Factory, MadeUser

#: What the page has to lead to.
LINES = (
    "/profile/contacts",
    "/profile/accounts",
    "/profile/password",
    "/profile/passkeys",
    "/profile/totp",
    "/profile/codes",
    "/profile/devices",
    "/profile/events",
    "/profile/freeze",
    "/profile/data",
)


def test_each_line_says_how_things_stand(anna: MadeUser, sign_in: SignIn) -> None:
    sign_in(anna)
    client = sign_in(anna)
    page = client.page("/profile")
    assert "a•••@example.ru, +7 912 •••‑••‑01" in page.text
    assert "anna@example.ru" not in page.text
    assert "2 устройства" in page.text
    assert "не менялся с регистрации" in page.text
    assert "1 лицевой счёт" in page.text
    for url in LINES:
        assert url in page.links
        assert client.get(url).status_code in {200, 303}


def test_who_has_no_address_is_asked_for_one(make: Factory, sign_in: SignIn) -> None:
    page = sign_in(make.user()).page("/profile")
    assert "Добавьте почту" in page.text
    assert "пока не указаны" in page.text


def test_the_menu_leads_there_at_every_width(anna: MadeUser, sign_in: SignIn) -> None:
    client = sign_in(anna)
    assert "/profile" in client.page("/").links
    assert client.page("/more").links.count("/profile") == 2


@pytest.mark.parametrize(
    "url",
    [
        "/profile/contacts/email",
        "/profile/contacts/phone",
        "/profile/contacts/phone/remove",
        "/profile/password",
        "/profile/devices",
        "/profile/data",
        "/profile/data/delete",
    ],
)
def test_what_changes_who_may_get_in_wants_a_fresh_proof(
    anna: MadeUser, sign_in: SignIn, url: str
) -> None:
    assert sign_in(anna).get(url).location == f"/confirm?next={url}"
    assert sign_in(anna, "password").get(url).status_code == 200
