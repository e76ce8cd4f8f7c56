"""The way back that the office opens: a cabinet is locked, its password is lost, a passport shown.

One operator starts it and another confirms it; neither comes in by it. The code sets a new
password and nothing more, and the cabinet stays locked: the office's word is one of the two proofs
that open it. Each contact that the owner had is told at the start and can stop it.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select

from tesweb.current import core
from tesweb.factors.rules import digits_of, new_codes
from tesweb.factors.statements import DELETE_CODES, DELETE_TOTP
from tesweb.freeze.rules import TOO_YOUNG, Kind, too_young
from tesweb.freeze.statements import RENEWALS
from tesweb.identity import challenges
from tesweb.identity.challenges import Open, Purpose, Unknown
from tesweb.identity.passwords import hash_password
from tesweb.journal import services as journal
from tesweb.journal.rules import What
from tesweb.messages.services import Message, enqueue
from tesweb.recovery.rules import OFFICE_COUNTS, OFFICE_LIVES, Way, ways
from tesweb.recovery.services import set_password
from tesweb.recovery.statements import DELETE_PASSKEYS, HOLD_LOCKED, LOCKED_BY, OFFICE_OF, PERSON

#: Who acts by a command; nobody has this id.
SERVER = 0


class NotLocked(LookupError):
    """No cabinet is locked by the request of that number."""


class NotHelped(Exception):
    """It is an operator's cabinet, which opens more than one resident's."""


class NoSuchWay(Exception):
    """There is no contact there that was the owner's before the cabinet was locked."""


class SameOperator(Exception):
    """Whoever started it cannot confirm it."""


class NotStarted(LookupError):
    """Nothing waits to be confirmed or stopped, or it is confirmed already."""


class NotConfirmed(Exception):
    """The code is right, and no second operator has confirmed it yet."""


@dataclass(frozen=True, slots=True)
class Help:
    """What an operator asks for."""

    #: Why: what was shown, the number of the paper.
    ground: str
    way: Way
    #: Whether the second step is lost too and shall be taken off.
    second: bool = False


@dataclass(frozen=True, slots=True)
class Begun:
    """A help that is not over."""

    #: The request that the cabinet is locked by.
    number: int
    ground: str
    way: str
    second: bool
    #: The operator who started it, and who confirmed it; None while nobody has.
    by: int
    confirmed_by: int | None
    until: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """A locked cabinet as the office may know it."""

    user_id: int
    at: datetime
    email: str | None
    phone: str | None
    ways: tuple[Way, ...]
    begun: Begun | None
    is_operator: bool


def case_of(reader: Connection, number: int) -> Case:
    """How it stands with the cabinet locked by that request. Raises NotLocked."""
    person = _person(reader, number, LOCKED_BY)
    found = _begun(reader, person.id)
    return Case(
        person.id,
        person.locked_at,
        person.email,
        person.phone,
        _ways(reader, person),
        found[1] if found else None,
        person.is_operator,
    )


def start(operator_id: int, number: int, wish: Help) -> str:
    """Start it and return the code, which opens nothing before it is confirmed.

    Started again, the former code is worthless. Raises NotLocked, NotHelped or NoSuchWay.
    """
    code = _new_code()
    with core().database.work() as work:
        _start(work, operator_id, number, wish, code)
    return code


def restore(number: int, wish: Help) -> str | None:
    """Start and confirm it at once, as whoever owns the server may; the code to hand over.

    Raises as `start` does.
    """
    code = _new_code()
    with core().database.work() as work:
        person, started = _start(work, SERVER, number, wish, code)
        _confirm(work, person, started, SERVER)
    return code if wish.way is Way.HAND else None


def confirm(operator_id: int, number: int) -> None:
    """Let the code work; one that is to be sent is made anew and sent.

    Raises NotLocked, NotStarted, NotHelped or SameOperator.
    """
    with core().database.work() as work:
        person = _person(work, number)
        _check(person)
        found = _begun(work, person.id)
        if found is None or found[1].confirmed_by is not None:
            raise NotStarted
        if found[1].by == operator_id:
            raise SameOperator
        _confirm(work, person, found, operator_id)


def stop(operator_id: int, number: int) -> None:
    """Make the code worthless. Raises NotLocked or NotStarted."""
    with core().database.work() as work:
        person = _person(work, number)
        if _begun(work, person.id) is None:
            raise NotStarted
        _forget(work, person.id)
        journal.record(work, person.id, What.OFFICE_STOPPED, number=number, operator=operator_id)


def person_of(typed: str) -> Any:  # noqa: ANN401 - a row of PERSON
    """Whose code it is, nothing changed. Raises challenges.Refused or NotConfirmed."""
    with core().database.work() as work:
        return _ripe(work, _by_code(work, typed))


def finish(typed: str, password: str) -> None:
    """Make the password the owner's new one; the cabinet stays locked.

    Raises challenges.Refused or NotConfirmed.
    """
    hashed = hash_password(password)
    with core().database.work() as work:
        found = _by_code(work, typed)
        person = _ripe(work, found)
        challenges.spend(work, found)
        set_password(work, person.id, hashed)
        facts: dict[str, Any] = {"how": "office"}
        if found.payload["second"]:
            for statement in (DELETE_TOTP, DELETE_CODES, DELETE_PASSKEYS):
                work.execute(statement, {"owner": person.id})
            facts["second"] = "off"
        challenges.forget(work, Purpose.OFFICE_STOP, person.id)
        challenges.issue(
            work,
            Purpose.OFFICE_PROOF,
            challenges.token(),
            lifetime=OFFICE_COUNTS,
            bound=False,
            user_id=person.id,
        )
        journal.record(work, person.id, What.PASSWORD_CHANGED, **facts)


def _start(
    work: Connection, operator_id: int, number: int, wish: Help, code: str
) -> tuple[Any, tuple[int, Begun]]:
    person = _person(work, number)
    _check(person)
    open_ways = _ways(work, person)
    if wish.way not in open_ways:
        raise NoSuchWay
    _forget(work, person.id)
    until = core().clock.now() + OFFICE_LIVES
    begun = Begun(number, wish.ground, wish.way.value, wish.second, operator_id, None, until)
    made = _issue(work, person.id, code, begun)
    event = journal.record(
        work,
        person.id,
        What.OFFICE_STARTED,
        number=number,
        operator=operator_id,
        ground=wish.ground,
        way=wish.way.value,
    )
    _tell(work, person, event, begun, open_ways)
    return person, (made, begun)


def _confirm(
    work: Connection,
    person: Any,  # noqa: ANN401 - a row of LOCKED_BY
    found: tuple[int, Begun],
    operator_id: int,
) -> None:
    made, begun = found
    ready = replace(begun, confirmed_by=operator_id)
    if begun.way == Way.HAND:
        challenges.keep(work, Open(made, person.id, None), _payload(ready))
    else:
        challenges.forget(work, Purpose.OFFICE, person.id)
        code = _new_code()
        made = _issue(work, person.id, code, ready)
        _send(work, person, made, code, begun.way)
    journal.record(
        work,
        person.id,
        What.OFFICE_CONFIRMED,
        number=begun.number,
        operator=operator_id,
        way=begun.way,
    )


def _send(work: Connection, person: Any, made: int, code: str, way: str) -> None:  # noqa: ANN401 - a row of LOCKED_BY
    values = {
        "name": person.name,
        "region": person.region or "",
        "path": f"/recover/office?key={code}",
    }
    recipient = person.email if way == Way.EMAIL else person.phone
    expires = core().clock.now() + OFFICE_LIVES
    key = f"office {made} {code}"
    enqueue(work, Message(key, way, recipient, person.language, "office", values, expires))


def _tell(
    work: Connection,
    person: Any,  # noqa: ANN401 - a row of LOCKED_BY
    event: int,
    begun: Begun,
    trusted: Iterable[Way],
) -> None:
    """Each contact hears of it; the link that stops it goes to those that are the owner's."""
    secret = challenges.token()
    challenges.issue(
        work,
        Purpose.OFFICE_STOP,
        secret,
        lifetime=OFFICE_LIVES,
        bound=False,
        user_id=person.id,
    )
    facts: dict[str, Any] = {
        "name": person.name,
        "region": person.region or "",
        "number": begun.number,
        "ground": begun.ground,
    }
    for way, recipient in ((Way.EMAIL, person.email), (Way.SMS, person.phone)):
        if recipient:
            path = f"/recover/stop?key={secret}" if way in trusted else ""
            values = facts | {"path": path}
            key = f"office_started {event} {recipient}"
            text = Message(key, way, recipient, person.language, "office_started", values)
            enqueue(work, text)


def _issue(work: Connection, user_id: int, code: str, begun: Begun) -> int:
    return challenges.issue(
        work,
        Purpose.OFFICE,
        code,
        lifetime=begun.until - core().clock.now(),
        bound=False,
        user_id=user_id,
        payload=_payload(begun),
    )


def _payload(begun: Begun) -> dict[str, Any]:
    found = asdict(begun)
    del found["until"]
    return found


def _begun(reader: Connection, user_id: int) -> tuple[int, Begun] | None:
    asked = {"user_id": user_id, "moment": core().clock.now()}
    row = reader.execute(OFFICE_OF, asked).first()
    return None if row is None else (row.id, Begun(**json.loads(row.payload), until=row.expires_at))


def _by_code(work: Connection, typed: str) -> Open:
    return challenges.by_secret(work, Purpose.OFFICE, digits_of(typed))


def _ripe(work: Connection, found: Open) -> Any:  # noqa: ANN401 - a row of PERSON
    person = work.execute(PERSON, {"user_id": found.user_id}).first()
    locked = work.execute(LOCKED_BY, {"number": found.payload["number"]}).first()
    if person is None or locked is None or locked.id != person.id or locked.is_operator:
        raise Unknown
    if found.payload["confirmed_by"] is None:
        raise NotConfirmed
    return person


def _person(reader: Connection, number: int, asked: Select[Any] = HOLD_LOCKED) -> Any:  # noqa: ANN401 - a row of LOCKED_BY
    person = reader.execute(asked, {"number": number}).first()
    if person is None:
        raise NotLocked(number)
    return person


def _check(person: Any) -> None:  # noqa: ANN401 - a row of LOCKED_BY
    if person.is_operator:
        raise NotHelped


def _ways(reader: Connection, person: Any) -> tuple[Way, ...]:  # noqa: ANN401 - a row of LOCKED_BY
    asked = {"user_id": person.id, "since": person.locked_at - TOO_YOUNG}
    young: frozenset[Kind] = too_young(reader.execute(RENEWALS, asked).scalars())
    return ways(person.email, person.phone, young)


def _forget(work: Connection, user_id: int) -> None:
    for purpose in (Purpose.OFFICE, Purpose.OFFICE_STOP):
        challenges.forget(work, purpose, user_id)


def _new_code() -> str:
    return new_codes()[0]
