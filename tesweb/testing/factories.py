"""Rows for tests, inserted as they are, with plain defaults for what a test leaves out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import count

from argon2 import PasswordHasher
from sqlalchemy import func, insert, select, update
from sqlmodel import SQLModel

from tesweb.accounts.models import Account, Membership, Role
from tesweb.clock import add_months
from tesweb.current import Core
from tesweb.database.naming import table_of
from tesweb.identity.models import User
from tesweb.ledger.models import Charge, Payment
from tesweb.meters.models import Meter, Reading, Register, Source, State, Zone

#: Every user's password unless another is given.
PASSWORD = "correct horse battery staple"  # noqa: S105 - a test's
#: As cheap as Argon2 can be: a suite makes hundreds of users.
_cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
#: When a meter was installed: before everything that a test tells.
_FIRST = date(2020, 1, 1)


@dataclass(frozen=True, slots=True)
class MadeUser:
    """A user who can sign in."""

    id: int
    login: str
    password: str


@dataclass(frozen=True, slots=True)
class MadeAccount:
    """An account."""

    id: int
    number: str
    region: str


@dataclass(frozen=True, slots=True)
class MadeMeter:
    """A meter with its registers, numbered from 1 in the order of `zones`."""

    account_id: int
    meter_no: int
    zones: tuple[Zone, ...]


class Factory:
    """Makes rows; each call commits, so that the application sees them at once."""

    def __init__(self, core: Core) -> None:
        """Fill the database of `core`."""
        self._core = core
        self._numbers = count(1)
        self._hashes: dict[str, str] = {}

    def user(
        self,
        login: str | None = None,
        password: str = PASSWORD,
        name: str = "Анна Петровна",
        language: str = "ru",
        **values: object,
    ) -> MadeUser:
        """A user; the login is unique unless you give one. Further values are columns of `User`."""
        login = login or f"user{next(self._numbers)}"
        if password not in self._hashes:
            self._hashes[password] = _cheap.hash(password)
        given = {
            "login": login,
            "password_hash": self._hashes[password],
            "name": name,
            "language": language,
            "created_at": self._core.clock.now(),
        }
        return MadeUser(self._add(User, given | values), login, password)

    def account(
        self,
        *members: MadeUser,
        role: Role = Role.OWNER,
        region: str | None = None,
        number: str | None = None,
        **values: object,
    ) -> MadeAccount:
        """An account of the given members; further values are columns of `Account`."""
        region = region or self._core.default_region.name
        number = number or f"7204{next(self._numbers):08d}"
        given = {
            "region": region,
            "number": number,
            "address": f"г. Тюмень, ул. Республики, д. {number[-3:]}, кв. 1",
            "category": "urban",
            "balance": 0,
        }
        account_id = self._add(Account, given | values)
        for member in members:
            self.link(member, account_id, role)
        return MadeAccount(account_id, number, region)

    def link(self, user: MadeUser, account_id: int, role: Role, position: int = 0) -> None:
        """Give a user access to an account."""
        values = {
            "user_id": user.id,
            "account_id": account_id,
            "role": role.value,
            "position": position,
            "linked_at": self._core.clock.now(),
        }
        self._put(Membership, values)

    def meter(
        self,
        account: MadeAccount,
        *zones: Zone,
        digits: int = 5,
        ratio: int = 1,
        initial: str = "0",
        **values: object,
    ) -> MadeMeter:
        """The account's next meter; further values are columns of `Meter`."""
        found = zones or (Zone.SINGLE,)
        number = self._next_meter(account.id)
        key = {"account_id": account.id, "meter_no": number}
        given = {"serial": f"0{account.id:07d}{number}", "model": "CE101", "installed_on": _FIRST}
        self._put(Meter, key | given | values)
        for register_no, zone in enumerate(found, start=1):
            counts = {"digits": digits, "ratio": ratio, "initial": Decimal(initial)}
            self._put(Register, key | {"register_no": register_no, "zone": zone.value} | counts)
        return MadeMeter(account.id, number, found)

    def reading(
        self,
        meter: MadeMeter,
        period: date,
        value: str,
        consumed: str = "0",
        register_no: int = 1,
        **values: object,
    ) -> None:
        """A reading that billing sent for a month; further values are columns of `Reading`."""
        given = {
            "account_id": meter.account_id,
            "period": period,
            "meter_no": meter.meter_no,
            "register_no": register_no,
            "version": 1,
            "value": Decimal(value),
            "consumed": Decimal(consumed),
            "read_on": period.replace(day=20),
            "source": Source.SUPPLIER.value,
            "state": State.ACCEPTED.value,
        }
        self._put(Reading, given | values)

    def charge(self, account: MadeAccount, period: date, amount: int, **values: object) -> None:
        """A line of `amount` kopecks for a month, which the balance grows by."""
        given = {
            "account_id": account.id,
            "period": period,
            "line": str(next(self._numbers)),
            "title": "Электроэнергия",
            "amount": amount,
        }
        self._put(Charge, given | values)
        self._owe(account.id, amount, add_months(period, 1))

    def payment(self, account: MadeAccount, paid_on: date, amount: int, **values: object) -> None:
        """A payment of `amount` kopecks, which the balance shrinks by."""
        given = {
            "account_id": account.id,
            "paid_on": paid_on,
            "reference": str(next(self._numbers)),
            "channel": "СБП",
            "amount": amount,
        }
        self._put(Payment, given | values)
        self._owe(account.id, -amount, paid_on)

    def _owe(self, account_id: int, amount: int, day: date) -> None:
        accounts = table_of(Account)
        with self._core.database.work() as work:
            work.execute(
                update(accounts)
                .where(accounts.c.id == account_id)
                .values(balance=accounts.c.balance + amount, balance_on=day)
            )

    def _next_meter(self, account_id: int) -> int:
        meters = table_of(Meter)
        with self._core.database.read() as reader:
            last = select(func.max(meters.c.meter_no)).where(meters.c.account_id == account_id)
            return int(reader.execute(last).scalar() or 0) + 1

    def _add(self, model: type[Account | User], values: Mapping[str, object]) -> int:
        table = table_of(model)
        with self._core.database.work() as work:
            return int(
                work.execute(insert(table).values(values).returning(table.c.id)).scalar_one()
            )

    def _put(self, model: type[SQLModel], values: Mapping[str, object]) -> None:
        with self._core.database.work() as work:
            work.execute(insert(table_of(model)).values(values))
