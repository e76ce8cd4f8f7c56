"""Invariants of what is owed."""

from collections.abc import Callable, Iterator

from sqlalchemy import Connection, func, select

from tesweb.accounts.models import Account
from tesweb.database.naming import table_of
from tesweb.findings import Finding
from tesweb.ledger.models import Charge, Payment

accounts = table_of(Account)
charges = table_of(Charge)
payments = table_of(Payment)


_CHARGED = (
    select(func.coalesce(func.sum(charges.c.amount), 0))
    .where(charges.c.account_id == accounts.c.id)
    .scalar_subquery()
)
_PAID = (
    select(func.coalesce(func.sum(payments.c.amount), 0))
    .where(payments.c.account_id == accounts.c.id)
    .scalar_subquery()
)
UNBALANCED = select(accounts.c.id, accounts.c.balance, _CHARGED - _PAID).where(
    accounts.c.balance != _CHARGED - _PAID
)


def balances_add_up(connection: Connection) -> Iterator[Finding]:
    """The balance kept with an account is the sum of its charges less that of its payments."""
    for account_id, kept, real in connection.execute(UNBALANCED):
        text = f"account {account_id}: the balance is {kept}, charges less payments are {real}"
        yield Finding("balance", text)


#: Every invariant of this package.
CHECKS: tuple[Callable[[Connection], Iterator[Finding]], ...] = (balances_add_up,)
