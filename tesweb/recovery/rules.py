"""How long the ways back in are open, how often they may be tried, and where a code may go."""

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum

from tesweb.freeze.rules import Kind

#: How long the link in the letter works.
LINK_LIVES = timedelta(hours=1)
#: What one network may ask for within an hour; neighbours share one.
MOST_OF_NETWORK = 30
#: What may be asked for one name within an hour, whether anybody has it or not.
MOST_OF_NAME = 5
WITHIN = timedelta(hours=1)
#: An account that was linked later proves nothing: whoever got in may have linked their own.
OLD_ENOUGH = timedelta(days=7)
#: How long a new contact waits, so that the owner hears of it on every old one and can stop it.
ACCESS_WAITS = timedelta(hours=72)
#: How long its link works after that.
ACCESS_LIVES = timedelta(days=7)
#: How long a second operator may take, and then the code of the office works.
OFFICE_LIVES = timedelta(days=1)
#: How long the office's word counts once the password was set by it.
OFFICE_COUNTS = timedelta(days=1)


class Way(StrEnum):
    """How the office's code gets to the person."""

    #: On paper, to whoever stands there.
    HAND = "hand"
    EMAIL = "email"
    SMS = "sms"


_KINDS = {Way.EMAIL: Kind.EMAIL, Way.SMS: Kind.SMS}


def ways(email: str | None, phone: str | None, young: Iterable[Kind]) -> tuple[Way, ...]:
    """The ways that lead to the owner: a contact exchanged before the locking may be a thief's."""
    known = {Way.EMAIL: email, Way.SMS: phone}
    lost = set(young)
    return (Way.HAND, *(way for way, to in known.items() if to and _KINDS[way] not in lost))
