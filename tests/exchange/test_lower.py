"""A dial counts forward: billing's file may not charge a lower value as a rollover by itself."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.exchange.report import BadRowsFile, FileReport
from tesweb.exchange.services import Importer
from tesweb.meters.models import Reading
from tesweb.testing.factories import Factory, MadeAccount

HEAD = "region;account;serial;register;read_on;period;value;source;consumed"


@pytest.fixture
def account(make: Factory) -> MadeAccount:
    made = make.account()
    meter = make.meter(made, serial="S1", digits=5)
    make.reading(meter, date(2026, 8, 1), "12345", "100")
    return made


def take(core: Core, folder: Path, account: MadeAccount, *rows: str) -> FileReport:
    file = folder / "readings.csv"
    lines = [f"{account.region};{account.number};S1;1;{row}" for row in rows]
    file.write_text("\n".join([HEAD, *lines, ""]), "utf-8")
    with BadRowsFile(None) as bad:
        (report,) = Importer(core.database, core.regions).run([file], bad, lambda _: None)
    return report


def consumed(core: Core) -> list[Decimal]:
    readings = table_of(Reading)
    with core.database.read() as reader:
        found = select(readings.c.consumed).where(readings.c.period > date(2026, 8, 1))
        return list(reader.execute(found.order_by(readings.c.period)).scalars())


def test_a_lower_value_is_a_bad_row_and_so_is_what_follows(
    core: Core, tmp_path: Path, account: MadeAccount
) -> None:
    report = take(
        core,
        tmp_path,
        account,
        "20.09.2026;09.2026;12335;inspector;",
        "20.10.2026;10.2026;12340;inspector;",
    )
    assert [(bad.line, bad.column) for bad in report.bad_rows] == [(2, "value"), (3, "value")]
    assert consumed(core) == []


def test_billing_that_knows_better_says_so(
    core: Core, tmp_path: Path, account: MadeAccount
) -> None:
    report = take(
        core,
        tmp_path,
        account,
        "20.09.2026;09.2026;12335;inspector;-10",
        "20.10.2026;10.2026;12340;inspector;",
    )
    assert report.bad_rows == []
    assert consumed(core) == [Decimal(-10), Decimal(5)]


def test_near_the_full_scale_it_starts_at_zero_again(
    core: Core, tmp_path: Path, account: MadeAccount
) -> None:
    report = take(
        core,
        tmp_path,
        account,
        "20.09.2026;09.2026;99950;inspector;",
        "20.10.2026;10.2026;50;inspector;",
    )
    assert report.bad_rows == []
    assert consumed(core)[1] == Decimal(100)
