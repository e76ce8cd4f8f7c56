"""What locks a cabinet and what opens it again: pure decisions."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import StrEnum

from tesweb.journal.rules import What

#: So many proofs of different kinds open a locked cabinet.
ENOUGH = 2
#: Whoever got in may have exchanged what proves the owner; what is younger than this when the
#: cabinet is locked proves nothing. As long as the link in a message about it works.
TOO_YOUNG = timedelta(days=7)


class Kind(StrEnum):
    """A kind of proof."""

    PASSWORD = "password"  # noqa: S105 - no password
    PASSKEY = "passkey"
    APP = "app"
    EMAIL = "email"
    SMS = "sms"
    ACCOUNT = "account"
    #: The supplier's own people have seen who it is.
    OFFICE = "office"


#: What makes a proof too young to count.
RENEWED: Mapping[Kind, frozenset[What]] = {
    Kind.PASSWORD: frozenset({What.PASSWORD_CHANGED, What.RECOVERED}),
    Kind.PASSKEY: frozenset({What.PASSKEY_ADDED}),
    Kind.APP: frozenset({What.TOTP_ADDED}),
    # Who comes back without the old mail brings a new address, and needs a proof of the account.
    Kind.EMAIL: frozenset({What.EMAIL_CHANGED, What.RECOVERED}),
    Kind.SMS: frozenset({What.PHONE_CHANGED}),
    Kind.ACCOUNT: frozenset({What.RECOVERED}),
    Kind.OFFICE: frozenset(),
}
#: What a session's factors prove. A recovery code is found with the papers, so it proves nothing.
_OF_SESSION = {"password": Kind.PASSWORD, "passkey": Kind.PASSKEY, "totp": Kind.APP}


def kinds_of(factors: str) -> frozenset[Kind]:
    """The kinds of proof that a session's factors are."""
    return frozenset(_OF_SESSION[each] for each in factors.split() if each in _OF_SESSION)


def too_young(happened: Iterable[str]) -> frozenset[Kind]:
    """The kinds that do not count, from the events since `TOO_YOUNG` before the locking."""
    known = set(happened)
    return frozenset(kind for kind, events in RENEWED.items() if events & known)


def opens(kinds: Iterable[Kind]) -> bool:
    """Whether these proofs open a locked cabinet."""
    return len(set(kinds)) >= ENOUGH
