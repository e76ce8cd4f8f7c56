"""Sessions in the database."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.identity.models import Session
from tesweb.identity.session import COOKIE
from tesweb.testing.client import Client
from tesweb.testing.factories import Factory, MadeUser

SignIn = Callable[[MadeUser], Client]


def stored(core: Core) -> int:
    with core.database.read() as reader:
        return int(reader.execute(select(func.count()).select_from(table_of(Session))).scalar_one())


def test_a_stranger_leaves_no_row(client: Client, core: Core) -> None:
    client.get("/login")
    assert client.get_cookie(COOKIE) is not None
    assert stored(core) == 0


def test_the_database_never_holds_the_cookie(sign_in: SignIn, make: Factory, core: Core) -> None:
    client = sign_in(make.user())
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    with core.database.read() as reader:
        (kept,) = reader.execute(select(table_of(Session).c.id_hash)).scalars()
    assert cookie.value.encode() not in bytes(kept)
    assert len(kept) == 32


def test_an_idle_session_ends(
    sign_in: SignIn, make: Factory, clock: FixedClock, core: Core
) -> None:
    client = sign_in(make.user())
    idle = timedelta(minutes=core.settings.session_idle_minutes)
    clock.moment += idle - timedelta(seconds=1)
    assert client.get("/").status_code == 200
    clock.moment += idle - timedelta(seconds=1)
    assert client.get("/").status_code == 200
    clock.moment += idle
    assert client.get("/").status_code == 303


@pytest.mark.parametrize("overrides", [{"session_idle_minutes": 30}])
def test_a_short_patience_does_not_end_a_session_in_use(
    sign_in: SignIn, make: Factory, clock: FixedClock
) -> None:
    client = sign_in(make.user())
    for _ in range(5):
        clock.moment += timedelta(minutes=10)
        assert client.get("/").status_code == 200
    clock.moment += timedelta(minutes=30)
    assert client.get("/").status_code == 303


def test_every_session_ends_one_day(
    sign_in: SignIn, make: Factory, clock: FixedClock, core: Core
) -> None:
    client = sign_in(make.user())
    for _ in range(core.settings.session_days):
        assert client.get("/").status_code == 200
        clock.moment += timedelta(days=1)
    assert client.get("/").status_code == 303


def test_ended_sessions_are_swept_out(
    sign_in: SignIn, make: Factory, clock: FixedClock, core: Core
) -> None:
    user = make.user()
    sign_in(user)
    clock.moment += timedelta(days=core.settings.session_days + 1)
    sign_in(user)
    assert stored(core) == 1


def test_a_made_up_cookie_is_nobody(client: Client) -> None:
    for value in ("x", "A" * 43, "../../etc/passwd", "A" * 3000):
        client.set_cookie(COOKIE, value, secure=True)
        assert client.get("/").status_code == 303
