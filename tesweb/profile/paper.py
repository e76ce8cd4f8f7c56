"""The person's data as a PDF, for whoever reads paper."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tesweb import pdf
from tesweb.layout.formats import FORMATS
from tesweb.money import Kopecks, format_rubles
from tesweb.profile.holdings import Holdings
from tesweb.profile.protocol import InWords, PersonalData, PersonalFile
from tesweb.profile.rules import in_words

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
    "payments": _l("Payments that you made here"),
    "cards": _l("Saved cards"),
    "autopays": _l("Autopay"),
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
    "begun_at": _l("Begun"),
    "sum": _l("Sum"),
    "fee": _l("Fee"),
    "payment_state": _l("State"),
    "paid_at": _l("Paid"),
    "way": _l("How"),
    "gateway": _l("Bank"),
    "brand": _l("Card"),
    "last4": _l("Last four digits"),
    "contact": _l("Where to send the receipt"),
    "saved_at": _l("Saved"),
    "kind": _l("How much"),
    "day": _l("Day of the month"),
    "started_at": _l("Since"),
    "ended_at": _l("Ends"),
    "end_reason": _l("Why it ended"),
    "channel": _l("Channel"),
    "recipient": _l("To"),
}


class Paper:
    """The file for a person, in one language and by one clock."""

    def __init__(self, language: str, zone: ZoneInfo) -> None:
        """Take the language of the person and the clock of the region."""
        self._language = language
        self._formats = FORMATS[language]
        self._zone = zone

    def print(
        self,
        holdings: Holdings,
        of_plugins: list[dict[str, object]],
        missing: list[str],
        made_at: datetime,
    ) -> bytes:
        """The PDF; `missing` are plugins whose part could not be told."""
        document = {
            "title": _("My data"),
            "made": self._formats.moment(made_at, self._zone),
            "missing": _not_told(missing) if missing else "",
            "nothing": _("Nothing"),
            "language": self._language,
            "parts": [self._part(name, rows) for name, rows in holdings.items()] + of_plugins,
        }
        return pdf.made("profile/data.typ", document)

    def of_plugin(self, part: PersonalData) -> dict[str, object]:
        """A plugin's list as the paper has it."""
        rows = [zip(part.columns, row, strict=True) for row in part.rows]
        return {
            "title": str(part.title),
            "is_one": False,
            "columns": [str(heading) for heading in part.columns.values()],
            "rows": [[self._told(value) for _name, value in row] for row in rows],
        }

    def _part(self, name: str, rows: list[dict[str, Any]]) -> dict[str, object]:
        # What a message was called inside is for programs.
        columns = [column for column in rows[0] if column != "template"] if rows else []
        return {
            "title": str(_TITLES[name]),
            # One thing is read line by line, many are compared side by side.
            "is_one": name == "person",
            "columns": [str(_COLUMNS[column]) for column in columns],
            "rows": [[self._shown(column, row[column]) for column in columns] for row in rows],
        }

    def _shown(self, column: str, value: object) -> str:
        if isinstance(value, date) and not isinstance(value, datetime):
            return self._formats.month(value)
        if isinstance(value, dict):
            value = ", ".join(f"{key}: {each}" for key, each in value.items())
        if column in {"sum", "fee"} and isinstance(value, int):
            return format_rubles(Kopecks(value))
        if isinstance(value, str):
            return in_words(column, value) or "—"
        return self._told(value)

    def _told(self, value: object) -> str:
        if isinstance(value, InWords):
            value = value.words
        if isinstance(value, PersonalFile):
            size = -(-value.size // 1024)
            return str(_("%(name)s, %(size)s KB", name=value.name, size=size))
        if isinstance(value, bool):
            return str(_("yes") if value else _("no"))
        if isinstance(value, datetime):
            return self._formats.moment(value, self._zone)
        if isinstance(value, date):
            return self._formats.day(value)
        if isinstance(value, Decimal):
            return self._formats.kwh(value)
        return "—" if value is None or value == "" else str(value)


def _not_told(missing: list[str]) -> str:
    sentence = _(
        "Some of your data could not be put into this copy (%(parts)s). Ask for it again "
        "tomorrow, and if this line is still here, call us.",
        parts=", ".join(missing),
    )
    return str(sentence)
