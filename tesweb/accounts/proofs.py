"""Proof that an account is somebody's own: the one door through which an address is given away.

An unknown number and a wrong answer are one thing, cost the same statements, and are counted the
same: five wrong ones of a number in a day, whoever gives them and from wherever.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from flask import has_request_context, request
from sqlalchemy import Connection

from tesweb.accounts.models import Proof
from tesweb.accounts.rules import Evidence, mask_address, proved
from tesweb.accounts.statements import (
    ACCOUNT_BY_NUMBER,
    LAST_PAYMENTS,
    SERIALS_OF_ACCOUNT,
)
from tesweb.current import core
from tesweb.identity.challenges import digest
from tesweb.identity.limits import count, give_back, network_of
from tesweb.regions.region import Region

#: Wrong proofs of one number, from anywhere, after which the right one is not looked at either.
MOST_WRONG = 5
#: Those of one network, of whichever numbers: one guess tried on every number in town. Neighbours
#: share the network of a mobile operator, so it is far above what they get wrong.
MOST_WRONG_OF_NETWORK = 300
_WITHIN = timedelta(days=1)
#: No account has it.
_NOBODYS = 0


class NotProved(Exception):
    """There is no such account, or an answer is wrong; which of the two is not told."""


class TooManyProofs(Exception):
    """The number, or the network, has had its wrong proofs for today."""


@dataclass(frozen=True, slots=True)
class Proved:
    """An account that somebody has proved to be theirs."""

    account_id: int
    #: Enough to know it again.
    masked_address: str
    #: Whether more was proved than is asked, so that no owner's consent is needed.
    is_full: bool


def kinds_of(region: Region) -> tuple[Proof, ...]:
    """What the region asks for, in its order; all of it has to be right."""
    return region.facts.proof.asks


def full_kinds_of(region: Region) -> tuple[Proof, ...]:
    """What makes a proof full: all that is asked, and one kind more."""
    asked = kinds_of(region)
    return asked + tuple(kind for kind in Proof if kind not in asked)[:1]


def check(region: Region, number: str, answers: Mapping[Proof, str]) -> Proved:
    """Whose account it is proved to be; `number` is canonical, `Region.account_number` of it.

    One transaction of its own, so that a wrong answer stays counted whatever the caller does: call
    it outside of a unit of work. Raises NotProved or TooManyProofs.
    """
    with core().database.work() as work:
        outcome = _judged(work, region, number, answers)
    if isinstance(outcome, Proved):
        return outcome
    raise outcome


def _judged(
    work: Connection, region: Region, number: str, answers: Mapping[Proof, str]
) -> Proved | NotProved | TooManyProofs:
    """Count first, then look: guesses at the same moment wait for each other at the count."""
    limits = _limits(region, number)
    now = core().clock.now()
    tried = [count(work, key, now, _WITHIN) <= most for key, most in limits]
    if not all(tried):
        return TooManyProofs()
    row = work.execute(ACCOUNT_BY_NUMBER, {"region": region.name, "number": number}).first()
    account_id, address, code = row or (_NOBODYS, "", None)
    right = proved(_evidence(work, account_id, code), answers)
    given = {kind for kind, answer in answers.items() if answer.strip()} | set(kinds_of(region))
    masked = mask_address(address)
    if account_id == _NOBODYS or not given <= right:
        return NotProved()
    for key, _ in limits:
        give_back(work, key)
    return Proved(account_id, masked, is_full=right >= set(full_kinds_of(region)))


def _limits(region: Region, number: str) -> list[tuple[str, int]]:
    whose = digest(f"proof {region.name} {number}").hex()
    network = network_of(request.remote_addr or "") if has_request_context() else "none"
    return [
        (f"proof network {network}", MOST_WRONG_OF_NETWORK),
        (f"proof {whose}", MOST_WRONG),
    ]


def _evidence(work: Connection, account_id: int, code: str | None) -> Evidence:
    asked = {"account_id": account_id}
    return Evidence(
        (code,) if code else (),
        tuple(work.execute(SERIALS_OF_ACCOUNT, asked).scalars()),
        tuple(work.execute(LAST_PAYMENTS, asked).scalars()),
    )
