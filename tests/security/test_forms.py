"""Every form of every room: where it came from, what it may hold, and where it may lead."""

import logging
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import text

from tests.security.conftest import House, address_of, got, routes
from tests.security.test_leaks import token_of
from tesweb.current import Core
from tesweb.identity.session import COOKIE
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.factories import Factory
from tesweb.testing.pages import Form

Visit = Callable[[str], Client]
#: A browser's report of a broken policy needs no form, changes nothing and is only logged; a bank's
#: notification is believed by its gateway or not at all.
OPEN = {"layout.report", "payments.notify"}
FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "same-origin, cross-site"},
    {"Sec-Fetch-Site": ""},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "https://localhost.evil.example"},
    {"Origin": "http://localhost"},
    {"Origin": "https://localhost:8443"},
]


def rows(core: Core) -> dict[str, int]:
    """How many rows each table has, sessions' times aside."""
    with core.database.read() as reader:
        tables = (
            "users",
            "memberships",
            "readings",
            "receipts",
            "challenges",
            "outbox",
            "sessions",
        )
        count = "SELECT count(*) FROM {}"
        return {name: reader.execute(text(count.format(name))).scalar_one() for name in tables}


def unsafe(app: Flask, house: House) -> Iterator[str]:
    for rule in routes(app, "POST"):
        if rule.endpoint not in OPEN:
            yield address_of(rule, house.numbers)


@pytest.mark.parametrize("who", ["owner", "anonymous"])
def test_a_form_of_another_site_does_nothing(
    app: Flask, house: House, visit: Visit, core: Core, who: str
) -> None:
    client = visit(who)
    token = token_of(client)
    before = rows(core)
    for url in unsafe(app, house):
        for headers in FOREIGN:
            answer = client.post(url, data={"csrf_token": token}, headers=headers)
            assert answer.status_code == 403, (url, headers)
        plain = client.post(
            url, data="{}", headers={"Sec-Fetch-Site": "cross-site", "Content-Type": "text/plain"}
        )
        assert plain.status_code == 403, url
    assert rows(core) == before


@pytest.mark.parametrize("who", ["owner", "anonymous"])
def test_a_form_without_our_token_does_nothing(
    app: Flask, house: House, visit: Visit, core: Core, who: str
) -> None:
    client = visit(who)
    token_of(client)
    before = rows(core)
    for url in unsafe(app, house):
        for sent in ({}, {"csrf_token": "x"}, {"csrf_token": ""}):
            answer = client.post(url, data=sent, headers=SAME_ORIGIN)
            refused = answer.status_code == 400 or (
                who == "anonymous" and answer.headers.get("Location", "").startswith("/login")
            )
            assert refused, (url, answer.status)
    assert rows(core) == before


def test_another_s_token_is_worthless(app: Flask, house: House, visit: Visit) -> None:
    stolen, client = token_of(visit("other")), visit("owner")
    token_of(client)
    for url in unsafe(app, house):
        answer = client.post(url, data={"csrf_token": stolen}, headers=SAME_ORIGIN)
        assert answer.status_code == 400, url


def test_a_route_answers_only_to_what_it_declares(app: Flask, house: House, visit: Visit) -> None:
    client = visit("owner")
    methods = ("GET", "POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "FOO")
    for rule in app.url_map.iter_rules():
        url = address_of(rule, house.numbers)
        known = set().union(
            *(
                other.methods or set()
                for other in app.url_map.iter_rules()
                if other.rule == rule.rule
            )
        )
        for method in methods:
            if method in known:
                continue
            answer = client.open(url, method=method, headers=SAME_ORIGIN)
            assert answer.status_code == 405, (method, url)
            assert method not in answer.headers["Allow"], (method, url)
        hidden = {"X-HTTP-Method-Override": "DELETE", "X-Method-Override": "POST"}
        if "POST" not in known:
            answer = got(client, url, headers=hidden)
            assert answer.status_code != 405, url


JUNK = [
    b"login=%ff%fe&password=%c0%ae",
    b"login=a%00b&password=%00",
    b"\xff\xfe\x00\x00",
    b"login=" + b"x" * 300_000,
    b"&".join(b"f%d=1" % n for n in range(5_000)),
    b"csrf_token=%f0%9f%92%a9&number=%EF%BC%91&code=%D9%A1",
]
MULTIPART = "multipart/form-data; boundary=x"
PARTS = b'--x\r\nContent-Disposition: form-data; name="login"\r\n\r\n\xff\r\n' * 300 + b"--x--\r\n"


@pytest.mark.parametrize("who", ["owner", "anonymous"])
def test_junk_is_refused_and_breaks_nothing(
    app: Flask, house: House, visit: Visit, who: str
) -> None:
    app.testing = False
    client = visit(who)
    token = token_of(client).encode("ascii")
    form = "application/x-www-form-urlencoded"
    for url in unsafe(app, house):
        for junk in JUNK:
            sent = junk + b"&csrf_token=" + token
            answer = client.post(url, data=sent, headers=SAME_ORIGIN, content_type=form)
            assert answer.status_code < 500, (url, junk[:40])
        for kind, body in ((MULTIPART, PARTS), (MULTIPART, b"--x"), ("application/json", b"{\xff")):
            answer = client.post(url, data=body, headers=SAME_ORIGIN, content_type=kind)
            assert answer.status_code < 500, (url, kind)


QUERIES = [
    "%ff",
    "%00",
    "next=%00",
    "a=" + "9" * 4000,
    "key=%ff%00",
    "after=%ff",
    "page=-1",
    "month=x",
]


@pytest.mark.parametrize("who", ["owner", "anonymous"])
def test_junk_in_an_address_breaks_nothing(
    app: Flask, house: House, visit: Visit, who: str
) -> None:
    app.testing = False
    client = visit(who)
    for rule in routes(app, "GET"):
        url = address_of(rule, house.numbers)
        for query in QUERIES:
            answer = got(client, f"{url}?{query}")
            assert answer.status_code < 500, (url, query)
        if rule.arguments:
            huge = address_of(rule, dict.fromkeys(house.numbers, 10**30))
            assert got(client, huge).status_code < 500, huge
    for path in (
        "/%ff",
        "/%00",
        "/a%0d%0aSet-Cookie:%20a=b",
        "/" + "x" * 9000,
        "/..%2f..%2fetc/passwd",
    ):
        answer = client.get(path)
        assert answer.status_code in {400, 404}, path
        assert "a=b" not in str(answer.headers)


EXTRA = {
    "user_id": "1",
    "id": "1",
    "role": "owner",
    "account_id": "1",
    "is_operator": "1",
    "balance": "-1000000",
    "state": "accepted",
    "source": "supplier",
    "frozen_at": "",
    "password_hash": "x",
    "factors": "passkey",
    "proved_at": "2030-01-01",
}


def test_fields_that_no_form_has_change_nothing(
    house: House, visit: Visit, core: Core, app: Flask
) -> None:
    client = visit("other")
    mine = house.people["other"].id

    def rights() -> list[object]:
        with core.database.read() as reader:
            asked = "SELECT id, is_operator, password_hash, frozen_at FROM users ORDER BY id"
            found = [tuple(row) for row in reader.execute(text(asked))]
            asked = "SELECT user_id, account_id, role FROM memberships ORDER BY 1, 2"
            found += [tuple(row) for row in reader.execute(text(asked))]
            asked = "SELECT id, balance FROM accounts ORDER BY id"
            return [*found, *(tuple(row) for row in reader.execute(text(asked)))]

    before = rights()
    for url, form in forms(app, client, house):
        if ends_the_visit(form.action or url):
            continue
        extra = {name: value for name, value in EXTRA.items() if name not in form.names}
        client.post(form.action or url, data=form.fields | extra, headers=SAME_ORIGIN)
    assert rights() == before
    assert client.get("/profile").status_code == 200
    assert mine


def ends_the_visit(action: str) -> bool:
    """Whether the form does, as it says on its button, what ends this visit or the cabinet."""
    return any(word in action for word in ("logout", "freeze", "delete", "devices", "language"))


def forms(app: Flask, client: Client, house: House) -> list[tuple[str, Form]]:
    """Every form that the visitor can reach by an address."""
    found = []
    for rule in routes(app, "GET"):
        url = address_of(rule, house.numbers)
        answer = got(client, url)
        if answer.status_code != 200 or "html" not in (answer.content_type or ""):
            continue
        page = client.page(url)
        found += [(url, form) for form in page.forms if form.method == "post"]
    return found


SECRETS = {
    "password": "canary-Пароль-73519",
    "email": "canary-mail-73519@example.ru",
    "phone": "+7 999 735-19-73",
    "code": "735197",
    "number": "735197351973",
    "account_number": "735197351973",
    "login": "canary-login-73519",
    "name": "Канарейка73519",
    "key": "canary-key-73519",
}
_TRACES = ("73519", "735-19", "735197")


@pytest.mark.parametrize("who", ["owner", "anonymous"])
def test_nothing_that_is_typed_stands_in_any_log_line(  # noqa: PLR0913, PLR0917 - fixtures
    app: Flask,
    house: House,
    visit: Visit,
    who: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    for quiet in ("sqlalchemy", "PIL", "faker"):
        logging.getLogger(quiet).setLevel(logging.WARNING)
    client, typed = visit(who), 0
    for url, form in forms(app, client, house):
        if ends_the_visit(form.action or url):
            continue
        filled = dict(form.fields)
        for name in form.names - {"csrf_token"}:
            kind = next((kind for kind in SECRETS if kind in name), "name")
            filled[name] = SECRETS[kind]
            typed += 1
        client.post(form.action or url, data=filled, headers=SAME_ORIGIN)
    for rule in routes(app, "GET"):
        url = address_of(rule, house.numbers)
        got(client, f"{url}?key=canary-key-73519&next=canary-73519")
    assert typed > 3
    written = "".join(f"{r.getMessage()} {r.exc_text or ''}\n" for r in caplog.records)
    told = capfd.readouterr()
    for trace in _TRACES:
        assert trace not in written
        assert trace not in told.out + told.err


def test_a_planted_session_is_never_signed_in(client: Client, make: Factory) -> None:
    user, planted = make.user(), "A" * 43
    client.set_cookie(COOKIE, planted, secure=True)
    values = {"login": user.login, "password": user.password}
    assert client.submit("/login", "/login", values).status_code == 303
    now = client.get_cookie(COOKIE)
    assert now is not None
    assert now.value != planted
    client.set_cookie(COOKIE, planted, secure=True)
    assert client.get("/profile").status_code == 303


def test_a_session_in_the_address_is_nobody_s(
    client: Client, make: Factory, sign_in: Visit
) -> None:
    own = sign_in(make.user())  # type: ignore[arg-type]  # the fixture takes a user
    cookie = own.get_cookie(COOKIE)
    assert cookie is not None
    answer = client.get("/profile", query_string={COOKIE: cookie.value, "sid": cookie.value})
    assert answer.status_code == 303
