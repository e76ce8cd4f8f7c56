"""Questions about what is owed, built once; each names the account first."""

from sqlalchemy import BigInteger, bindparam, cast, func, select

from tesweb.database.naming import table_of
from tesweb.ledger.models import Charge

charges = table_of(Charge)

#: What each month was charged, the newest first.
CHARGED = (
    # PostgreSQL's sum of whole numbers is a decimal.
    select(charges.c.period, cast(func.sum(charges.c.amount), BigInteger).label("amount"))
    .where(charges.c.account_id == bindparam("account_id"), charges.c.period >= bindparam("since"))
    .group_by(charges.c.period)
    .order_by(charges.c.period.desc())
)
