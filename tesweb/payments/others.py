"""Paying for an account that is not one's own: found by its number, and nothing of it is shown.

Whoever pays gets no access to the account: a ticket that this server has signed names it, for this
payer and a day, and what was paid stands in the payer's own history.
"""

from datetime import timedelta

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from tesweb.accounts.models import Role
from tesweb.accounts.rules import mask_address, unbroken
from tesweb.accounts.statements import ACCOUNT_BY_NUMBER, LinkedAccount
from tesweb.current import connection, core
from tesweb.identity.limits import count, network_of
from tesweb.identity.statements import Visitor
from tesweb.money import Kopecks
from tesweb.payments.statements import ACCOUNT
from tesweb.regions.accounts import BadAccount

#: Numbers that one person, and one network, may look for in a day: a family's, and no list.
_MOST, _MOST_OF_NETWORK = 20, 100
_DAY = timedelta(days=1)
_SALT = "tesweb pay for another"


class NoAccount(Exception):
    """Nobody has this number; the argument says what to do."""


class TooMany(Exception):
    """This person or network has looked for enough numbers today."""


def find(person: Visitor, region: str, typed: str) -> str:
    """The ticket for the account of a number. Raises BadAccount, NoAccount or TooMany."""
    branch = core().regions.get(region)
    if branch is None:
        raise NoAccount(region)
    number = branch.account_number(typed)
    _count(person)
    asked = {"number": number, "region": region}
    row = connection().execute(ACCOUNT_BY_NUMBER, asked).first()
    if row is None:
        raise NoAccount(number)
    now = core().clock.now()
    return str(_signer().dumps([row.id, person.id, int((now + _DAY).timestamp())]))


def of_ticket(person: Visitor, ticket: str) -> LinkedAccount | None:
    """The account as its payer sees it: number and masked address; None for another's ticket."""
    try:
        account_id, whose, until = _signer().loads(ticket)
    except (BadSignature, ValueError, TypeError):
        return None
    if whose != person.id or until < core().clock.now().timestamp():
        return None
    row = connection().execute(ACCOUNT, {"account_id": account_id}).first()
    if row is None:
        return None
    address = mask_address(row.address)
    return LinkedAccount(row.id, row.number, address, row.region, "", Kopecks(0), None, Role.PAYER)


def shown_address(person: Visitor, account_id: int, address: str) -> str:
    """An account's address, masked for whoever has no access to it."""
    return unbroken(address) if person.account(account_id) else mask_address(address)


def _count(person: Visitor) -> None:
    now, network = core().clock.now(), network_of(request.remote_addr or "")
    limits = {f"pay for {person.id}": _MOST, f"pay from {network}": _MOST_OF_NETWORK}
    with core().database.work() as work:
        tried = [count(work, key, now, _DAY) <= most for key, most in limits.items()]
    if not all(tried):
        raise TooMany


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt=_SALT)


__all__ = ["BadAccount", "NoAccount", "TooMany", "find", "of_ticket", "shown_address"]
