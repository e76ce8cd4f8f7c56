"""What a ground has to be: no database."""

import re
from enum import StrEnum

#: As many digits as a passport or a phone has, with whatever stands between them.
_LONG_NUMBER = re.compile(r"(?:\d[\s\-\u2010-\u2015\u2212()]*){10,}")
_SHORTEST, LONGEST = 5, 200


class Flaw(StrEnum):
    """Why a ground is none; the words are for commands."""

    SHORT = "a ground says what was shown and the number of the paper request"
    LONG = "a ground is not longer than 200 characters"
    NUMBER = "a ground has no number of a passport or a phone: the journal cannot forget it"


def flaw_of(ground: str) -> Flaw | None:
    """What is wrong with it; None where nothing is."""
    if len(ground) < _SHORTEST:
        return Flaw.SHORT
    if len(ground) > LONGEST:
        return Flaw.LONG
    return Flaw.NUMBER if _LONG_NUMBER.search(ground) else None
