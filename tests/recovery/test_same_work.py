"""Whether somebody has an address cannot be told by the work, and nothing is sent uncounted."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import argon2
import pytest
from sqlalchemy import Engine, event, text

from tests.recovery.conftest import Letters
from tesweb.current import Core
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.factories import Factory

#: What marks a step that is taken back.
_MARKS = ("SAVEPOINT", "ROLLBACK TO", "RELEASE")
Work = tuple[list[str], list[str]]


@contextmanager
def watched() -> Iterator[list[str]]:
    """The beginnings of the SQL statements of this thread, on all databases."""
    seen: list[str] = []
    mine = threading.get_ident()

    def note(*words: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own arguments
        statement = " ".join(words[2].split())
        if threading.get_ident() == mine and not statement.startswith(_MARKS):
            seen.append(statement[:60])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture
def work_of(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, dict[str, str]], Work]:
    """What a form costs: hashes and statements."""
    hashes: list[str] = []
    for name in ("hash", "verify"):
        real = getattr(argon2.PasswordHasher, name)

        def counted(self: object, *given: Any, _real: Any = real, _name: str = name) -> Any:  # noqa: ANN401 - the library's
            hashes.append(_name)
            return _real(self, *given)

        monkeypatch.setattr(argon2.PasswordHasher, name, counted)

    def measured(url: str, values: dict[str, str]) -> Work:
        fields = client.page(url).form(url).fields | values
        del hashes[:]
        with watched() as statements:
            client.post(url, data=fields, headers=SAME_ORIGIN)
        return list(hashes), statements

    return measured


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize("known", ["anna", "anna@example.ru", "+79123456789"])
def test_an_unknown_contact_costs_the_same(
    work_of: Callable[[str, dict[str, str]], Work], known: str
) -> None:
    found = work_of("/recover", {"login": known})
    for unknown in ("nobody", "nobody@example.ru", "+79120000000"):
        assert work_of("/recover", {"login": unknown}) == found
    assert found[0] == []
    assert len(found[1]) > 5


@pytest.mark.usefixtures("anna")
def test_an_unknown_login_costs_one_hash_as_a_known_one(
    work_of: Callable[[str, dict[str, str]], Work],
) -> None:
    for login in ("anna", "nobody"):
        hashes, _ = work_of("/login", {"login": login, "password": "wrong wrong wrong"})
        assert hashes == ["verify"]


@pytest.mark.parametrize("url", ["/recover", "/recover/office"])
def test_where_nothing_can_be_counted_nothing_is_done(
    client: Client, make: Factory, core: Core, letters: Letters, url: str
) -> None:
    make.user("anna", email="anna@example.ru")
    values = {"login": "anna", "key": "1" * 20, "password": "мокрый чайник поёт"}
    form = client.page(url).form(url)
    fields = form.fields | {name: values[name] for name in form.names & values.keys()}
    with core.database.work() as work:
        work.execute(text("DROP TABLE rate_counts"))
    client.application.config["PROPAGATE_EXCEPTIONS"] = False
    with watched() as statements:
        answer = client.post(url, data=fields, headers=SAME_ORIGIN)
    assert answer.status_code >= 500
    assert letters() == []
    assert [found for found in statements if "outbox" in found or "challenges" in found] == []
