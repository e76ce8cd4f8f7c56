"""How people reach the supplier, and whether somebody answers now."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from babel.dates import get_day_names

from tesweb.regions.calendar import Weekday, WorkingCalendar
from tesweb.regions.facts import ContactFacts, Hours

_EN_DASH = "\u2013"
_NO_BREAK_SPACE = "\u00a0"
#: Digits of a Russian number with the 8 that is dialled within the country.
_RUSSIAN = 11


@dataclass(frozen=True, slots=True)
class Contacts:
    """The contacts of a region, in the region's own time."""

    facts: ContactFacts
    timezone: ZoneInfo
    calendar: WorkingCalendar
    #: By language: the line stands in the header of every page and never changes.
    _hours: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def phone(self) -> str:
        """The number as it is printed."""
        return self.facts.phone

    @property
    def phone_link(self) -> str:
        """The address that dials it: `tel:+78002506006`, with which it rings from abroad too."""
        digits = "".join(sign for sign in self.phone if sign.isdigit())
        if len(digits) == _RUSSIAN and digits[0] in "78":
            return f"tel:+7{digits[1:]}"
        return f"tel:{digits}"

    @property
    def email(self) -> str:
        """The mail address; empty where there is none."""
        return self.facts.email

    @property
    def site(self) -> str:
        """The web site, with its scheme; empty where there is none."""
        return self.facts.site

    def phone_note(self, language: str) -> str:
        """What stands under the number."""
        return self.facts.phone_note.in_language(language)

    def office(self, language: str) -> str:
        """The address of the office; empty where there is none."""
        return self.facts.office.in_language(language) if self.facts.office else ""

    def hours(self, language: str) -> str:
        """The week on one line: `пн–пт 8:00–17:00, сб 9:00–14:00`."""
        if language not in self._hours:
            self._hours[language] = ", ".join(_week(self.facts.hours, language))
        return self._hours[language]

    def is_open(self, moment: datetime) -> bool:
        """Whether somebody answers at that moment; nobody does on a holiday or a moved day off."""
        local = moment.astimezone(self.timezone)
        hours = self.facts.hours.get(Weekday.of(local))
        if hours is None or self.calendar.is_holiday(local.date()):
            return False
        return hours.opens <= local.hour * 60 + local.minute < hours.closes


def _week(hours: Mapping[Weekday, Hours], language: str) -> Iterator[str]:
    names = get_day_names("abbreviated", locale=language)
    days = list(Weekday)
    for span, group in groupby(range(7), key=lambda day: hours.get(days[day])):
        run = list(group)
        if span is not None:
            ends = dict.fromkeys(names[day] for day in (run[0], run[-1]))
            yield f"{_EN_DASH.join(ends)}{_NO_BREAK_SPACE}{_span(span)}"


def _span(hours: Hours) -> str:
    return f"{_time(hours.opens)}{_EN_DASH}{_time(hours.closes)}"


def _time(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02d}"
