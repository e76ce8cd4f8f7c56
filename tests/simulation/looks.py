"""Looking whether every invariant holds: as `tesweb check` does, or the same questions quicker."""

from collections.abc import Iterator
from functools import cache

from sqlalchemy import GenerativeSelect, func, select
from sqlalchemy.dialects import sqlite

from tesweb.autopay import checks as autopay
from tesweb.commands.check import INVARIANTS
from tesweb.current import Core
from tesweb.ledger import checks as ledger
from tesweb.payments import checks as payments
from tesweb.payments.rules import OPEN

#: What `tesweb check` asks and answers with a finding for each row, whatever the time is.
_FAULTS = (
    ledger.UNBALANCED,
    payments.UNBALANCED,
    *payments.UNEQUAL,
    payments.NOT_CREDITED,
    *payments.MISCREDITED,
    payments.MISSHARED,
    payments.OVERPAID,
    payments.MISREFUNDED,
    payments.MISBOOKED,
    payments.NOT_SETTLED,
    payments.NAMELESS,
    payments.TWICE,
    autopay.TORN,
    autopay.TWO_LIVE,
    autopay.NOT_PAID,
)


#: It promises something of a worker that is always there; the world's sleeps for days, and its
#: orders have to be asked about again or watched by somebody instead: `forgotten`.
_AWAKE = "I8"
_OPEN = payments.orders.c.state.in_(sorted(OPEN))
FORGOTTEN = select(payments.orders.c.id).where(
    _OPEN, payments.orders.c.ask_at.is_(None), ~payments._WATCHED
)


def whole(core: Core, *, is_calm: bool = False) -> list[str]:
    """What `tesweb check` finds, and orders that nobody would ask about any more."""
    with core.database.read() as reader:
        found = [each for invariant in INVARIANTS for each in invariant(reader)]
        forgotten = [f"order {row.id} is forgotten" for row in reader.execute(FORGOTTEN)]
    return [each.text for each in found if is_calm or each.code != _AWAKE] + forgotten


def quick(core: Core) -> list[str]:
    """The same of money, past SQLAlchemy; what depends on the time or a digest is left out."""
    with core.database.read() as reader:
        driver = reader.connection.driver_connection
        assert driver is not None
        return [
            f"{name}: {row}" for name, query in _queries() for row in driver.execute(query)
        ] + list(_months(driver.execute(_ORDERS)))


def _months(rows: Iterator[tuple[str]]) -> Iterator[str]:
    seen: set[str] = set()
    for (form_key,) in rows:
        month = form_key.rpartition("-")[0]
        if month in seen:
            yield f"{month} has two orders that take money"
        seen.add(month)


def _plain(query: GenerativeSelect) -> str:
    compiled = query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    return str(compiled)


_ORDERS = _plain(autopay.ORDERS)


@cache
def _queries() -> tuple[tuple[str, str], ...]:
    total = select(func.sum(payments.entries.c.amount)).having(
        func.sum(payments.entries.c.amount) != 0
    )
    return tuple(
        (str(number), _plain(query)) for number, query in enumerate((*_FAULTS, FORGOTTEN, total))
    )
