"""Column types whose Python side cannot be mistaken: decimals stay exact, times stay in UTC."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

from sqlalchemy import BigInteger, DateTime, Integer, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

#: A 64-bit key that SQLite may fill in by itself, which it does for INTEGER only.
BigKey = BigInteger().with_variant(Integer, "sqlite")


class KilowattHours(TypeDecorator[Decimal]):
    """A volume or a dial's value in kWh, stored as whole watt-hours: SQLite has no decimals."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Watt-hours for the database. Raises ValueError for more than three decimals."""
        del dialect
        if value is None:
            return None
        watt_hours = Decimal(value) * 1000
        if watt_hours != int(watt_hours):
            raise ValueError(f"{value} kWh is finer than a watt-hour")
        return int(watt_hours)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        """Kilowatt-hours without trailing zeros, so that whole values print whole."""
        del dialect
        return _kilowatt_hours(value)

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[int | None], Decimal | None]:
        """The conversion itself: a page reads a hundred volumes, and each call counts."""
        del dialect, coltype
        return _kilowatt_hours


@lru_cache(maxsize=16_384)
def _kilowatt_hours(watt_hours: int | None) -> Decimal | None:
    if watt_hours is None:
        return None
    whole, rest = divmod(watt_hours, 1000)
    return Decimal(whole) if rest == 0 else (Decimal(watt_hours) / 1000).normalize()


class Price(TypeDecorator[Decimal]):
    """Rubles per kWh with up to six decimals, stored as text so that no digit is lost."""

    impl = String(24)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """The price in plain digits."""
        del dialect
        return None if value is None else format(Decimal(value), "f")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        """The price, exactly as it was given."""
        del dialect
        return None if value is None else Decimal(value)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; aware on the Python side on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment in UTC. Raises ValueError for a naive one."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment, aware: SQLite gives it back naive."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
