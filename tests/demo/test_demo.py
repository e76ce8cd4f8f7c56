"""The demo goes through the real import and holds what it promises to show."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from tesweb.accounts.models import Proof
from tesweb.accounts.proofs import check
from tesweb.app import create_app
from tesweb.clock import add_months
from tesweb.current import Core
from tesweb.demo.addresses import Addresses
from tesweb.demo.build import MONTHS, CannotBuild, DemoState, build
from tesweb.demo.people import DOLGOV, IVANOVA, PETROV, SEMYA, SIDOROVA, SOSED, SOSED_GARDEN
from tesweb.identity.passwords import verify_password
from tesweb.ledger import checks as ledger
from tesweb.meters import checks as meters
from tesweb.meters.models import Zone
from tesweb.resources import ROOT
from tesweb.testing.fixtures import TestSettings
from tesweb.testing.stores import SqliteStore, Store

TODAY = date(2026, 11, 22)
LAST = date(2026, 10, 1)
ACCOUNTS = 60


@dataclass(frozen=True, slots=True)
class Made:
    """One demo, made once for all tests that only look at it."""

    core: Core
    state: DemoState


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Made]:
    store: Store = request.getfixturevalue(f"{request.param}_store")
    folder = tmp_path_factory.mktemp("demo")
    with store.fresh() as address:
        app = create_app(
            TestSettings(folder=folder, database=address, secret_key=SecretStr("s" * 64))
        )
        core: Core = app.extensions["tesweb"]
        with app.app_context():
            yield Made(core, build(core, folder / "billing", accounts=ACCOUNTS, today=TODAY))
        core.database.close()


@pytest.fixture
def core(made: Made) -> Core:
    return made.core


@pytest.fixture
def state(made: Made) -> DemoState:
    return made.state


@pytest.fixture
def empty(sqlite_store: SqliteStore, tmp_path: Path) -> Iterator[Core]:
    """An application that has nothing yet, within its context."""
    with sqlite_store.fresh() as address:
        app = create_app(
            TestSettings(folder=tmp_path, database=address, secret_key=SecretStr("s" * 64))
        )
        core: Core = app.extensions["tesweb"]
        with app.app_context():
            yield core
        core.database.close()


def ask(core: Core, query: str, number: str = "") -> list[tuple[Any, ...]]:
    with core.database.read() as reader:
        return [tuple(row) for row in reader.execute(text(query), {"number": number})]


def test_everything_adds_up(state: DemoState, core: Core) -> None:
    with core.database.read() as reader:
        assert [list(check(reader)) for check in (*ledger.CHECKS, *meters.CHECKS)] == [[]] * (
            len(ledger.CHECKS) + len(meters.CHECKS)
        )
    counts = dict(ask(core, "SELECT region, count(*) FROM accounts GROUP BY region"))
    assert counts["tyumen"] == ACCOUNTS
    assert counts["vladivostok"] > 1
    assert state.accounts == sum(counts.values())
    months = ask(core, "SELECT DISTINCT period FROM charges ORDER BY period")
    wanted = [add_months(LAST, -count) for count in range(MONTHS)][::-1]
    assert [str(month)[:10] for (month,) in months] == [str(month) for month in wanted]
    assert len(state.files) == 5


def test_every_bill_is_what_the_tariff_says(state: DemoState, core: Core) -> None:
    assert state.files
    charged = ask(
        core,
        "SELECT a.region, a.category, c.period, c.line, c.volume, c.amount FROM charges AS c"
        " JOIN accounts AS a ON a.id = c.account_id WHERE c.line = 'single-1' LIMIT 200",
    )
    for region, category, period, _, volume, amount in charged:
        day = date.fromisoformat(str(period))
        tariff = core.regions[region].tariff(category, frozenset({Zone.SINGLE}), day)
        price = tariff.bands[0].prices[Zone.SINGLE]
        assert abs(volume * price / 10 - amount) <= 1


@pytest.mark.parametrize(
    ("number", "zones", "digits"),
    [
        (IVANOVA, ["single"], 4),
        (PETROV, ["day", "night"], 5),
        (SIDOROVA, ["peak", "night", "half_peak"], 6),
    ],
)
def test_the_named_meters(
    state: DemoState, core: Core, number: str, zones: list[str], digits: int
) -> None:
    assert state.users
    query = (
        "SELECT r.zone, r.digits FROM registers AS r JOIN accounts AS a ON a.id = r.account_id"
        " WHERE a.number = :number ORDER BY r.register_no"
    )
    assert ask(core, query, number) == [(zone, digits) for zone in zones]


def test_ivanovas_meter_stands_at_9993_and_november_is_hers_to_send(
    state: DemoState, core: Core
) -> None:
    assert state.users[0].accounts == (IVANOVA,)
    query = (
        "SELECT r.period, r.value FROM readings AS r JOIN accounts AS a ON a.id = r.account_id"
        " WHERE a.number = :number ORDER BY r.period DESC LIMIT 1"
    )
    ((period, value),) = ask(core, query, IVANOVA)
    assert (str(period)[:10], value) == (str(LAST), 9_993_000)


def test_debt_overpayment_family_and_neighbour(state: DemoState, core: Core) -> None:
    users = {user.login: user for user in state.users}
    balance = "SELECT balance FROM accounts WHERE number = :number"
    ((owed,),) = ask(core, balance, DOLGOV)
    ((over,),) = ask(core, balance, users["akimova"].accounts[0])
    assert owed > 1_000_00
    assert over < -500_00
    assert users["semya1"].accounts == users["semya2"].accounts == (SEMYA,)
    roles = ask(
        core,
        "SELECT m.role FROM memberships AS m JOIN accounts AS a"
        " ON a.id = m.account_id WHERE a.number = :number ORDER BY m.role",
        SEMYA,
    )
    assert roles == [("owner",), ("payer",)]
    assert len(users["sosed"].accounts) == 3
    assert users["novikov"].accounts == ()
    removed = "SELECT m.removed_on FROM meters AS m JOIN accounts AS a ON a.id = m.account_id"
    found = ask(core, f"{removed} WHERE a.number = :number ORDER BY m.meter_no", SOSED)
    assert [str(day) for (day,) in found] == ["2026-11-05", "None"]
    assert ask(core, f"{removed} WHERE a.number = :number", SOSED_GARDEN) == []


def test_the_irregular_is_there(state: DemoState, core: Core) -> None:
    assert state.files
    ((count,),) = ask(core, "SELECT count(*) FROM registers WHERE ratio = 30")
    assert count
    sources = {source for (source,) in ask(core, "SELECT DISTINCT source FROM readings")}
    assert sources == {"resident", "supplier", "inspector", "average", "norm"}
    ((expired,),) = ask(core, "SELECT count(*) FROM meters WHERE verified_until < '2026-11-22'")
    assert expired
    fell = (
        "SELECT count(*) FROM readings AS r JOIN readings AS b ON b.account_id = r.account_id"
        " AND b.meter_no = r.meter_no AND b.register_no = r.register_no AND b.value > r.value"
        " AND b.period < r.period AND r.consumed > 0"
    )
    ((rolled_over,),) = ask(core, fell)
    assert rolled_over


def test_the_users_can_sign_in(state: DemoState, core: Core) -> None:
    stored = dict(ask(core, "SELECT login, password_hash FROM users"))
    assert {user.login for user in state.users} == stored.keys()
    (free,) = state.free_accounts
    assert free.number not in {number for user in state.users for number in user.accounts}
    region = core.regions["tyumen"]
    assert check(region, free.number, {Proof.BILL_CODE: free.bill_code}).account_id
    assert free.number in (ROOT / "README.md").read_text("utf-8").replace(" ", "")
    assert free.bill_code in (ROOT / "README.md").read_text("utf-8")
    ivanova = state.users[0]
    assert ivanova.password == "demo-ivanova-2026"
    assert verify_password(stored["ivanova"], ivanova.password)


def test_the_same_seed_makes_the_same_files(state: DemoState, empty: Core, tmp_path: Path) -> None:
    again = build(empty, tmp_path / "again", accounts=ACCOUNTS, today=TODAY)
    assert [path.name for path in again.files] == [path.name for path in state.files]
    for first, second in zip(state.files, again.files, strict=True):
        assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("today", [date(2026, 11, 1), date(2026, 3, 4), date(2027, 1, 31)])
def test_any_day_will_do(empty: Core, tmp_path: Path, today: date) -> None:
    state = build(empty, tmp_path / "billing", accounts=50, today=today)
    path = next(path for path in state.files if path.name == "payments.csv")
    with path.open(encoding="cp1251", newline="") as file:
        days = [row["paid_on"] for row in csv.DictReader(file, delimiter=";")]
    assert days
    assert all(date(int(day[6:]), int(day[3:5]), int(day[:2])) < today for day in days)


def test_the_pages_say_how_many_accounts_there_are(empty: Core, tmp_path: Path) -> None:
    made = build(empty, tmp_path / "billing", today=TODAY).accounts
    root = Path(__file__).parents[2]
    assert f"a supplier with {made} accounts" in (root / "README.md").read_text("utf-8")
    assert f"accounts: {made} new" in (root / "docs" / "exchange.md").read_text("utf-8")


def test_without_tyumen_there_is_no_demo(empty: Core, tmp_path: Path) -> None:
    there = {name: region for name, region in empty.regions.items() if name != "tyumen"}
    elsewhere = Core(empty.settings, empty.database, empty.plugins, empty.clock, there)
    with pytest.raises(CannotBuild, match="region_tyumen"):
        build(elsewhere, tmp_path, today=TODAY)


def test_addresses_are_never_given_twice() -> None:
    addresses = Addresses(Random(7), set())  # noqa: S311 - no secret
    made = [
        make()
        for make in (addresses.apartment, addresses.house, addresses.garden, addresses.vladivostok)
        for _ in range(400)
    ]
    assert len(set(made)) == len(made)
    assert all(len(address) < 100 for address in made)
