"""Everything a page about readings needs to know, by two questions to the database."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from tesweb.api import (
    REGISTERS,
    Dial,
    LinkedAccount,
    Region,
    RegisterId,
    Role,
    Standing,
    Window,
    complete_standing,
    connection,
    core,
    fetch,
    first_month_of_standing,
    local_day,
)
from tesweb_readings.models import Answer
from tesweb_readings.statements import HISTORY


class Named(NamedTuple):
    """How a page calls a register."""

    serial: str
    zone: str
    digits: int


@dataclass(frozen=True, slots=True)
class Desk:
    """An account's meters and what was sent for them, as of now."""

    account: LinkedAccount
    region: Region
    now: datetime
    #: In the region.
    today: date
    #: The days in which readings for `period` are taken.
    window: Window
    standing: Standing
    #: Rows of HISTORY.
    history: Sequence[Any]
    #: Every register that they may name.
    names: Mapping[RegisterId, Named]
    #: When a meter was removed, by its number.
    removed: Mapping[int, date]

    @property
    def period(self) -> date:
        """The month that a reading taken today counts for."""
        return self.standing.period

    @property
    def is_open(self) -> bool:
        """Whether today is a day on which the supplier takes readings."""
        return self.today in self.window

    @property
    def may_send(self) -> bool:
        """Whether the visitor may send readings for this account."""
        return self.account.permits(Role.PAYER)

    @property
    def takes_readings(self) -> bool:
        """Whether there is something to fill in and somebody who may."""
        return self.may_send and bool(self.standing.dials) and self.standing.later is None

    @property
    def waiting(self) -> list[int]:
        """The numbers of the requests that nobody has answered yet."""
        return sorted({row.dispute_id for row in self.history if row.state == Answer.OPEN})


def name_of(dial: Dial) -> str:
    """How the form calls a register: meter and register, `1-2`."""
    return f"{dial.meter_no}-{dial.register_no}"


def open_desk(account: LinkedAccount) -> Desk:
    """The desk of an account."""
    region = core().region(account.region)
    now = core().clock.now()
    today = local_day(now, region.timezone)
    period = region.period_for(today)
    asked = {"account_id": account.id, "since": first_month_of_standing(period)}
    registers = fetch(connection(), REGISTERS, asked)
    history = fetch(connection(), HISTORY, asked)
    standing = complete_standing(connection(), account.id, registers, history, period)
    names = names_of(registers)
    known = [row for row in history if (row.meter_no, row.register_no) in names]
    removed = {row.meter_no: row.removed_on for row in registers if row.removed_on}
    taken = region.window(period)
    return Desk(account, region, now, today, taken, standing, known, names, removed)


def names_of(registers: Iterable[Any]) -> dict[RegisterId, Named]:
    """The names of registers, from rows of REGISTERS or ALL_REGISTERS."""
    return {
        (row.meter_no, row.register_no): Named(row.serial, row.zone, row.digits)
        for row in registers
    }
