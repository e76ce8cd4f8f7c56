"""Codes that are typed: of an app and on paper, to set them up and to sign in with."""

import hmac
import logging
from base64 import b64decode, b64encode
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection

from tesweb.current import core
from tesweb.factors import late
from tesweb.factors.rules import (
    Verdict,
    digits_of,
    far_steps,
    is_app_code,
    is_paper_code,
    near_steps,
    new_codes,
)
from tesweb.factors.standing import guard_operator, standing_of
from tesweb.factors.statements import (
    CODE_USED,
    CODES_OF_USER,
    DELETE_CODES,
    DELETE_TOTP,
    INSERT_CODE,
    INSERT_TOTP,
    TOTP_OF_USER,
    TOTP_USED,
)
from tesweb.identity import challenges
from tesweb.identity.challenges import TRIES, Purpose, Refused
from tesweb.identity.limits import count
from tesweb.identity.policy import STRONG
from tesweb.identity.services import admit, enter, prove_again
from tesweb.identity.statements import Visitor
from tesweb.journal import services as journal
from tesweb.journal.rules import What

log = logging.getLogger(__name__)

_APP_WAITS = timedelta(minutes=15)
_PAPER_WAITS = timedelta(hours=1)
#: How many codes of one user may be tried, whoever tries and wherever: 50 a day of a million.
_LIMITS = ((5, timedelta(minutes=5)), (20, timedelta(hours=1)), (50, timedelta(days=1)))
#: The least that Argon2id takes sensibly: the codes are random, nobody can guess 66 bits.
_hasher = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)


def begin_app(user_id: int) -> None:
    """Make a secret for an app; it proves nothing before a code of it was typed."""
    sealed = b64encode(late.apps.seal(late.apps.new_secret(), user_id)).decode()
    with core().database.work() as work:
        challenges.issue(
            work,
            Purpose.TOTP_MAKE,
            challenges.token(),
            lifetime=_APP_WAITS,
            user_id=user_id,
            payload={"secret": sealed},
        )


def begun_app(user_id: int) -> str | None:
    """The secret that waits for its first code, if one does."""
    with core().database.work() as work:
        return _begun(work, user_id)


def add_app(person: Visitor, typed: str) -> Verdict:
    """Keep the app whose code was typed: RIGHT, WRONG, CLOCK_OFF or OVER."""
    with core().database.work() as work:
        secret = _begun(work, person.id)
        if secret is None:
            return Verdict.OVER
        step = _step(secret, typed)
        if step is None:
            return Verdict.CLOCK_OFF if _is_clock_off(secret, typed) else Verdict.WRONG
        values = {"user_id": person.id, "secret": late.apps.seal(secret, person.id)}
        before = standing_of(work, person.id)
        work.execute(DELETE_TOTP, {"owner": person.id})
        work.execute(INSERT_TOTP, values | {"counter": step, "added_at": core().clock.now()})
        challenges.forget(work, Purpose.TOTP_MAKE, person.id)
        journal.record(work, person.id, What.TOTP_ADDED)
        guard_operator(work, person)
    if not before.has_any and person.factors not in STRONG:
        prove_again(person.id, "password totp")  # both were typed within minutes
    return Verdict.RIGHT


def remove_app(user_id: int) -> None:
    """Ask for no code any more."""
    with core().database.work() as work:
        if work.execute(DELETE_TOTP, {"owner": user_id}).rowcount != 1:
            return
        journal.record(work, user_id, What.TOTP_REMOVED)
        if not standing_of(work, user_id).has_any:
            work.execute(DELETE_CODES, {"owner": user_id})  # there is nothing left to replace


def make_codes(user_id: int) -> list[str]:
    """A new set of recovery codes; the old one works until one of these has been typed."""
    made = new_codes()
    hashes = [_hasher.hash(code) for code in made]
    with core().database.work() as work:
        challenges.forget(work, Purpose.CODES_MAKE, user_id)
        challenges.issue(
            work,
            Purpose.CODES_MAKE,
            challenges.token(),
            lifetime=_PAPER_WAITS,
            user_id=user_id,
            payload={"hashes": hashes},
        )
    return made


def are_codes_waiting(user_id: int) -> bool:
    """Whether a set was made here and none of it typed yet."""
    with core().database.work() as work:
        try:
            return challenges.of_browser(work, Purpose.CODES_MAKE).user_id == user_id
        except Refused:
            return False


def prove_codes(user_id: int, typed: str) -> Verdict:
    """The set counts from the moment that one code of it is used up: RIGHT, WRONG or OVER."""
    digits = digits_of(typed)
    with core().database.work() as work:
        try:
            found = challenges.of_browser(work, Purpose.CODES_MAKE)
        except Refused:
            return Verdict.OVER
        if found.user_id != user_id:
            return Verdict.OVER
        hashes: list[str] = found.payload["hashes"]
        right = [_is_code(kept, digits) for kept in hashes]
        if not any(right):
            return Verdict.WRONG
        challenges.spend(work, found)
        now = core().clock.now()
        rows = [
            {
                "user_id": user_id,
                "number": place,
                "code_hash": kept,
                "used_at": now if is_typed else None,
            }
            for place, (kept, is_typed) in enumerate(zip(hashes, right, strict=True), start=1)
        ]
        work.execute(DELETE_CODES, {"owner": user_id})
        work.execute(INSERT_CODE, rows)
        journal.record(work, user_id, What.CODES_MADE)
    return Verdict.RIGHT


def try_code(work: Connection, user_id: int, typed: str) -> tuple[Verdict, str]:
    """Judge a code of the app or on paper and name the factor, `totp` or `code`.

    RIGHT uses it up. Counted for the user, whatever it is for: RIGHT, WRONG, USED or TOO_OFTEN.
    """
    digits = digits_of(typed)
    if not _may_try(work, user_id):
        return Verdict.TOO_OFTEN, ""
    verdict, factor = Verdict.WRONG, ""
    if is_app_code(digits):
        verdict, factor = _try_app(work, user_id, digits), "totp"
    elif is_paper_code(digits):
        verdict, factor = _try_paper(work, user_id, digits), "code"
    if verdict is Verdict.RIGHT:
        _count(work, user_id, -1)  # the owner may sign in as often as needed
    return verdict, factor


def waiting(work: Connection) -> challenges.Open | None:
    """Whose password was right in this browser, where the second factor is still to come."""
    try:
        return challenges.of_browser(work, Purpose.SECOND_FACTOR)
    except Refused:
        return None


def sign_in_with(typed: str) -> tuple[Verdict, str]:
    """Finish a sign-in with a code; with RIGHT comes where the person was going."""
    with core().database.work() as work:
        found = waiting(work)
        if found is None or found.user_id is None:
            return Verdict.OVER, ""
        user_id, wanted = found.user_id, str(found.payload.get("next", ""))
        verdict, factor = try_code(work, user_id, typed)
        if verdict is not Verdict.RIGHT:
            return _missed(work, found, verdict), wanted
        challenges.spend(work, found)
        sid = admit(work, user_id, f"password {factor}")
    enter(sid)
    return Verdict.RIGHT, wanted


def _missed(work: Connection, found: challenges.Open, verdict: Verdict) -> Verdict:
    """Count a code that does not fit; after the last one the password is asked for anew."""
    wrong = int(found.payload.get("wrong", 0)) + 1
    challenges.keep(work, found, found.payload | {"wrong": wrong})
    if found.user_id is not None and verdict is Verdict.WRONG:
        journal.record(work, found.user_id, What.FACTOR_FAILED)
    if wrong < TRIES:
        return verdict
    challenges.spend(work, found)
    return Verdict.OVER


def _begun(work: Connection, user_id: int) -> str | None:
    try:
        found = challenges.of_browser(work, Purpose.TOTP_MAKE)
    except Refused:
        return None
    if found.user_id != user_id:
        return None
    return late.apps.unseal(b64decode(found.payload["secret"]), user_id)


def _try_app(work: Connection, user_id: int, digits: str) -> Verdict:
    row = work.execute(TOTP_OF_USER, {"user_id": user_id}).first()
    try:
        step = None if row is None else _step(late.apps.unseal(row.secret, user_id), digits)
    except LookupError:
        log.exception("a code of an app cannot be checked; codes on paper still can")
        step = None
    if step is None:
        return Verdict.WRONG
    is_first = work.execute(TOTP_USED, {"owner": user_id, "step": step}).rowcount == 1
    return Verdict.RIGHT if is_first else Verdict.USED


def _try_paper(work: Connection, user_id: int, digits: str) -> Verdict:
    rows = work.execute(CODES_OF_USER, {"user_id": user_id}).all()
    # Every one is looked at, so that the time does not tell which place fitted.
    fitting = [row for row in rows if _is_code(row.code_hash, digits)]
    if not fitting:
        return Verdict.WRONG
    place, now = fitting[0].number, core().clock.now()
    values = {"owner": user_id, "place": place, "moment": now}
    if work.execute(CODE_USED, values).rowcount != 1:
        return Verdict.USED
    left = sum(1 for row in rows if row.used_at is None) - 1
    journal.record(work, user_id, What.CODE_USED, left=left)
    return Verdict.RIGHT


def _step(secret: str, typed: str) -> int | None:
    """The half minute whose code was typed, if it is near enough."""
    return _fitting(secret, typed, list(near_steps(core().clock.now())))


def _is_clock_off(secret: str, typed: str) -> bool:
    return _fitting(secret, typed, list(far_steps(core().clock.now()))) is not None


def _fitting(secret: str, typed: str, steps: list[int]) -> int | None:
    digits = digits_of(typed)
    if not is_app_code(digits):
        return None
    fits = [step for step in steps if hmac.compare_digest(late.apps.code_at(secret, step), digits)]
    return fits[0] if fits else None


def _is_code(kept: str, digits: str) -> bool:
    if not is_paper_code(digits):
        return False
    try:
        return _hasher.verify(kept, digits)
    except (VerificationError, InvalidHashError):
        return False


def _may_try(work: Connection, user_id: int) -> bool:
    return all(sum_ <= most for sum_, (most, _) in zip(_count(work, user_id), _LIMITS, strict=True))


def _count(work: Connection, user_id: int, amount: int = 1) -> list[int]:
    now = core().clock.now()
    return [count(work, f"code {user_id} {most}", now, window, amount) for most, window in _LIMITS]
