"""The database is put back as it was some minutes ago: what was paid since is found again."""

import shutil
from contextlib import closing
from datetime import date
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy.engine import URL

from tests.payments.till import Till
from tesweb.cashier import acts
from tesweb.cashier.services import fetch_register, read_in, reconcile
from tesweb.database.engine import Database
from tesweb.payments.models import State
from tesweb.testing.factories import Factory

DAY = date(2026, 11, 20)


class Backup:
    """The database as it is now, to be put back later."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.copy = database, folder / "backup.db"
        database.close()
        if database.is_sqlite:
            shutil.copyfile(self._file, self.copy)
        else:
            self._make(f"{database.url.database}_kept", str(database.url.database))

    def put_back(self) -> None:
        self.database.close()
        if self.database.is_sqlite:
            for end in ("-wal", "-shm"):
                self._file.with_name(self._file.name + end).unlink(missing_ok=True)
            shutil.copyfile(self.copy, self._file)
        else:
            name = str(self.database.url.database)
            self._run(SQL("DROP DATABASE {} WITH (FORCE)"), name)
            self._make(name, f"{name}_kept")
            self._run(SQL("DROP DATABASE {} WITH (FORCE)"), f"{name}_kept")

    @property
    def _file(self) -> Path:
        return Path(str(self.database.url.database))

    def _make(self, name: str, template: str) -> None:
        self._run(SQL("CREATE DATABASE {} TEMPLATE {}"), name, template)

    def _run(self, statement: SQL, *names: str) -> None:
        with closing(connect(self.database.url)) as connection:
            connection.execute(statement.format(*map(Identifier, names)))


def connect(url: URL) -> psycopg.Connection:
    return psycopg.connect(
        host=url.host,
        port=url.port,
        user=url.username,
        password=url.password,
        dbname="postgres",
        autocommit=True,
    )


def everybody_pays(till: Till) -> None:
    for sale in till.bank.sales.values():
        till.bank.pay(sale.reference)
    till.later(seconds=3)


def test_an_older_backup_is_brought_up_to_date_by_bank_and_register(
    till: Till, make: Factory, tmp_path: Path
) -> None:
    """One is paid before, one begun before and paid after, one begun after: none is lost."""
    paid = till.paid(100_00)
    begun = till.start(200_00)
    backup = Backup(till.core.database, tmp_path)
    till.later(minutes=5)
    after = till.start(400_00, again=True)
    everybody_pays(till)
    till.sweep(2)
    assert till.state(after) is State.SUCCEEDED
    assert sum(till.credited()) == 700_00
    backup.put_back()
    assert sum(till.credited()) == 100_00
    till.check()
    till.later(minutes=10)
    till.sweep()
    assert (till.state(paid), till.state(begun)) == (State.SUCCEEDED, State.SUCCEEDED)
    fetch_register("memory", DAY)
    [stray] = reconcile("memory", DAY).theirs_only
    assert (stray.reference, stray.amount, till.book("suspense")) == ("sale-3", 400_00, -400_00)
    till.check()
    operator = make.user("oleg", is_operator=True)
    with till.core.database.read() as reader:
        [item] = acts.suspended(reader)
    acts.assign(operator.id, item.id, till.accounts[0].id, "выписка банка от 20.11.2026")
    for _ in range(2):
        fetch_register("memory", DAY)
        till.sweep()
    assert sorted(till.credited()) == [100_00, 200_00, 400_00]
    assert till.balance() == 1_000_00 - 700_00
    assert till.book("suspense") == till.book("clearing:memory") == 0
    assert reconcile("memory", DAY).differences == 0


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kept", [0, 32, 5_000])
def test_a_log_that_was_cut_short_loses_what_the_register_brings_back(
    till: Till, tmp_path: Path, kept: int
) -> None:
    order_id = till.start(200_00)
    backup = Backup(till.core.database, tmp_path)
    everybody_pays(till)
    till.sweep()
    assert till.credited() == [200_00]
    file = Path(str(till.core.database.url.database))
    log = file.with_name(f"{file.name}-wal").read_bytes()[:kept]
    backup.put_back()
    file.with_name(f"{file.name}-wal").write_bytes(log)
    assert till.credited() == []
    till.check()
    read_in("memory", DAY, till.core.gateways["memory"].settled(DAY))
    assert till.state(order_id) is State.SUCCEEDED
    assert (till.credited(), till.told(), till.balance()) == ([200_00], 1, 800_00)
