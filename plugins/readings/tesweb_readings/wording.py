"""What the pages about readings say in Python's part: names, and a sentence for each doubt."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from tesweb.api import (
    FORMATS,
    Dial,
    Formats,
    Judgement,
    Region,
    Source,
    State,
    Verdict,
    Window,
    Zone,
    language_code,
)
from tesweb_readings.models import Answer

ZONES = {
    Zone.SINGLE: _l("Round the clock"),
    Zone.DAY: _l("Day"),
    Zone.NIGHT: _l("Night"),
    Zone.PEAK: _l("Peak"),
    Zone.HALF_PEAK: _l("Half-peak"),
}
SOURCES = {
    Source.RESIDENT: _l("sent by a resident"),
    Source.SUPPLIER: _l("supplier's data"),
    Source.INSPECTOR: _l("read by an inspector"),
    Source.AVERAGE: _l("by the average"),
    Source.NORM: _l("by the norm"),
}
#: The states of readings and of requests, as the history shows them, with the class of the tag.
STATES = {
    State.ACCEPTED: (_l("accepted"), "good"),
    State.SUPERSEDED: (_l("replaced by a newer one"), ""),
    State.QUARANTINED: (_l("being checked: does not count yet"), "warn"),
    Answer.OPEN: (_l("being checked"), "warn"),
    Answer.REFUSED: (_l("not accepted"), "bad"),
    Answer.ACCEPTED: (_l("accepted after a check"), "good"),
}


#: What is wrong with a photo, by `BadPhoto.code`.
PHOTO_FAULTS = {
    "large": _l("The photo is larger than 8 MB. Take it once more with a lower quality."),
    "huge": _l("The photo has too many pixels. Take it once more with a lower quality."),
    "heic": _l(
        "This is a HEIC photo, which we cannot open. Choose the photo from the gallery of the "
        "iPhone, it sends a JPEG by itself; or take a screenshot of the photo and send that."
    ),
    "unreadable": _l("We cannot open this file. Send a photo as JPEG, PNG or WebP."),
}

COMMENT_FAULT = _l("Tell it in up to 1,000 characters.")


#: Russia tells the hour by its distance from Moscow's.
_MOSCOW = ZoneInfo("Europe/Moscow")


@dataclass(frozen=True, slots=True)
class Words:
    """The names in one language, looked up once instead of once a row."""

    formats: Formats
    zones: dict[str, str]
    sources: dict[str, str]
    states: dict[str, tuple[str, str]]
    #: A volume with its unit, to be filled in by `%`.
    unit: str
    #: A register's mark on the display, likewise.
    mark: str

    def kwh(self, volume: Decimal) -> str:
        """`1 234 kWh`."""
        sign = "\u2212" if volume < 0 else ""
        return self.unit % {"volume": f"{sign}{self.formats.kwh(abs(volume))}"}


_words: dict[str, Words] = {}


def words() -> Words:
    """The names in the language of this request."""
    code = language_code()
    if code not in _words:
        _words[code] = Words(
            FORMATS[code],
            {zone.value: str(name) for zone, name in ZONES.items()},
            {source.value: str(name) for source, name in SOURCES.items()},
            {state.value: (str(name), tag) for state, (name, tag) in STATES.items()},
            str(_("%(volume)s\u00a0kWh")),
            str(_("T%(number)s")),
        )
    return _words[code]


def shown(value: Decimal, digits: int) -> str:
    """A value as the meter shows it: leading zeros, no digits after the comma."""
    return f"{int(value):0{digits}d}"


def kwh(volume: Decimal) -> str:
    """`1 234 kWh` in the language of this request."""
    return words().kwh(volume)


def moment(at: datetime, region: Region) -> str:
    """`25 November 2026, 14:05 (MSK+2)`: by whose clock, too."""
    local = at.astimezone(region.timezone)
    return f"{FORMATS[language_code()].moment(at, region.timezone)} ({_clock(local)})"


def _clock(local: datetime) -> str:
    apart = (local.utcoffset() or timedelta()) - (
        local.astimezone(_MOSCOW).utcoffset() or timedelta()
    )
    hours = apart / timedelta(hours=1)
    return f"{_('MSK')}{hours:+g}" if hours else str(_("MSK"))


def window(taken: Window) -> str:
    """`from 15 to 25 November`, or with both months where it goes over a month's end."""
    return _window(taken, language_code())


@lru_cache(maxsize=64)
def _window(taken: Window, code: str) -> str:
    formats = FORMATS[code]
    same = taken.opens.month == taken.closes.month
    first = str(taken.opens.day) if same else formats.day_of_year(taken.opens)
    last = formats.day_of_year(taken.closes)
    return str(_("from %(first)s to %(last)s", first=first, last=last))


def days_left(taken: Window, today: date) -> str:
    """How long readings are still taken, today included."""
    return _days_left((taken.closes - today).days + 1, language_code())


@lru_cache(maxsize=256)
def _days_left(left: int, code: str) -> str:
    del code  # catalogs know it
    if left == 1:
        return str(_("today is the last day"))
    return str(ngettext("%(num)d day left", "%(num)d days left", left))


@dataclass(frozen=True, slots=True)
class Doubt:
    """What stands beside a value that has to be confirmed."""

    text: str
    #: What the person says by ticking.
    confirm: str
    #: The button that takes what was probably meant; empty where nobody can tell.
    take: str = ""


def doubt(judged: Judgement) -> Doubt | None:
    """The words for a value that has to be confirmed; None for one that has not."""
    asking = _DOUBTS.get(judged.verdict)
    return None if asking is None else asking(judged)


def mark_of(dial: Dial) -> str:
    """A register's mark on the meter's display: `T1`."""
    return words().mark % {"number": dial.register_no}


def refusal(judged: Judgement) -> str:
    """Why a value that is lower than before, or in another's place, is not taken."""
    dial = judged.dial
    if judged.meant is not None:
        meant = shown(judged.meant, dial.digits)
        return str(
            _(
                "You seem to have mixed up the zones: %(meant)s would fit here. Compare it with "
                "%(mark)s on the display.",
                meant=meant,
                mark=mark_of(dial),
            )
        )
    return str(
        _(
            "This is less than last time (%(previous)s), and a meter only counts up. Check the "
            "digits. If the meter really shows it, send a request with a photo or call us: we will "
            "sort it out.",
            previous=shown(dial.previous, dial.digits),
        )
    )


def _rollover(judged: Judgement) -> Doubt:
    digits = judged.dial.digits
    return Doubt(
        _(
            "It was %(previous)s and is %(value)s now: the meter has reached %(last)s and started "
            "at zero again. The consumption is %(usage)s.",
            previous=shown(judged.dial.previous, digits),
            value=shown(judged.value, digits),
            last="9" * digits,
            usage=kwh(judged.usage),
        ),
        _("Yes, the meter has started at zero again"),
    )


def _far_above(judged: Judgement) -> Doubt:
    if judged.dial.usual is None:
        text = _("%(usage)s is a lot. Check the digits once more.", usage=kwh(judged.usage))
    else:
        text = _(
            "%(usage)s is much more than usual: about %(usual)s a month. Check the digits once "
            "more.",
            usage=kwh(judged.usage),
            usual=kwh(judged.dial.usual.quantize(Decimal(1))),
        )
    return Doubt(text, _("The reading is right, I did use that much"))


def _times_ten(judged: Judgement) -> Doubt:
    digits = judged.dial.digits
    meant = shown(judged.meant or Decimal(0), digits)
    return Doubt(
        _(
            "You seem to have typed the red digit after the comma too. Without it the reading is "
            "%(meant)s.",
            meant=meant,
        ),
        _("No, the meter shows %(value)s before the comma", value=shown(judged.value, digits)),
        _("Take %(meant)s", meant=meant),
    )


def _swapped(judged: Judgement) -> Doubt:
    meant = shown(judged.meant or Decimal(0), judged.dial.digits)
    return Doubt(
        _("You seem to have mixed up the zones: %(meant)s would fit here.", meant=meant),
        _("No, the zones are right"),
        _("Exchange the zones"),
    )


_DOUBTS = {
    Verdict.ROLLOVER: _rollover,
    Verdict.FAR_ABOVE: _far_above,
    Verdict.TIMES_TEN: _times_ten,
    Verdict.SWAPPED: _swapped,
}
