"""After a sign-in by password, a word about passkeys; whoever waves it away hears no more."""

from flask import request

from tesweb.accounts.statements import LinkedAccount
from tesweb.current import connection
from tesweb.database.rows import fetch
from tesweb.factors.statements import PASSKEYS_OF_USER
from tesweb.hookspecs import Card, hookimpl
from tesweb.identity.policy import visitor_or_none

#: Where a browser remembers that its owner wants to hear no more of passkeys.
OFFER_COOKIE = "__Host-passkey-offer"
#: After everything that is about the account.
_LAST = 900


@hookimpl
def dashboard_cards(account: LinkedAccount) -> list[Card]:
    """The offer, for whoever came in with a password and has no passkey."""
    del account
    person = visitor_or_none()
    if person is None or not person.factors.startswith("password"):
        return []
    if OFFER_COOKIE in request.cookies:
        return []
    if fetch(connection(), PASSKEYS_OF_USER, {"user_id": person.id}):
        return []
    return [Card("factors/offer_card.html", order=_LAST)]
