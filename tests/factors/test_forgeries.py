"""Whatever is wrong with an answer, it opens nothing; the same answer unchanged does."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA384

from tests.factors.authenticator import (
    AT,
    BE,
    BS,
    SYNCED,
    UP,
    UV,
    Authenticator,
    Credential,
    raw,
    text,
)
from tests.factors.steps import (
    CONFIRM,
    LOGIN,
    MAKE,
    enrol,
    events,
    hand,
    is_in,
    options,
    token,
    use,
)
from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.factories import Factory, MadeUser

Forgery = Callable[["Scene"], Credential]


@dataclass
class Scene:
    """A forger with what was asked of the browser, and everything that may help."""

    phone: Authenticator
    asked: dict[str, Any]
    client: Client
    owner: Client
    elsewhere: Client
    #: Another user's passkey.
    other: Authenticator
    clock: FixedClock

    def get(self, **changes: Any) -> Credential:  # noqa: ANN401 - of the authenticator
        return self.phone.get(self.asked, **changes)


def changed(credential: Credential, **changes: str) -> Credential:
    """After the signature."""
    return credential | {"response": credential["response"] | changes}


def without(credential: Credential, name: str) -> Credential:
    response = {key: value for key, value in credential["response"].items() if key != name}
    return credential | {"response": response}


def tried_before(scene: Scene) -> Credential:
    credential = scene.get()
    assert hand(scene.client, LOGIN, changed(credential, signature="AA")).status_code == 400
    return credential


def expired(scene: Scene) -> Credential:
    scene.clock.moment += timedelta(minutes=10, seconds=1)
    return scene.get()


def revoked(scene: Scene) -> Credential:
    (link,) = [link for link in scene.owner.page(MAKE).links if link.startswith(f"{MAKE}/")]
    scene.owner.submit(link, f"{link}/revoke", {})
    return scene.get()


def flipped(scene: Scene) -> Credential:
    credential = scene.get()
    signature = bytearray(raw(credential["response"]["signature"]))
    signature[-1] ^= 1
    return changed(credential, signature=text(bytes(signature)))


def another_id(scene: Scene) -> Credential:
    name = text(scene.other.credential_id)
    return scene.get() | {"id": name, "rawId": name}


FORGERIES: dict[str, Forgery] = {
    "another site": lambda s: s.get(client={"origin": "https://evil.example"}),
    "the site in clear": lambda s: s.get(client={"origin": "http://localhost"}),
    "another port": lambda s: s.get(client={"origin": "https://localhost:8443"}),
    "a site below": lambda s: s.get(client={"origin": "https://a.localhost"}),
    "another relying party": lambda s: s.get(rp_id="evil.example"),
    "the type of a registration": lambda s: s.get(kind="webauthn.create"),
    "no type": lambda s: s.get(client={"type": None}),
    "nobody verified": lambda s: s.get(flags=SYNCED & ~UV),
    "nobody present": lambda s: s.get(flags=SYNCED & ~UP),
    "another's handle": lambda s: s.get(handle=s.other.handle),
    "no handle": lambda s: s.get(handle=None),
    "from inside another page": lambda s: s.get(client={"crossOrigin": True}),
    "from a page of": lambda s: s.get(client={"topOrigin": "https://evil.example"}),
    "a strange frame": lambda s: s.get(client={"crossOrigin": "false"}),
    "one device instead of several": lambda s: s.get(flags=SYNCED & ~BE & ~BS),
    "a copy of what cannot be copied": lambda s: s.get(flags=SYNCED & ~BE),
    "another's key": lambda s: s.get(key=s.other.key),
    "a key of nobody": lambda s: s.get(key=ec.generate_private_key(ec.SECP256R1())),
    "another algorithm": lambda s: s.get(algorithm=SHA384()),
    "a key of another curve": lambda s: s.get(key=ec.generate_private_key(ec.SECP384R1())),
    "a flipped bit": flipped,
    "another's passkey named": another_id,
    "another's passkey used": lambda s: s.other.get(s.asked, handle=s.phone.handle),
    "data cut": lambda s: s.get(cut=36),
    "data longer": lambda s: s.get(extra=b"\x00"),
    "a passkey inside, malformed": lambda s: s.get(flags=SYNCED | AT, extra=b"\xff" * 40),
    "extensions, malformed": lambda s: s.get(flags=SYNCED | 128, extra=b"\x9f" * 3000),
    "another challenge": lambda s: s.get(challenge=text(b"x" * 64)),
    "no challenge": lambda s: s.get(client={"challenge": None}),
    "an old challenge": expired,
    "a challenge of another browser": lambda s: s.get(
        challenge=options(s.elsewhere, LOGIN)["challenge"]
    ),
    "a challenge for making one": lambda s: s.get(challenge=options(s.owner, MAKE)["challenge"]),
    "a challenge for confirming": lambda s: s.get(challenge=options(s.owner, CONFIRM)["challenge"]),
    "a challenge that a failed try has spent": tried_before,
    "a revoked passkey": revoked,
    "two names": lambda s: s.get() | {"rawId": text(b"another")},
    "another kind": lambda s: s.get() | {"type": "password"},
    "no base64": lambda s: changed(s.get(), clientDataJSON="%%%"),
    "a signature that is no base64": lambda s: changed(s.get(), signature="?"),
    "an empty signature": lambda s: changed(s.get(), signature=""),
    "client data that is no JSON": lambda s: s.get(client_bytes=b"{"),
    "client data that is a list": lambda s: s.get(client_bytes=b"[]"),
    "client data in no encoding": lambda s: s.get(client_bytes=b"\xff\xfe\xfd"),
    "client data changed afterwards": lambda s: changed(
        s.get(), clientDataJSON=text(raw(s.get()["response"]["clientDataJSON"]) + b" ")
    ),
    "no signature": lambda s: without(s.get(), "signature"),
    "no data": lambda s: without(s.get(), "authenticatorData"),
    "no client data": lambda s: without(s.get(), "clientDataJSON"),
    "no id": lambda s: {key: value for key, value in s.get().items() if key != "id"},
    "no response": lambda s: s.get() | {"response": None},
}


@pytest.fixture
def other(make: Factory, sign_in: Callable[..., Client]) -> Authenticator:
    made = Authenticator()
    enrol(sign_in(make.user(), "password"), made)
    return made


@pytest.fixture
def scene(
    owner: Client,
    phone: Authenticator,
    other: Authenticator,
    browser: Callable[[], Client],
    clock: FixedClock,
) -> Scene:
    client = browser()
    assert use(browser(), phone).status_code == 200, "unchanged it does not pass"
    return Scene(phone, options(client, LOGIN), client, owner, browser(), other, clock)


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_answer_opens_nothing(scene: Scene, name: str) -> None:
    answer = hand(scene.client, LOGIN, FORGERIES[name](scene))
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["message"]
    assert not is_in(scene.client)


def test_there_are_enough_of_them() -> None:
    assert len(FORGERIES) >= 25


def test_the_same_answer_twice_opens_once(
    phone: Authenticator, browser: Callable[[], Client], user: MadeUser
) -> None:
    client, thief = browser(), browser()
    credential = phone.get(options(client, LOGIN))
    thief.set_cookie(*stolen(client), secure=True)
    assert hand(client, LOGIN, credential).status_code == 200
    assert hand(thief, LOGIN, credential).status_code == 400
    assert not is_in(thief)
    assert user.id


def stolen(client: Client) -> tuple[str, str]:
    cookie = client.get_cookie("__Host-sid")
    assert cookie is not None
    return "__Host-sid", cookie.value


@pytest.mark.parametrize("count", [7, 6, 0])
def test_a_counter_that_does_not_grow_is_refused_and_told(
    owner: Client, browser: Callable[[], Client], user: MadeUser, core: Core, count: int
) -> None:
    key = Authenticator(flags=UP | UV, count=6)
    enrol(owner, key)
    assert use(browser(), key).status_code == 200
    client = browser()
    answer = hand(client, LOGIN, key.get(options(client, LOGIN), count=count))
    assert answer.status_code == 400
    assert "скопирован" in (answer.json or {})["message"]
    assert not is_in(client)
    assert events(core, user.id)[-1] == "passkey_copied"
    assert use(browser(), key).status_code == 200, "the owner's own still counts on"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"credential": 1}',
        b'{"credential": {}}',
        b"\xff\xfe",
        b'{"credential": ' + b"[" * 30_000,
        b'{"credential": {"response": {"clientDataJSON": "' + b"A" * 70_000 + b'"}}}',
    ],
)
def test_what_is_no_answer_at_all_is_refused(client: Client, body: bytes) -> None:
    headers = SAME_ORIGIN | {"X-CSRFToken": token(client)}
    assert client.post(LOGIN, data=body, headers=headers).status_code == 400


NEW_FORGERIES: dict[str, dict[str, Any]] = {
    "another site": {"client": {"origin": "https://evil.example"}},
    "another relying party": {"rp_id": "evil.example"},
    "the type of a sign-in": {"client": {"type": "webauthn.get"}},
    "another challenge": {"client": {"challenge": text(b"y" * 64)}},
    "nobody verified": {"flags": SYNCED & ~UV},
    "nobody present": {"flags": SYNCED & ~UP},
    "from inside another page": {"client": {"crossOrigin": True}},
    "a copy of what cannot be copied": {"flags": SYNCED & ~BE},
    "an algorithm nobody asked for": {"cose": {3: -65535}},
    "a key that is no CBOR": {"key_bytes": b"\xff\xff"},
}


@pytest.mark.parametrize("name", NEW_FORGERIES)
def test_a_forged_new_passkey_is_not_kept(owner: Client, name: str) -> None:
    enrol(owner, Authenticator())
    before = owner.page(MAKE).links
    forged = Authenticator().create(options(owner, MAKE), **NEW_FORGERIES[name])
    assert hand(owner, MAKE, forged).status_code == 400
    assert owner.page(MAKE).links == before


def test_a_key_that_is_no_point_of_the_curve_opens_nothing(
    owner: Client, browser: Callable[[], Client]
) -> None:
    forger = Authenticator()
    hand(owner, MAKE, forger.create(options(owner, MAKE), cose={-2: b"\x01" * 32}))
    assert use(browser(), forger).status_code == 400


def test_a_passkey_is_nobody_elses_too(
    phone: Authenticator, make: Factory, sign_in: Callable[..., Client]
) -> None:
    thief = sign_in(make.user(), "password")
    copy = Authenticator(credential_id=phone.credential_id)
    assert hand(thief, MAKE, copy.create(options(thief, MAKE))).status_code == 400
    assert not [link for link in thief.page(MAKE).links if link.startswith(f"{MAKE}/")]


def test_a_challenge_for_signing_in_makes_no_passkey(
    owner: Client, browser: Callable[[], Client]
) -> None:
    asked = options(owner, MAKE)
    asked["challenge"] = options(owner, CONFIRM)["challenge"]
    assert hand(owner, MAKE, Authenticator().create(asked)).status_code == 400
    asked["challenge"] = options(browser(), LOGIN)["challenge"]
    assert hand(owner, MAKE, Authenticator().create(asked)).status_code == 400
