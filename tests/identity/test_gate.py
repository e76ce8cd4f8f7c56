"""Attempts are counted before they are made, wherever they are counted, or not made at all."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from tesweb.app import create_app
from tesweb.clock import FixedClock
from tesweb.config import Settings
from tesweb.current import Core
from tesweb.identity.limits import LoginLimit, storage_of
from tesweb.testing.client import SAME_ORIGIN, Client
from tesweb.testing.databases import free_port
from tesweb.testing.factories import Factory
from tesweb.testing.missing import Missing, skip
from tesweb.testing.pages import Page
from tesweb.testing.redises import redis_server


@pytest.fixture(scope="session")
def redis_address() -> Iterator[str]:
    try:
        running = redis_server()
        with running as address:
            yield address
    except Missing as missing:
        skip(missing)


@pytest.fixture
def with_redis(settings: Settings, clock: FixedClock) -> Iterator[Callable[[str], Client]]:
    """Makes an application that counts in the Redis of this address, and a browser for it."""
    made: list[Flask] = []

    def build(address: str) -> Client:
        app = create_app(settings.model_copy(update={"limits_storage": address}), clock=clock)
        app.test_client_class = Client
        made.append(app)
        client = app.test_client()
        assert isinstance(client, Client)
        return client

    yield build
    for app in made:
        app.extensions["tesweb"].database.close()


def attempt(client: Client, login: str) -> int:
    values = {"login": login, "password": "wrong"}
    return client.submit("/login", "/login", values).status_code


def test_two_processes_count_together_in_redis(
    core: Core, clock: FixedClock, redis_address: str
) -> None:
    first, second = (
        LoginLimit(storage_of(redis_address, core.database, clock), attempts=2) for _ in range(2)
    )
    login = f"login {core.settings.database}"
    tries = [limit.allows(login, "203.0.113.7") for limit in (first, second, first)]
    assert tries == [True, True, False]
    second.forgive(login, "203.0.113.7")
    assert first.allows(login, "203.0.113.7")


def test_neighbours_with_right_passwords_lock_nobody_out_in_redis(
    core: Core, clock: FixedClock, redis_address: str
) -> None:
    limit = LoginLimit(storage_of(redis_address, core.database, clock), attempts=2)
    address = f"198.51.{len(core.settings.database) % 250}.7"
    for n in range(30):
        assert limit.allows(f"neighbour{n} {address}", address)
        limit.forgive(f"neighbour{n} {address}", address)


def test_the_form_is_limited_by_redis(
    with_redis: Callable[[str], Client], redis_address: str, settings: Settings, core: Core
) -> None:
    client, login = with_redis(redis_address), f"somebody-{abs(hash(settings.database))}"
    tried = [attempt(client, login) for _ in range(11)]
    assert tried == [422] * 10 + [429]
    with core.database.read() as reader:
        kept = reader.execute(text("SELECT key FROM rate_counts WHERE key LIKE 'LIMITS%'")).all()
    assert kept == []


def test_nobody_gets_in_uncounted(with_redis: Callable[[str], Client], make: Factory) -> None:
    user = make.user()
    client = with_redis(f"redis://:the-redis-secret@127.0.0.1:{free_port()}/0")
    values = {"login": user.login, "password": user.password}
    answer = client.submit("/login", "/login", values)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert client.get("/").status_code == 303


def test_all_the_world_together_is_a_crowd(core: Core, clock: FixedClock) -> None:
    limit = LoginLimit(storage_of("", core.database, clock), attempts=1)
    tries = [limit.allows(f"user{n}", f"10.0.{n}.1") for n in range(101)]
    assert tries == [True] * 101  # the owner may be the next one: test_crowd
    assert limit.is_crowded()
    clock.moment += timedelta(minutes=5)
    assert not limit.is_crowded()


@contextmanager
def _peak() -> Iterator[Callable[[], int]]:
    """The most memory this process had since now, in kilobytes."""
    Path("/proc/self/clear_refs").write_text("5", "ascii")

    def most() -> int:
        status = Path("/proc/self/status").read_text("ascii")
        return int(status.partition("VmHWM:")[2].split()[0])

    yield most


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux tells")
def test_a_flood_of_logins_takes_no_more_memory_than_a_few(app: Flask, client: Client) -> None:
    token = Page(client.get("/login").text).form("/login").fields["csrf_token"]
    jar: Any = client._cookies  # threads share the stranger's session
    answers: list[int] = []

    def guess(number: int) -> None:
        own = app.test_client()
        own._cookies = jar
        sent = {"csrf_token": token, "login": f"user{number}", "password": "wrong"}
        answers.append(
            own.post(
                "/login",
                data=sent,
                headers=SAME_ORIGIN,
                environ_base={"REMOTE_ADDR": f"10.0.{number}.1"},
            ).status_code
        )

    with _peak() as most:
        before = most()
        threads = [threading.Thread(target=guess, args=(number,)) for number in range(80)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        grown = most() - before
    assert set(answers) <= {422, 503}
    assert 422 in answers
    # 80 hashes at once would take 1.5 GB; two for each core may, and the threads themselves, each
    # with connections of its own.
    assert grown < (2 * (os.cpu_count() or 1) * 19 + 400) * 1024
