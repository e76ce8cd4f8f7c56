"""What the supplier's people do, each act in the journal of whoever it concerns."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tesweb.current import connection, core
from tesweb.identity import challenges
from tesweb.identity.challenges import Purpose
from tesweb.identity.passwords import canonical_login, canonical_phone
from tesweb.identity.session import current_session, hash_of
from tesweb.journal import services as journal
from tesweb.journal.rules import What
from tesweb.operator.statements import (
    ACCOUNTS,
    APPOINT,
    CONTROL_DONE,
    END_SESSIONS,
    FREEZE,
    HELPED,
    LOOK,
    NUMBERS,
    OPEN,
    STATE,
)

#: How long one look lasts before the next is written down.
_LOOK = timedelta(minutes=15)
#: Cabinets of a page; more at once would be a day on which nobody reads lists.
_MOST = 200


class Nobody(LookupError):
    """No user has this login."""


@dataclass(frozen=True, slots=True)
class Cabinet:
    """A locked cabinet as the operator sees it: by its number, without a name."""

    number: int
    at: datetime
    readings_since: datetime | None
    is_lifted: bool
    #: `""`, `awaited` or `done`.
    control: str
    #: Number, address and region of each account.
    accounts: Sequence[Any]
    #: Whether a way back waits for a second operator.
    waits: bool = False

    @property
    def aside(self) -> int:
        """How many readings wait in quarantine."""
        return sum(account.aside for account in self.accounts)


def begin_look(user_id: int, about: str, facts: Mapping[str, str | int]) -> None:
    """Write down that the operator looks at `about`, which is shown for a quarter of an hour.

    `facts` are what the journal says of it: the number of a request or, masked, of an account.
    """
    with core().database.work() as work:
        known: dict[str, Any] = {**facts}
        journal.record(work, user_id, What.OPERATOR_LOOKED, **known)
        challenges.issue(
            work,
            Purpose.OPERATOR_LOOK,
            challenges.token(),
            lifetime=_LOOK,
            user_id=user_id,
            payload={"about": about},
        )


def is_looking(user_id: int, about: str) -> bool:
    """Whether the present look at `about` has been written down; one shows nothing else."""
    binding = hash_of(current_session().sid)
    asked = {"user_id": user_id, "binding": binding, "moment": core().clock.now()}
    written = connection().execute(LOOK, asked).scalars()
    return any(json.loads(payload).get("about") == about for payload in written)


def cabinets() -> list[Cabinet]:
    """What is locked or waits for a commission, the oldest first."""
    rows = connection().execute(OPEN, {"most": _MOST}).all()
    found: dict[int, list[Any]] = {row.user_id: [] for row in rows}
    for account in connection().execute(ACCOUNTS, {"users": list(found)}):
        found[account.user_id].append(account)
    asked = {"users": list(found), "moment": core().clock.now()}
    helped = connection().execute(HELPED, asked)
    waiting = {row.user_id for row in helped if json.loads(row.payload)["confirmed_by"] is None}
    return [_cabinet(row, found, row.user_id in waiting) for row in rows]


def accounts_of(user_id: int) -> Sequence[Any]:
    """Id, number, address and region of each account of a locked cabinet."""
    return connection().execute(ACCOUNTS, {"users": [user_id]}).all()


def note_control(operator_id: int, number: int) -> bool:
    """Note that a commission has read the meter; whether it was awaited. Raises LookupError."""
    with core().database.work() as work:
        row = work.execute(FREEZE, {"number": number}).first()
        if row is None:
            raise LookupError(number)
        values = {"number": number, "moment": core().clock.now()}
        if work.execute(CONTROL_DONE, values).rowcount != 1:
            return False
        journal.record(work, row.user_id, What.CONTROL_READ, number=number, operator=operator_id)
    return True


def appoint(login: str, *, is_operator: bool) -> bool:
    """Give or take the right to the back office; whether that changed anything. Raises Nobody."""
    with core().database.work() as work:
        user_id = work.execute(STATE, _asked(login)).scalar()
        if user_id is None:
            raise Nobody(login)
        wanted = {"whose": user_id, "wanted": is_operator}
        if work.execute(APPOINT, wanted).rowcount != 1:
            return False
        work.execute(END_SESSIONS, {"whose": user_id})
        what = What.OPERATOR_ON if is_operator else What.OPERATOR_OFF
        journal.record(work, int(user_id), what)
    return True


def state_of(login: str) -> dict[str, object]:
    """How a cabinet stands, for a program; nothing of the person's own. Raises Nobody."""
    with core().database.read() as reader:
        row = reader.execute(STATE, _asked(login)).first()
        if row is None:
            raise Nobody(login)
        numbers = reader.execute(NUMBERS, {"user_id": row.id}).mappings().one()
    return {
        "id": row.id,
        "since": row.created_at.isoformat(timespec="minutes"),
        "is_operator": row.is_operator,
        "locked": None if row.frozen_at is None else row.frozen_at.isoformat(timespec="minutes"),
        "request": row.request,
        "deleted": row.deleted_at is not None,
        "has_email": row.has_email,
        "has_phone": row.has_phone,
        "has_app": row.has_app,
        **numbers,
    }


def _asked(login: str) -> dict[str, str | None]:
    return {"login": canonical_login(login), "phone": canonical_phone(login)}


def _cabinet(row: Any, accounts: Mapping[int, Sequence[Any]], waits: bool) -> Cabinet:  # noqa: ANN401, FBT001 - a row of OPEN, and a fact
    control = "done" if row.control_done_at else "awaited" if row.wants_control else ""
    return Cabinet(
        row.id,
        row.frozen_at,
        row.readings_since,
        row.lifted_at is not None,
        control,
        accounts[row.user_id],
        waits,
    )
