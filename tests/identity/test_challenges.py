"""A secret works once, for one purpose, in one browser, until its hour."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select

from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.identity import challenges
from tesweb.identity.challenges import Exhausted, Expired, Purpose, Spent, Unknown
from tesweb.identity.models import Challenge
from tesweb.identity.session import COOKIE, new_sid
from tesweb.testing.client import ORIGIN
from tesweb.testing.factories import Factory

MINUTE = timedelta(minutes=1)


@pytest.fixture
def browser(app: Flask) -> Callable[[], "Request"]:
    return lambda: Request(app)


class Request:
    """A browser that keeps its cookie; `with browser.asks():` is one request of it."""

    def __init__(self, app: Flask) -> None:
        self._app, self._sid = app, new_sid()

    @contextmanager
    def asks(self) -> Iterator[None]:
        headers = {"Cookie": f"{COOKIE}={self._sid}"}
        with self._app.test_request_context(base_url=ORIGIN, headers=headers):
            yield


def give(core: Core, browser: Request, secret: str, *, bound: bool = True) -> None:
    with browser.asks(), core.database.work() as work:
        challenges.issue(
            work, Purpose.RECOVERY, secret, lifetime=10 * MINUTE, bound=bound, payload={"a": "я"}
        )


def use(core: Core, browser: Request, secret: str, purpose: Purpose = Purpose.RECOVERY) -> object:
    with browser.asks(), core.database.work() as work:
        found = challenges.by_secret(work, purpose, secret)
        challenges.spend(work, found)
        return found.payload


def guess(core: Core, browser: Request, typed: str) -> bool:
    with browser.asks(), core.database.work() as work:
        return challenges.try_code(work, Purpose.RECOVERY, typed) is not None


def test_it_opens_once(core: Core, browser: Callable[[], Request]) -> None:
    mine = browser()
    give(core, mine, "secret")
    assert use(core, mine, "secret") == {"a": "я"}
    with pytest.raises(Spent):
        use(core, mine, "secret")


def test_it_opens_nothing_else(core: Core, browser: Callable[[], Request]) -> None:
    mine = browser()
    give(core, mine, "secret")
    with pytest.raises(Unknown):
        use(core, mine, "secret", Purpose.EMAIL_CHANGE)
    with pytest.raises(Unknown):
        use(core, mine, "secret ")


def test_another_browser_cannot_use_what_is_bound(
    core: Core, browser: Callable[[], Request]
) -> None:
    mine, theirs = browser(), browser()
    give(core, mine, "bound")
    give(core, mine, "free", bound=False)
    with pytest.raises(Unknown):
        use(core, theirs, "bound")
    with pytest.raises(Unknown):
        guess(core, theirs, "bound")
    assert use(core, theirs, "free") == {"a": "я"}


def test_its_hour_ends(core: Core, browser: Callable[[], Request], clock: FixedClock) -> None:
    mine = browser()
    give(core, mine, "first")
    clock.moment += 10 * MINUTE - timedelta(seconds=1)
    assert use(core, mine, "first") == {"a": "я"}
    give(core, mine, "second")
    clock.moment += 10 * MINUTE
    with pytest.raises(Expired):
        use(core, mine, "second")
    with pytest.raises(Expired):
        guess(core, mine, "second")


def test_wrong_codes_are_counted_until_the_right_one_is_worthless(
    core: Core, browser: Callable[[], Request]
) -> None:
    mine = browser()
    give(core, mine, "123456")
    assert [guess(core, mine, f"00000{n}") for n in range(challenges.TRIES)] == [False] * 5
    with pytest.raises(Exhausted):
        guess(core, mine, "123456")


def test_the_last_try_may_be_the_right_one(core: Core, browser: Callable[[], Request]) -> None:
    mine = browser()
    give(core, mine, "123456")
    assert [guess(core, mine, "000000") for _ in range(challenges.TRIES - 1)] == [False] * 4
    assert guess(core, mine, "123456")


def test_a_new_code_kills_the_old_one(core: Core, browser: Callable[[], Request]) -> None:
    mine = browser()
    give(core, mine, "111111")
    give(core, mine, "222222")
    assert not guess(core, mine, "111111")
    assert guess(core, mine, "222222")


def test_two_at_once_use_it_once(core: Core, browser: Callable[[], Request]) -> None:
    mine = browser()
    give(core, mine, "123456")
    both = Barrier(2)

    def try_it(_: int) -> bool:
        both.wait()
        try:
            return guess(core, mine, "123456")
        except Spent:
            return False

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(try_it, range(2))) == [False, True]


def test_the_database_holds_no_secret(core: Core, browser: Callable[[], Request]) -> None:
    give(core, browser(), "very-secret-word")
    with core.database.read() as reader:
        (row,) = reader.execute(select(table_of(Challenge))).all()
    assert "very-secret-word" not in repr(tuple(row))


def test_codes_are_six_digits_and_tokens_256_bits() -> None:
    codes = {challenges.code() for _ in range(200)}
    assert {len(code) for code in codes} == {6}
    assert all(code.isdigit() for code in codes)
    assert len(codes) > 190
    assert len(challenges.token()) == 43


def test_a_number_never_comes_back(
    core: Core, browser: Callable[[], Request], make: Factory
) -> None:
    user = make.user()
    numbers = []
    for count in range(3):
        with browser().asks(), core.database.work() as work:
            challenges.forget(work, Purpose.RECOVERY, user.id)
            secret = str(count)
            numbers.append(
                challenges.issue(work, Purpose.RECOVERY, secret, lifetime=MINUTE, user_id=user.id)
            )
    assert len(set(numbers)) == 3  # letters are sent once for each
