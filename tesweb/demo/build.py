"""Making the demo: plan households, write billing's files, import them, let people in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

from sqlalchemy import Connection, bindparam, select

from tesweb.accounts.models import Account
from tesweb.clock import add_months, month_of
from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.demo.addresses import Addresses
from tesweb.demo.billing import Files
from tesweb.demo.consumption import live
from tesweb.demo.households import TYUMEN, VLADIVOSTOK, Household, Planner
from tesweb.demo.people import FREE, PEOPLE, Person, named
from tesweb.exchange.kinds import Verdict
from tesweb.exchange.report import BadRowsFile
from tesweb.exchange.services import Importer
from tesweb.identity.services import create_user, link_account
from tesweb.operator.statements import APPOINT
from tesweb.profile.statements import SET_EMAIL, SET_PHONE

#: Months that are charged.
MONTHS = 24
#: One household in so many lives in the other region.
_ELSEWHERE = 12

_accounts = table_of(Account)
_ID = select(_accounts.c.id).where(_accounts.c.number == bindparam("number"))


class CannotBuild(RuntimeError):
    """The demo's own files were refused, or a region it is about is not installed."""


@dataclass(frozen=True, slots=True)
class DemoUser:
    """Somebody who can sign in."""

    login: str
    password: str
    #: Account numbers, in the order in which the user sees them.
    accounts: tuple[str, ...]
    #: What is worth trying, in English and Russian.
    about: str


@dataclass(frozen=True, slots=True)
class FreeAccount:
    """An account that nobody holds yet, with what proves it."""

    number: str
    bill_code: str
    meter: str

    @property
    def about(self) -> str:
        """What is worth trying, in English and Russian."""
        code = self.bill_code
        return f"account of nobody yet, bill code {code} · свободный счёт, код с квитанции {code}"


@dataclass(frozen=True, slots=True)
class DemoState:
    """What was made."""

    users: tuple[DemoUser, ...]
    free_accounts: tuple[FreeAccount, ...]
    #: The files that were imported.
    files: tuple[Path, ...]
    #: How many accounts came in, of all regions.
    accounts: int


def build(
    core: Core, folder: Path, seed: int = 1, accounts: int = 500, *, today: date
) -> DemoState:
    """Fill an empty database with `accounts` accounts in Tyumen and some in another region.

    There are 24 months of them up to the month before `today`; billing's files are left in
    `folder`. The same `seed` and `today` make the same files. Needs the application's context.
    Raises CannotBuild without the region of Tyumen, or where a row was not taken in.
    """
    if TYUMEN not in core.regions:
        raise CannotBuild("the demo plays in Tyumen; switch the plugin region_tyumen on")
    # A game, no secret: the demo has to come out the same each time.
    random = Random(seed)  # noqa: S311 - a game, no secret
    households = _plan(core, random, accounts, today)
    months = [add_months(month_of(today), -count) for count in range(MONTHS + 1, 0, -1)]
    made = [(household, live(household, months, today, random)) for household in households]
    files = Files(folder, today).write(made, random)
    _take_in(core, files)
    with core.database.work() as work:
        users = tuple(_let_in(work, person) for person in PEOPLE)
    free = tuple(
        FreeAccount(each.number, each.bill_code, each.serial)
        for each in households
        if each.number == FREE
    )
    return DemoState(users, free, tuple(files), len(households))


def _plan(core: Core, random: Random, accounts: int, today: date) -> list[Household]:
    found = named(core.regions, today)
    addresses = Addresses(random, {household.address for household in found})
    wanted = {TYUMEN: accounts - sum(each.region.name == TYUMEN for each in found)}
    if VLADIVOSTOK in core.regions:
        wanted[VLADIVOSTOK] = max(accounts // _ELSEWHERE - 1, 1)
    for name, count in wanted.items():
        planner = Planner(random, core.regions[name], addresses, today, _numbers(name, random))
        found += [planner.plan(index) for index in range(count)]
    return found


def _numbers(region: str, random: Random) -> Iterator[str]:
    """Account numbers that nobody has yet; those of named people lie below all of them."""
    prefix, number = ("7204", 200_000) if region == TYUMEN else ("25", 200_000)
    width = 8
    while True:
        number += random.randint(1, 90)
        yield f"{prefix}{number:0{width}d}"


def _take_in(core: Core, files: Sequence[Path]) -> None:
    importer = Importer(core.database, core.regions)
    with BadRowsFile(None) as bad_rows:
        for report in importer.run(files, bad_rows, lambda _: None):
            if report.failure or report.counts[Verdict.BAD]:
                reason = report.failure or report.bad_rows[0]
                raise CannotBuild(f"{report.file}: {reason}")


def _let_in(work: Connection, person: Person) -> DemoUser:
    user_id = create_user(work, person.login, person.password, person.name, person.language)
    if person.email:
        work.execute(SET_EMAIL, {"owner": user_id, "address": person.email})
    if person.phone:
        work.execute(SET_PHONE, {"owner": user_id, "address": person.phone})
    if person.is_operator:
        work.execute(APPOINT, {"whose": user_id, "wanted": True})
    linked: list[str] = []
    for number, role in person.accounts:
        account_id = work.execute(_ID, {"number": number}).scalar()
        if account_id is not None:
            link_account(work, user_id, account_id, role, position=len(linked))
            linked.append(number)
    return DemoUser(person.login, person.password, tuple(linked), person.about)
