"""An account with a meter, the way to send readings for it, and what was stored."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from tesweb.clock import FixedClock
from tesweb.current import core
from tesweb.database.naming import table_of
from tesweb.meters.checks import CHECKS
from tesweb.meters.models import Reading, Receipt
from tesweb.meters.rules import Limits
from tesweb.meters.services import Accepted, Submission, accept
from tesweb.meters.statements import find_standing
from tesweb.regions.region import Region
from tesweb.testing.factories import Factory, MadeAccount, MadeUser

readings = table_of(Reading)
receipts = table_of(Receipt)
OCTOBER = date(2026, 10, 1)
LIMITS = Limits()


class House:
    """An account with its owner, and the way to send readings for it."""

    def __init__(self, make: Factory, region: Region, previous: str, **meter: Any) -> None:  # noqa: ANN401 - columns of a meter
        self.region = region
        self.user: MadeUser = make.user()
        self.account: MadeAccount = make.account(self.user)
        self.meter = make.meter(self.account, **meter)
        make.reading(self.meter, OCTOBER, previous, "100")

    def submission(self, value: int, key: str = "key", **values: Any) -> Submission:  # noqa: ANN401 - any field
        with core().database.read() as reader:
            seen = find_standing(reader, self.account.id, self.period).mark
        given_values: dict[str, Any] = {"values": {(1, 1): Decimal(value)}, "seen": seen}
        return Submission(self.account.id, self.user.id, key, **(given_values | values))

    @property
    def period(self) -> date:
        return self.region.period_for(core().clock.now().astimezone(self.region.timezone).date())

    def send(self, value: int, key: str = "key", **values: Any) -> Accepted:  # noqa: ANN401 - any field
        return accept(self.submission(value, key, **values), self.region, LIMITS)

    def rows(self) -> list[Any]:
        with core().database.read() as reader:
            statement = select(readings).where(readings.c.account_id == self.account.id)
            return list(reader.execute(statement.order_by(*readings.primary_key)).all())


def findings() -> list[str]:
    with core().database.read() as reader:
        return [finding.text for check in CHECKS for finding in check(reader)]


def count_receipts() -> int:
    with core().database.read() as reader:
        return len(reader.execute(select(receipts.c.id)).all())


def cast_clock() -> FixedClock:
    clock = core().clock
    assert isinstance(clock, FixedClock)
    return clock
