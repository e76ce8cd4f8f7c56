"""Making, using, naming and revoking passkeys."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from tests.factors.authenticator import LONELY, Authenticator, raw
from tests.factors.steps import (
    CONFIRM,
    LOGIN,
    MAKE,
    enrol,
    events,
    hand,
    is_in,
    options,
    send,
    token,
    use,
)
from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.factors.models import Passkey
from tesweb.identity.models import User
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.factories import Factory, MadeUser

Browser = Callable[[], Client]
SignIn = Callable[..., Client]
ICLOUD = bytes.fromhex("fbfc3007154e4ecc8c0b6e020557d7bd")


def own(client: Client) -> list[str]:
    return [link for link in client.page(MAKE).links if link.startswith(f"{MAKE}/")]


def test_a_passkey_signs_in_and_counts_as_two_factors(
    phone: Authenticator, browser: Browser, make: Factory, user: MadeUser, core: Core
) -> None:
    client = browser()
    answer = hand(client, LOGIN, phone.get(options(client, LOGIN)), "/more?x=1")
    assert answer.json == {"go": "/more?x=1"}
    assert is_in(client)
    assert client.get(MAKE).status_code == 200, "the proof is fresh"
    assert events(core, user.id)[-1] in {"signed_in", "new_device"}
    assert make


def test_the_options_ask_for_what_a_passkey_has_to_be(owner: Client, client: Client) -> None:
    asked = options(owner, MAKE)
    assert asked["rp"]["id"] == "localhost"
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert asked["attestation"] == "none"
    assert len(raw(asked["challenge"])) >= 32
    assert len(raw(asked["user"]["id"])) == 32
    assert options(owner, MAKE)["user"]["id"] == asked["user"]["id"], "the handle stays"
    known = options(client, LOGIN)
    assert known["userVerification"] == "required"
    assert known["allowCredentials"] == [], "who comes is not asked"


def test_the_same_device_is_not_asked_twice(owner: Client, phone: Authenticator) -> None:
    (known,) = options(owner, MAKE)["excludeCredentials"]
    assert raw(known["id"]) == phone.credential_id
    assert known["transports"] == ["hybrid", "internal"]


def test_nobody_goes_elsewhere_after_a_passkey(phone: Authenticator, browser: Browser) -> None:
    for wanted in ("https://evil.example", "//evil.example", "/\\evil"):
        client = browser()
        answer = hand(client, LOGIN, phone.get(options(client, LOGIN)), wanted)
        assert answer.json == {"go": "/"}


def test_the_session_id_is_another_after_a_passkey(phone: Authenticator, browser: Browser) -> None:
    client = browser()
    asked = options(client, LOGIN)
    before = client.get_cookie("__Host-sid")
    hand(client, LOGIN, phone.get(asked))
    after = client.get_cookie("__Host-sid")
    assert before is not None
    assert after is not None
    assert after.value != before.value


def test_a_passkey_proves_again_who_it_is(
    phone: Authenticator, owner: Client, clock: FixedClock, user: MadeUser, sign_in: SignIn
) -> None:
    stale = sign_in(user)
    asked = stale.get(MAKE)
    assert asked.location == f"/confirm?next={MAKE}"
    assert "Подтвердить ключом доступа" in stale.page(asked.location).text
    credential = phone.get(options(stale, CONFIRM), handle=None)  # it was told which one
    assert hand(stale, CONFIRM, credential, MAKE).json == {"go": MAKE}
    assert stale.get(MAKE).status_code == 200
    assert owner
    assert clock


def test_anothers_passkey_proves_nothing(
    phone: Authenticator, make: Factory, sign_in: SignIn
) -> None:
    stranger, theirs = sign_in(make.user(), "password"), Authenticator()
    enrol(stranger, theirs)
    stale = sign_in(make.user())
    for key in (phone, theirs):
        assert use(stale, key, CONFIRM).status_code == 400
    assert stale.get(MAKE).status_code == 303
    assert "Подтвердить ключом доступа" not in stale.page(f"/confirm?next={MAKE}").text


def test_a_passkey_wants_a_fresh_proof(sign_in: SignIn, user: MadeUser) -> None:
    stale = sign_in(user)
    assert send(stale, f"{MAKE}/options", {}).status_code == 303
    assert hand(stale, MAKE, {}).status_code == 303
    assert stale.get(MAKE).status_code == 303


def test_its_owner_sees_what_it_is(
    owner: Client, clock: FixedClock, browser: Browser, user: MadeUser, core: Core
) -> None:
    synced, lonely = Authenticator(aaguid=ICLOUD), Authenticator(flags=LONELY)
    enrol(owner, synced)
    enrol(owner, lonely)
    page = owner.page(MAKE)
    assert "iCloud" in page.text
    assert "синхронизируется между вашими устройствами" in page.text
    assert "только на этом устройстве" in page.text
    assert page.text.count("ещё не использовался") == 2
    use(browser(), synced)
    assert "последний вход 20 ноября 2026, 12:00" in owner.page(MAKE).text
    assert events(core, user.id).count("passkey_added") == 2
    assert clock


def test_a_name_can_be_changed(owner: Client, phone: Authenticator) -> None:
    (link,) = own(owner)
    assert owner.submit(link, link, {"name": ""}).status_code == 422
    assert owner.submit(link, link, {"name": "я" * 65}).status_code == 422
    done = owner.submit(link, link, {"name": "  Телефон\x00 <b>бабушки</b> "})
    assert done.status_code == 303
    assert "Телефон <b>бабушки</b>" in owner.page(MAKE).text
    assert phone


def test_anothers_passkey_does_not_exist(
    owner: Client, phone: Authenticator, make: Factory, sign_in: SignIn, browser: Browser
) -> None:
    (link,) = own(owner)
    stranger = sign_in(make.user(), "password")
    assert stranger.get(link).status_code == 404
    headers = SAME_ORIGIN | {"X-CSRFToken": token(stranger)}
    for url in (link, f"{link}/revoke"):
        assert stranger.post(url, data={"name": "mine"}, headers=headers).status_code == 404
    assert own(owner) == [link]
    assert use(browser(), phone).status_code == 200


def test_a_revoked_passkey_is_told_to_be_unknown(
    owner: Client, phone: Authenticator, browser: Browser, user: MadeUser, core: Core
) -> None:
    (link,) = own(owner)
    assert owner.submit(link, f"{link}/revoke", {}).location == f"{MAKE}?done=revoked"
    page = owner.page(f"{MAKE}?done=revoked")
    assert "больше не открывает" in page.text
    assert "/profile/devices" in page.links
    answer = use(browser(), phone)
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["unknown"], "so that the browser can forget it"
    assert events(core, user.id)[-1] == "passkey_removed"


def test_the_browser_is_told_which_are_accepted(owner: Client, phone: Authenticator) -> None:
    html = owner.get(MAKE).text
    assert "allAcceptedCredentialIds" in html
    assert phone.create(options(owner, MAKE))["id"] in html


def test_whoever_is_forgotten_does_not_come_in(
    phone: Authenticator, browser: Browser, core: Core, user: MadeUser, clock: FixedClock
) -> None:
    users = table_of(User)
    with core.database.work() as work:
        gone = update(users).where(users.c.id == user.id).values(deleted_at=clock.moment)
        work.execute(gone)
    assert use(browser(), phone).status_code == 400


def test_the_counter_is_kept(owner: Client, browser: Browser, core: Core) -> None:
    key = Authenticator(flags=LONELY, count=3)
    enrol(owner, key)
    use(browser(), key)
    with core.database.read() as reader:
        kept = reader.execute(select(table_of(Passkey).c.sign_count)).scalar_one()
    assert kept == key.count == 4


def test_nobody_fills_the_table_of_challenges(client: Client) -> None:
    answers = [send(client, f"{LOGIN}/options", {}).status_code for _ in range(305)]
    assert answers[:300] == [200] * 300
    assert answers[300:] == [429] * 5


def test_nobody_needs_a_hundred_passkeys(owner: Client) -> None:
    for _ in range(20):
        enrol(owner, Authenticator())
    assert send(owner, f"{MAKE}/options", {}).status_code == 429


@pytest.mark.parametrize("url", [LOGIN, f"{LOGIN}/options"])
def test_another_site_asks_for_nothing(client: Client, url: str) -> None:
    mark = {"X-CSRFToken": token(client)}
    assert (
        client.post(url, json={}, headers=mark | {"Sec-Fetch-Site": "cross-site"}).status_code
        == 403
    )
    assert client.post(url, json={}, headers=SAME_ORIGIN).status_code == 400


@pytest.mark.parametrize("host", ["a..b", "[::1]", "127.0.0.1:8000"])
def test_a_strange_host_breaks_nothing(client: Client, host: str) -> None:
    mark = token(client)
    headers = SAME_ORIGIN | {"X-CSRFToken": mark, "Host": host}
    assert client.post(f"{LOGIN}/options", json={}, headers=headers).status_code < 500


class TestTheAddress:
    @pytest.fixture
    def overrides(self) -> dict[str, str]:
        return {"public_address": "https://кабинет.пример.рф"}

    def test_a_passkey_is_for_the_public_address(self, owner: Client, browser: Browser) -> None:
        host = "xn--80acijd2bdt.xn--e1afmkfd.xn--p1ai"
        asked = options(owner, MAKE)
        assert asked["rp"]["id"] == "кабинет.пример.рф".encode("idna").decode()
        key = Authenticator(rp_id=asked["rp"]["id"], origin=f"https://{asked['rp']['id']}")
        enrol(owner, key)
        assert use(browser(), key).status_code == 200
        here = Authenticator()
        assert hand(owner, MAKE, here.create(options(owner, MAKE))).status_code == 400
        assert host


def test_after_a_password_a_passkey_is_offered_once(
    user: MadeUser, sign_in: SignIn, browser: Browser, phone: Authenticator, make: Factory
) -> None:
    other = make.user()
    make.account(other)
    client = sign_in(other, "password")
    assert "Вход без пароля" in client.page("/").text
    client.submit("/", f"{MAKE}/later", {})
    assert "Вход без пароля" not in client.page("/").text
    assert "Вход без пароля" not in sign_in(user, "password").page("/").text, "there is one"
    enrolled = browser()
    use(enrolled, phone)
    assert "Вход без пароля" not in enrolled.page("/").text
