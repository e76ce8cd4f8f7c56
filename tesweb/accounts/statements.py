"""The account as a request sees it: a row, not an entity; and what proves whose it is."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, func, select

from tesweb.accounts.models import Account, Role
from tesweb.database.naming import table_of
from tesweb.ledger.models import Payment
from tesweb.meters.models import Meter
from tesweb.money import Kopecks

accounts = table_of(Account)
meters = table_of(Meter)
payments = table_of(Payment)

ACCOUNT_BY_NUMBER = select(accounts.c.id, accounts.c.address, accounts.c.bill_code).where(
    accounts.c.number == bindparam("number"), accounts.c.region == bindparam("region")
)
#: Of the meters that stand.
SERIALS_OF_ACCOUNT = select(meters.c.serial).where(
    meters.c.account_id == bindparam("account_id"), meters.c.removed_on.is_(None)
)
#: What was paid on the last day of payment.
LAST_PAYMENTS = select(payments.c.amount).where(
    payments.c.account_id == bindparam("account_id"),
    payments.c.paid_on
    == select(func.max(payments.c.paid_on))
    .where(payments.c.account_id == bindparam("account_id"))
    .scalar_subquery(),
)

#: Each role may do what those after it may.
_RANK = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True, slots=True)
class LinkedAccount:
    """An account that the visitor may look at, with what the visitor may do on it."""

    id: int
    number: str
    #: As it is printed: nothing breaks after the dot of an abbreviation.
    address: str
    #: The name of the region that serves it.
    region: str
    #: The tariff category.
    category: str
    #: Owed in kopecks, negative when overpaid.
    balance: Kopecks
    #: The day up to which billing has sent what it knows.
    balance_on: date | None
    role: Role

    def __post_init__(self) -> None:
        """Keep `apt. 17` on one line."""
        object.__setattr__(self, "address", self.address.replace(". ", ".\u00a0"))

    def permits(self, role: Role) -> bool:
        """Whether the visitor's role here may do what `role` may."""
        return _RANK[self.role] <= _RANK[role]
