"""Counting attempts in the database, so that a limit holds across processes."""

import hashlib
import ipaddress
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import limits.storage
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import Connection, bindparam, delete, func, select, text, update
from werkzeug.exceptions import ServiceUnavailable

from tesweb.clock import Clock
from tesweb.database.engine import Database
from tesweb.database.naming import table_of
from tesweb.identity.models import RateCount

log = logging.getLogger(__name__)
#: How long a Redis may take to answer, in seconds.
_PATIENCE = 2
#: What a provider gives to one customer of IPv6 at most, in bits: 65,536 networks.
_CUSTOMER = 48
_A_DAY = 24 * 60 * 60

rate_counts = table_of(RateCount)
_FIND = select(rate_counts.c.count, rate_counts.c.expires_at).where(
    rate_counts.c.key == bindparam("key")
)
_PURGE = delete(rate_counts).where(rate_counts.c.expires_at <= bindparam("moment"))
# As text: SQLAlchemy words an upsert for each database apart, and importing both costs 0.1 s.
_COUNT = text(
    "INSERT INTO rate_counts (key, count, expires_at) VALUES (:key, :amount, :expires) "
    "ON CONFLICT (key) DO UPDATE SET count = rate_counts.count + excluded.count RETURNING count"
).bindparams(bindparam("expires", type_=rate_counts.c.expires_at.type))
_GIVE_BACK = (
    update(rate_counts)
    .where(rate_counts.c.key == bindparam("name"), rate_counts.c.count > 0)
    .values(count=rate_counts.c.count - 1)
)
_RESET = delete(rate_counts).where(rate_counts.c.key == bindparam("key"))


def count(work: Connection, key: str, now: datetime, lifetime: timedelta, amount: int = 1) -> int:
    """Count `amount` more within the unit of work and return the sum in the present window."""
    work.execute(_PURGE, {"moment": now})
    values = {"key": key, "amount": amount, "expires": now + lifetime}
    return int(work.execute(_COUNT, values).scalar_one())


def give_back(work: Connection, key: str) -> None:
    """Take back one that was counted; nothing where its window is over."""
    work.execute(_GIVE_BACK, {"name": key})


def forget(work: Connection, key: str) -> None:
    """Forget a key's count within the unit of work."""
    work.execute(_RESET, {"key": key})


class DatabaseStorage(Storage):
    """A storage of the `limits` library in our own table: it ships none for SQL."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Count in `database`, by the application's clock."""
        super().__init__(wrap_exceptions=False)
        self._database = database
        self._clock = clock

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """None are swallowed: a limit that cannot count must not let everybody in."""
        return ()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count `amount` more for the key and return the sum in the present window."""
        lifetime = timedelta(seconds=expiry)
        with self._database.work() as work:
            return count(work, key, self._clock.now(), lifetime, amount)

    def give_back(self, key: str) -> None:
        """Take back one that was counted; nothing where its window is over."""
        with self._database.work() as work:
            give_back(work, key)

    def get(self, key: str) -> int:
        """What was counted in the present window."""
        row = self._row(key)
        return row[0] if row else 0

    def get_expiry(self, key: str) -> float:
        """When the present window ends, in seconds since 1970."""
        row = self._row(key)
        return (row[1] if row else self._clock.now()).timestamp()

    def check(self) -> bool:
        """Whether the table answers."""
        with self._database.read() as connection:
            connection.execute(select(func.count()).select_from(rate_counts))
        return True

    def reset(self) -> int | None:
        """Forget every count."""
        with self._database.work() as connection:
            return connection.execute(delete(rate_counts)).rowcount

    def clear(self, key: str) -> None:
        """Forget one key's count."""
        with self._database.work() as connection:
            connection.execute(_RESET, {"key": key})

    def _row(self, key: str) -> tuple[int, datetime] | None:
        with self._database.read() as connection:
            row = connection.execute(_FIND, {"key": key}).first()
        if row is None or row[1] <= self._clock.now():
            return None
        return row[0], row[1]


class RedisStorage(limits.storage.RedisStorage):
    """The library's counts in a Redis, which many servers share."""

    def give_back(self, key: str) -> None:
        """Take back one that was counted; nothing where its window is over."""
        if self.get(key) > 0:
            self.incr(key, _A_DAY, -1)


#: Where attempts are counted.
Counts = DatabaseStorage | RedisStorage


def storage_of(address: str, database: Database, clock: Clock) -> Counts:
    """Where attempts are counted: the Redis at `address`, or the database where there is none."""
    if not address:
        return DatabaseStorage(database, clock)
    return RedisStorage(address, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE)


class Gate:
    """Counts attempts outside of any unit of work; nobody passes uncounted.

    Within a unit of work use `count`: the attempt and what it changes are then one. Each method
    raises ServiceUnavailable where nothing can be counted.
    """

    def __init__(self, storage: Counts) -> None:
        """Count in `storage`."""
        self._storage = storage
        self._limiter = FixedWindowRateLimiter(storage)

    def hit(self, limit: RateLimitItem, *names: str) -> bool:
        """Count one attempt and say whether the limit lets it pass."""
        with self._answering():
            return self._limiter.hit(limit, *names)

    def is_full(self, limit: RateLimitItem, *names: str) -> bool:
        """Whether one more attempt would be too many; counts nothing."""
        with self._answering():
            return not self._limiter.test(limit, *names)

    def forget(self, limit: RateLimitItem, *names: str) -> None:
        """Forget what was counted."""
        with self._answering():
            self._limiter.clear(limit, *names)

    def give_back(self, limit: RateLimitItem, *names: str) -> None:
        """Take one attempt back."""
        with self._answering():
            self._storage.give_back(limit.key_for(*names))

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except self._storage.base_exceptions as error:
            told = type(error).__name__
            log.error("attempts cannot be counted: %s", told)  # noqa: TRY400 - it may tell the address
            raise ServiceUnavailable(retry_after=60) from error


class LoginLimit:
    """How often one login, one network, and all the world may be tried within five minutes."""

    def __init__(self, storage: Counts, attempts: int) -> None:
        """Allow `attempts` for a login, ten times as many for a network: neighbours share one.

        All networks that one customer may have are allowed four times as many as one of them.
        """
        self._gate = Gate(storage)
        self._login: RateLimitItem = RateLimitItemPerMinute(attempts, 5)
        self._network: RateLimitItem = RateLimitItemPerMinute(attempts * 10, 5)
        self._customer: RateLimitItem = RateLimitItemPerMinute(attempts * 40, 5)
        self._all: RateLimitItem = RateLimitItemPerMinute(attempts * 100, 5)

    def allows(self, login: str, address: str, device: str = "") -> bool:
        """Count one attempt and say whether it may be made.

        It is counted before the password is checked: guesses at the same moment are bounded too.
        A `device` that its owner has signed in on before has a bucket of its own, which nobody
        else can fill.
        """
        if device:
            return self._gate.hit(self._login, "device", device)
        is_allowed = (
            self._gate.hit(self._network, "network", network_of(address))
            and self._gate.hit(self._customer, "customer", network_of(address, _CUSTOMER))
            and self._gate.hit(self._login, "login", _digest(login))
        )
        if is_allowed:
            self._gate.hit(self._all, "all")
        return is_allowed

    def is_crowded(self) -> bool:
        """Whether so many try from everywhere that a program guesses: who is none has to show it.

        It refuses nobody by itself, else a program could keep everybody out.
        """
        return self._gate.is_full(self._all, "all")

    def forgive(self, login: str, address: str, device: str = "") -> None:
        """The owner got in: forget the login's count and, of the others', this attempt alone."""
        if device:
            self._gate.forget(self._login, "device", device)
            return
        self._gate.forget(self._login, "login", _digest(login))
        self._gate.give_back(self._network, "network", network_of(address))
        self._gate.give_back(self._customer, "customer", network_of(address, _CUSTOMER))
        self._gate.give_back(self._all, "all")


def network_of(address: str, bits: int = 64) -> str:
    """The /24, or of IPv6 the /64 or another, that an address belongs to: a bot has all of it."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    # A socket for both versions writes IPv4 so.
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    length = 24 if parsed.version == 4 else bits  # noqa: PLR2004 - the two versions of IP
    return str(ipaddress.ip_network((parsed, length), strict=False))


def _digest(login: str) -> str:
    return hashlib.sha256(login.encode()).hexdigest()
