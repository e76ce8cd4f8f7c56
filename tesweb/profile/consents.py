"""Giving consents and taking them back; a row is a consent from its giving to its withdrawal."""

from tesweb.current import core
from tesweb.identity.statements import Visitor
from tesweb.journal import services as journal
from tesweb.journal.rules import What
from tesweb.profile.rules import standing_of
from tesweb.profile.statements import CONSENTS, HOLD_PERSON, WITHDRAW
from tesweb.registration.rules import document
from tesweb.registration.statements import INSERT_CONSENT


class Reworded(Exception):
    """The wording that was shown is not the one that is asked for."""


def give(person: Visitor, purpose: str, version: str) -> None:
    """Consent to a purpose in a wording; once more is nothing new. Raises Reworded."""
    asked = document(purpose)
    if asked is None or asked.version != version:
        raise Reworded
    me = {"user_id": person.id}
    with core().database.work() as work:
        work.execute(HOLD_PERSON, me)
        if standing_of(asked, work.execute(CONSENTS, me).all()).asked is None:
            return
        work.execute(INSERT_CONSENT, asked.given(person.id, core().clock.now()))
        journal.record(work, person.id, What.CONSENT_GIVEN, purpose=purpose, version=version)


def withdraw(person: Visitor, purpose: str) -> None:
    """Withdraw the consent to a purpose; nothing where there is none."""
    with core().database.work() as work:
        values = {"owner": person.id, "wanted": purpose, "moment": core().clock.now()}
        if work.execute(WITHDRAW, values).rowcount:
            journal.record(work, person.id, What.CONSENT_WITHDRAWN, purpose=purpose)
