"""The person's data as a PDF, for whoever reads paper."""

import importlib
import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tesweb.layout.formats import FORMATS
from tesweb.profile.holdings import Holdings
from tesweb.profile.rules import in_words
from tesweb.resources import TEMPLATES

#: How the parts of the file are called.
_TITLES = {
    "person": _l("About you"),
    "consents": _l("Consents"),
    "accounts": _l("Accounts and your role"),
    "readings": _l("Readings that you sent"),
    "devices": _l("Devices where you are signed in"),
    "passkeys": _l("Passkeys"),
    "app_codes": _l("Codes from an app"),
    "recovery_codes": _l("Recovery codes"),
    "locks": _l("Locks of the cabinet"),
    "events": _l("Security journal"),
    "messages": _l("Messages to you"),
}
#: How its columns are called; the same words in every part.
_COLUMNS = {
    "login": _l("Login"),
    "name": _l("Name or title"),
    "email": _l("E-mail"),
    "phone": _l("Phone"),
    "region": _l("Region"),
    "city": _l("City"),
    "language": _l("Language"),
    "created_at": _l("Since"),
    "purpose": _l("Purpose"),
    "version": _l("Version"),
    "given_at": _l("Given"),
    "withdrawn_at": _l("Withdrawn"),
    "number": _l("Number"),
    "address": _l("Address"),
    "role": _l("Role"),
    "nickname": _l("Your name for it"),
    "linked_at": _l("Linked"),
    "receipt": _l("Receipt"),
    "accepted_at": _l("Accepted"),
    "account": _l("Account"),
    "meter": _l("Meter"),
    "zone": _l("Zone"),
    "period": _l("Month"),
    "value": _l("Reading"),
    "state": _l("State"),
    "device": _l("Device"),
    "network": _l("Network"),
    "seen_at": _l("Last seen"),
    "ends_at": _l("Ends"),
    "factors": _l("Signed in with"),
    "used_at": _l("Used"),
    "added_at": _l("Connected"),
    "frozen_at": _l("Locked"),
    "readings_since": _l("Readings in doubt since"),
    "wants_control": _l("Control reading"),
    "lifted_at": _l("Unlocked"),
    "happened_at": _l("When"),
    "what": _l("What happened"),
    "detail": _l("Details"),
    "channel": _l("Channel"),
    "recipient": _l("To"),
}


def as_pdf(holdings: Holdings, made_at: datetime, language: str, zone: ZoneInfo) -> bytes:
    """The file for a person."""
    document = {
        "title": _("My data"),
        "made": FORMATS[language].moment(made_at, zone),
        "nothing": _("Nothing"),
        "language": language,
        "parts": [_part(name, rows, language, zone) for name, rows in holdings.items()],
    }
    # The compiler takes 0.1 s to load, which no start of the server shall pay for.
    typst = importlib.import_module("typst")
    text = json.dumps(document, ensure_ascii=False)
    page = TEMPLATES / "profile" / "data.typ"
    made: bytes = typst.compile(page, sys_inputs={"document": text}, ignore_system_fonts=True)
    return made


def _part(
    name: str, rows: list[dict[str, Any]], language: str, zone: ZoneInfo
) -> dict[str, object]:
    # What a message was called inside is for programs.
    columns = [column for column in rows[0] if column != "template"] if rows else []
    return {
        "title": str(_TITLES[name]),
        # One thing is read line by line, many are compared side by side.
        "is_one": name == "person",
        "columns": [str(_COLUMNS[column]) for column in columns],
        "rows": [
            [_shown(column, row[column], language, zone) for column in columns] for row in rows
        ],
    }


def _shown(column: str, value: object, language: str, zone: ZoneInfo) -> str:
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, datetime):
        return FORMATS[language].moment(value, zone)
    if isinstance(value, date):
        return FORMATS[language].month(value)
    if isinstance(value, Decimal):
        return FORMATS[language].kwh(value)
    if isinstance(value, dict):
        value = ", ".join(f"{key}: {each}" for key, each in value.items())
    return in_words(column, str(value or "—"))
