"""Counting attempts across processes."""

from datetime import timedelta

import pytest

from tesweb.clock import FixedClock
from tesweb.current import Core
from tesweb.identity.limits import DatabaseStorage, LoginLimit, network_of


def test_two_processes_count_together(core: Core, clock: FixedClock) -> None:
    first, second = (DatabaseStorage(core.database, clock) for _ in range(2))
    assert [storage.incr("key", 60) for storage in (first, second, first)] == [1, 2, 3]
    assert second.get("key") == 3
    assert second.get_expiry("key") == (clock.now() + timedelta(seconds=60)).timestamp()
    clock.moment += timedelta(seconds=60)
    assert first.get("key") == 0
    assert first.incr("key", 60) == 1


def test_clearing_one_and_all(core: Core, clock: FixedClock) -> None:
    storage = DatabaseStorage(core.database, clock)
    storage.incr("a", 60)
    storage.incr("b", 60, amount=5)
    storage.clear("a")
    assert (storage.get("a"), storage.get("b")) == (0, 5)
    storage.reset()
    assert storage.get("b") == 0
    assert storage.check()


def test_a_network_is_limited_beyond_one_login(core: Core, clock: FixedClock) -> None:
    limit = LoginLimit(DatabaseStorage(core.database, clock), attempts=2)
    tries = [limit.allows(f"user{n}", "203.0.113.7") for n in range(21)]
    assert tries == [True] * 20 + [False]
    assert limit.allows("user", "198.51.100.7")
    clock.moment += timedelta(minutes=5)
    assert limit.allows("user", "203.0.113.7")


def test_neighbours_with_right_passwords_lock_nobody_out(core: Core, clock: FixedClock) -> None:
    storage = DatabaseStorage(core.database, clock)
    limit = LoginLimit(storage, attempts=2)
    for n in range(50):
        assert limit.allows(f"user{n}", "203.0.113.7")
        limit.forgive(f"user{n}", "203.0.113.7")
    tries = [limit.allows(f"guess{n}", "203.0.113.7") for n in range(21)]
    assert tries == [True] * 20 + [False]


def test_what_was_never_counted_is_not_given_back(core: Core, clock: FixedClock) -> None:
    storage = DatabaseStorage(core.database, clock)
    storage.give_back("key")
    assert storage.get("key") == 0
    storage.incr("key", 60)
    storage.give_back("key")
    storage.give_back("key")
    assert storage.incr("key", 60) == 1


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.0/24"),
        ("2001:db8::1", "2001:db8::/64"),
        ("", "unknown"),
        ("x", "unknown"),
    ],
)
def test_networks(address: str, network: str) -> None:
    assert network_of(address) == network
