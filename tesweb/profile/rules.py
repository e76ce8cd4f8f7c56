"""How the pages and the papers call what the database holds."""

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from tesweb.accounts.models import Role
from tesweb.journal.wording import sentence
from tesweb.meters.models import State, Zone

#: Without this consent there can be no cabinet.
PERSONAL_DATA = "personal_data"
#: The purposes of consents.
PURPOSES = {
    PERSONAL_DATA: _l("Processing of personal data, without which there is no cabinet"),
}
_WORDS: dict[str, dict[str, LazyString]] = {
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
}


def in_words(column: str, value: str) -> str:
    """A value of the database in words; itself where it has none."""
    if column == "what":
        return str(sentence(value))
    return str(_WORDS.get(column, {}).get(value, value))
