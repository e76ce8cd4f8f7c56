"""`tesweb check` finds what must never be, and nothing where all is well."""

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import Connection, insert, text

from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.meters.checks import CHECKS
from tesweb.meters.models import Receipt, State
from tesweb.testing.factories import Factory, MadeMeter

receipts = table_of(Receipt)
OCTOBER = date(2026, 10, 1)


@pytest.fixture
def meter(app: Flask, make: Factory) -> Iterator[MadeMeter]:
    with app.app_context():
        made = make.meter(make.account())
        make.reading(made, OCTOBER, "1000", state=State.SUPERSEDED.value)
        make.reading(made, OCTOBER, "1001", version=2)
        yield made


def codes(connection: Connection) -> list[str]:
    return [finding.code for check in CHECKS for finding in check(connection)]


def found(core: Core) -> list[str]:
    with core.database.read() as reader:
        return codes(reader)


def run(core: Core, statement: str) -> None:
    with core.database.work() as work:
        work.execute(text(statement))


def test_all_is_well(core: Core, meter: MadeMeter) -> None:
    assert meter.meter_no == 1
    assert found(core) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE readings SET state = 'accepted'",
        "UPDATE readings SET state = 'superseded'",
        "UPDATE readings SET version = 5 WHERE version = 2",
        "DELETE FROM readings WHERE version = 1",
        "UPDATE readings SET state = CASE version WHEN 1 THEN 'accepted' ELSE 'superseded' END",
    ],
)
def test_versions_out_of_order_are_found(core: Core, meter: MadeMeter, change: str) -> None:
    run(core, change)
    assert found(core) == ["reading-versions"]
    with core.database.read() as reader:
        (finding,) = (finding for check in CHECKS for finding in check(reader))
    assert finding.text.startswith(f"account {meter.account_id}, 2026-10, meter 1, register 1: ")


def test_a_receipt_without_readings_is_found(core: Core, make: Factory, meter: MadeMeter) -> None:
    user = make.user()
    values = {"id": 7, "key": "k", "account_id": meter.account_id, "user_id": user.id}
    with core.database.work() as work:
        moment = core.clock.now()
        work.execute(insert(receipts).values(values | {"accepted_at": moment, "period": OCTOBER}))
    assert found(core) == ["receipt-empty"]
    run(core, "UPDATE readings SET receipt_id = 7 WHERE version = 2")
    assert found(core) == []
    run(core, "UPDATE receipts SET period = '2026-09-01'")
    assert found(core) == ["receipt-empty", "reading-receipt"]


def test_a_value_with_more_digits_than_the_register_is_found(core: Core, meter: MadeMeter) -> None:
    run(core, "UPDATE registers SET digits = 3")
    assert found(core) == ["reading-digits"]
    run(core, "UPDATE readings SET value = 999999 WHERE version = 2")
    assert found(core) == []
    run(core, "UPDATE registers SET digits = 9")
    run(core, "UPDATE readings SET value = 1000000000000 WHERE version = 2")
    with core.database.read() as reader:
        (finding,) = (finding for check in CHECKS for finding in check(reader))
    assert finding.text == (
        f"account {meter.account_id}, 2026-10, meter 1, register 1: "
        "the value 1000000000 has more than 9 digits"
    )


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ("UPDATE meters SET installed_on = '2026-10-20', removed_on = '2026-10-20'", []),
        ("UPDATE meters SET installed_on = '2026-10-21'", ["reading-day"]),
        ("UPDATE meters SET removed_on = '2026-10-19'", ["reading-day"]),
    ],
)
def test_a_reading_outside_its_meters_stay_is_found(
    core: Core, meter: MadeMeter, change: str, codes: list[str]
) -> None:
    assert meter.meter_no == 1
    run(core, change)
    assert found(core) == codes


def test_a_reading_without_its_register_is_found(core: Core, meter: MadeMeter) -> None:
    if core.database.is_sqlite:
        raw = core.database.writer.raw_connection()
        raw.driver_connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]  # sqlite3's own
        raw.driver_connection.execute("DELETE FROM registers")  # type: ignore[union-attr]  # sqlite3's own
        raw.invalidate()
    else:
        run(core, "ALTER TABLE readings DROP CONSTRAINT fk_readings_account_id_registers")
        run(core, "DELETE FROM registers")
    assert meter.meter_no == 1
    assert found(core) == ["reading-register"] * 2
