"""What the journal says besides: the facts of an event as one plain sentence."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_babel.speaklater import LazyString

from tesweb.journal.wording import ending

#: Writes a moment as the page does.
Moment = Callable[[datetime], str]

#: What a session or an unlocking was proved by.
_PROOFS = {
    "password": _l("password"),
    "passkey": _l("passkey"),
    "totp": _l("code of the app"),
    "app": _l("code of the app"),
    "code": _l("recovery code"),
    "email": _l("code by e-mail"),
    "sms": _l("code by text message"),
    "account": _l("data from the bill"),
    "office": _l("our office"),
}
_ROLES = {"owner": _l("Owner"), "payer": _l("Payer"), "reader": _l("Observer")}
_HOW = {
    "recovery": _l("by a link from a message"),
    "office": _l("by a code of our office"),
}
_BY = {
    "link": _l("by the link in a message"),
    "sign_in": _l("because you signed in"),
}
_WAYS = {
    "email": _l("by e-mail"),
    "phone": _l("by phone"),
    "sms": _l("by text message"),
    "hand": _l("on paper, from hand to hand"),
}
#: The office itself, by a command: no operator has this number.
_SERVER = 0


def in_words(text: str, moment: Moment) -> str:
    """The facts in a sentence; empty where there are none that say anything."""
    detail = json.loads(text)
    said = "; ".join(_phrases(detail, moment)) if isinstance(detail, dict) else ""
    return f"{said[:1].upper()}{said[1:]}." if said else ""


def _phrases(detail: Mapping[str, Any], moment: Moment) -> Iterator[str]:
    """A phrase for each fact that is known to this version, in one order."""
    for key, phrase in _PHRASES.items():
        if key in detail:
            found = phrase(detail[key])
            if found:
                yield found
    if "ready" in detail:
        ready = moment(datetime.fromisoformat(str(detail["ready"])))
        yield _("possible from %(moment)s", moment=ready)


def _list(known: Mapping[str, LazyString]) -> Callable[[object], str]:
    return lambda value: ", ".join(str(known[one]) for one in str(value).split() if one in known)


def _operator(value: object) -> str:
    if value == _SERVER:
        return str(_("by our office"))
    return str(_("by operator No. %(number)s of our office", number=value))


def _left(value: object) -> str:
    count = int(str(value))
    return str(ngettext("%(num)s code is left", "%(num)s codes are left", count))


def _held(value: object) -> str:
    count = int(str(value))
    return (
        str(ngettext("%(num)s reading on hold", "%(num)s readings on hold", count)) if count else ""
    )


def _devices(value: object) -> str:
    count = int(str(value))
    return str(ngettext("%(num)s device", "%(num)s devices", count))


#: In the order in which a person would say them.
_PHRASES: Mapping[str, Callable[[object], str]] = {
    "factors": _list(_PROOFS),
    "factor": lambda value: _("the code of the second step was wrong") if value == "code" else "",
    "how": _list(_HOW),
    "way": _list(_WAYS),
    "number": lambda value: _("locking request No. %(number)s", number=value),
    "receipt": lambda value: _("receipt No. %(number)s", number=value),
    "about": str,
    "why": lambda value: str(ending(str(value))).rstrip("."),
    "account": lambda value: _("account %(number)s", number=value),
    "page": lambda value: _("page %(address)s", address=value),
    "member": str,
    "role": lambda value: _("role: %(role)s", role=_list(_ROLES)(value)),
    "passkey": lambda value: _("its name: %(name)s", name=value),
    "device": str,
    "count": _devices,
    "left": _left,
    "readings": _held,
    "proofs": lambda value: _("proofs: %(proofs)s", proofs=_list(_PROOFS)(value)),
    "kind": lambda value: str(value).upper(),
    "now": lambda value: _("now %(contact)s", contact=value),
    "to": lambda value: _("to %(contact)s", contact=value),
    "told": lambda value: _("told at %(contacts)s", contacts=value),
    "second": lambda _value: _("the second step was taken off"),
    "by": _list(_BY),
    "operator": _operator,
    "ground": lambda value: _("ground: %(ground)s", ground=value),
}
