"""What people say when they lock the cabinet."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from tesweb.freeze.services import Wish

#: Readings are trusted; the day is chosen; else the id of a sign-in.
TRUST, CHOSEN = "none", "day"


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in that the person may not know."""

    id: int
    at: datetime
    device: str
    network: str


@dataclass(slots=True)
class Filled:
    """The form as it was filled in."""

    choice: str = TRUST
    day: str = ""
    hour: str = ""
    wants_control: bool = False
    #: A field and its sentence.
    errors: dict[str, str] = field(default_factory=dict)
    readings_since: datetime | None = None

    @property
    def wish(self) -> Wish:
        """What was understood, where there are no errors."""
        return Wish(self.readings_since, self.wants_control)


def read_wish(
    form: MultiDict[str, str], sign_ins: Collection[SignIn], zone: ZoneInfo, now: datetime
) -> Filled:
    """What the form says; days and hours are those of the person's region."""
    filled = Filled(
        form.get("since", TRUST)[:20],
        form.get("day", "")[:20],
        form.get("hour", "")[:20],
        "control" in form,
    )
    if filled.choice == CHOSEN:
        _read_day(filled, zone, now)
    elif filled.choice != TRUST:
        known = {str(each.id): each.at for each in sign_ins}
        filled.readings_since = known.get(filled.choice)
        if filled.readings_since is None:
            filled.errors["since-none"] = _("Choose once more from which moment on.")
    return filled


def _read_day(filled: Filled, zone: ZoneInfo, now: datetime) -> None:
    try:
        day = date.fromisoformat(filled.day.strip())
    except ValueError:
        filled.errors["day"] = _("Choose the day from which on we shall not trust the readings.")
        return
    try:
        hour = time.fromisoformat(filled.hour.strip() or "00:00").replace(tzinfo=None)
        moment = datetime.combine(day, hour, zone).astimezone(UTC)
    except (ValueError, OverflowError):
        filled.errors["hour"] = _("Type the time as hours and minutes, for example 09:30.")
        return
    if moment > now:
        filled.errors["day"] = _("This moment has not come yet. Choose an earlier one.")
        return
    filled.readings_since = moment
