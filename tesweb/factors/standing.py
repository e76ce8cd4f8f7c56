"""Which further proofs a user has set up, and what follows from it."""

from dataclasses import dataclass

from sqlalchemy import Connection

from tesweb.factors.statements import END_OTHER_SESSIONS, STANDING
from tesweb.identity.session import current_session, hash_of
from tesweb.identity.statements import Visitor


@dataclass(frozen=True, slots=True)
class Standing:
    """What a user has besides the password."""

    passkeys: int
    has_app: bool
    #: How many recovery codes there are, used or not; none before one has proved they were saved.
    codes: int
    codes_left: int
    #: Whether each passkey lives on one device alone, which can be lost.
    is_lonely: bool

    @property
    def needs_codes(self) -> bool:
        """Whether one lost phone would lock the owner out."""
        return not self.codes and (self.has_app or self.is_lonely)

    @property
    def has_any(self) -> bool:
        """Whether there is a second factor."""
        return self.passkeys > 0 or self.has_app


def standing_of(reader: Connection, user_id: int) -> Standing:
    """What the user has."""
    passkeys, kept, apps, codes, left = reader.execute(STANDING, {"user_id": user_id}).one()
    return Standing(passkeys, apps > 0, codes, int(left or 0), passkeys > 0 and not kept)


def guard_operator(work: Connection, person: Visitor) -> None:
    """An operator's sessions from before a factor was set up have proved too little: they end."""
    if person.is_operator:
        here = hash_of(current_session().sid)
        work.execute(END_OTHER_SESSIONS, {"owner": person.id, "here": here})
