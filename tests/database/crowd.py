"""What each of many processes does; it imports little, for each of them imports it anew."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from tesweb.accounts.models import Account
from tesweb.database.engine import Database
from tesweb.database.naming import table_of

accounts = table_of(Account)
PROCESSES, THREADS, ROUNDS = 4, 4, 15


def raise_balance(database: Database, account: int) -> None:
    """Read, think, write: what loses updates where two may read before either writes."""
    with database.work() as work:
        found = select(accounts.c.balance).filter_by(id=account).with_for_update()
        before = int(work.execute(found).scalar_one())
        work.execute(accounts.update().filter_by(id=account).values(balance=before + 1))


def raise_often(address: str, account: int) -> None:
    database = Database(address)
    with ThreadPoolExecutor(THREADS) as threads:
        jobs = [threads.submit(raise_balance, database, account) for _ in range(THREADS * ROUNDS)]
    for job in jobs:
        job.result()
    database.close()
