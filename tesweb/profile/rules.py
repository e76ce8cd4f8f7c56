"""How consents stand, and how the pages and the papers call what the database holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from tesweb.accounts.models import Role
from tesweb.journal.wording import ENDINGS, sentence
from tesweb.meters.models import State, Zone
from tesweb.payments.wording import BRANDS, STATES, WAYS
from tesweb.registration.rules import DOCUMENTS, Document

#: The purposes of consents.
PURPOSES = {
    "personal_data": _l("Processing of personal data, without which there is no cabinet"),
}
_WORDS: dict[str, Mapping[str, LazyString | str]] = {
    "purpose": PURPOSES,
    "role": {
        Role.OWNER: _l("the owner"),
        Role.PAYER: _l("pays and sends readings"),
        Role.READER: _l("only looks"),
    },
    "zone": {
        Zone.SINGLE: _l("the whole day"),
        Zone.DAY: _l("day zone"),
        Zone.NIGHT: _l("night zone"),
        Zone.PEAK: _l("peak zone"),
        Zone.HALF_PEAK: _l("half-peak zone"),
    },
    "language": {"ru": _l("Russian"), "en": _l("English")},
    "channel": {"email": _l("e-mail"), "sms": _l("text message")},
    "factors": {
        "password": _l("password"),
        "passkey": _l("passkey"),
        "password totp": _l("password and a code from an app"),
        "password code": _l("password and a recovery code"),
    },
    "state": {
        State.ACCEPTED: _l("it counts"),
        State.SUPERSEDED: _l("replaced by a newer one"),
        State.QUARANTINED: _l("in doubt, does not count"),
    },
    "payment_state": {state.value: words for state, (words, _colour) in STATES.items()},
    "way": {way.value: words for way, words in WAYS.items()},
    "kind": {
        "fixed": _l("the same sum each month"),
        "bill": _l("the bill, up to the sum"),
    },
    "end_reason": ENDINGS,
    "brand": BRANDS,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody's consents to one purpose stand."""

    purpose: str
    #: Every giving, the oldest first: rows of CONSENTS.
    given: tuple[Any, ...]
    #: The wording that may be consented to; None where it is in force.
    asked: Document | None

    @property
    def is_given(self) -> bool:
        """There is one to withdraw, if only in an older wording."""
        return any(row.withdrawn_at is None for row in self.given)


def standing_of(asked: Document, rows: Sequence[Any]) -> Standing:
    """How consents to the document's purpose stand, among rows of CONSENTS."""
    given = tuple(row for row in rows if row.purpose == asked.purpose)
    in_force = any(row.withdrawn_at is None and row.version == asked.version for row in given)
    return Standing(asked.purpose, given, None if in_force else asked)


def standings(rows: Sequence[Any]) -> list[Standing]:
    """How all consents stand; those to what is not asked for any more come last."""
    current = [standing_of(each, rows) for each in DOCUMENTS]
    past = sorted({row.purpose for row in rows} - {each.purpose for each in DOCUMENTS})
    of_past = ((name, tuple(row for row in rows if row.purpose == name)) for name in past)
    return current + [Standing(name, given, None) for name, given in of_past]


def in_words(column: str, value: str) -> str:
    """A value of the database in words; itself where it has none."""
    if column == "what":
        return str(sentence(value))
    return str(_WORDS.get(column, {}).get(value, value))
