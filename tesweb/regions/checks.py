"""What may be wrong with a region although its files can be read.

Each check answers with sentences for the region's author or the operator, none where all is well.
The contract class for authors and `tesweb check` ask the same questions.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from pydantic import BaseModel

from tesweb.accounts.models import Proof
from tesweb.clock import add_months, month_of
from tesweb.meters.models import Zone
from tesweb.regions.accounts import BadAccount
from tesweb.regions.facts import Text
from tesweb.regions.region import Region
from tesweb.tariffs.models import SINGLE, Tariff

#: WCAG 2.1, 1.4.3, for text of ordinary size.
CONTRAST = 4.5
_WHITE = "#ffffff"
_HOURS_OF_A_DAY = 24
_NOVEMBER = 11


def tariff_faults(region: Region, first: date, last: date) -> list[str]:
    """Days without a tariff, for every category and every set of zones the region prices."""
    zone_sets = {tariff.zones for tariff in region.tariffs.all()}
    return [
        f"tariffs: {category}, {_named(zones)}: none on {gap}"
        for category in region.facts.categories
        for zones in sorted(zone_sets, key=_named)
        for gap in _first_gap(region, category, zones, first, last)
    ]


def overlap_faults(region: Region, first: date, last: date) -> list[str]:
    """Days on which two tariffs claim the same category and zones."""
    days = [first + timedelta(days=count) for count in range((last - first).days + 1)]
    groups: dict[tuple[str, frozenset[Zone]], list[Tariff]] = {}
    for tariff in region.tariffs.all():
        groups.setdefault((tariff.category, tariff.zones), []).append(tariff)
    return [
        f"tariffs: {category}, {_named(zones)}: two on {day}"
        for (category, zones), tariffs in groups.items()
        for day in days
        if sum(tariff.covers(day) for tariff in tariffs) > 1
    ]


def price_faults(region: Region) -> list[str]:
    """Bands that are cheaper than the band before: the law knows only dearer ones."""
    return [
        f"tariffs: {tariff.category}, {_named(tariff.zones)} from {tariff.valid_from}: "
        f"band {number} is cheaper than the one before"
        for tariff in region.tariffs.all()
        for number, (before, after) in enumerate(pairwise(tariff.bands), start=2)
        if any(after.prices[zone] < before.prices[zone] for zone in tariff.zones)
    ]


def window_faults(region: Region, first: date, months: int) -> list[str]:
    """Windows that are empty, or that begin before the one of the month before has closed."""
    windows = [region.window(add_months(first, count)) for count in range(months)]
    empty = [
        f"window: the one from {window.opens} is empty"
        for window in windows
        if window.opens > window.closes
    ]
    return empty + [
        f"window: {after.opens} belongs to two windows"
        for before, after in pairwise(windows)
        if before.closes >= after.opens
    ]


def zone_faults(region: Region) -> list[str]:
    """Sets of zones whose hours leave an hour of the day out or count one twice."""
    faults = []
    for zones in sorted({tariff.zones for tariff in region.tariffs.all()}, key=_named):
        if zones == SINGLE:
            continue
        hours = sorted(hour for zone in zones for hour in _hours(region, zone))
        if hours != list(range(_HOURS_OF_A_DAY)):
            faults.append(f"zones: {_named(zones)} do not make up a day")
    return faults


def account_faults(region: Region) -> list[str]:
    """An example that is no account number, or a mask that changes the number it shows."""
    example = region.account_example
    try:
        number = region.account_number(example)
        again = region.account_number(region.format_account(number))
    except BadAccount as error:
        return [f"account: {example!r} is refused: {error}"]
    faults = [] if region.account_number(number) == again == number else ["account: it changes"]
    if region.facts.account.mask.count("N") != len(number):
        faults.append("account: mask has another length than example")
    return faults


def contrast_faults(region: Region) -> list[str]:
    """Pairs of colours on which people cannot read."""
    brand = region.brand
    pairs = {
        "text on white": (brand.text, _WHITE),
        "primary on white": (brand.primary, _WHITE),
        "text on accent": (brand.text, brand.accent),
    }
    return [
        f"brand: {name} has a contrast of {contrast(*colours):.2f}, {CONTRAST} is needed"
        for name, colours in pairs.items()
        if contrast(*colours) < CONTRAST
    ]


def text_faults(region: Region) -> list[str]:
    """Texts that are blank in one of the languages."""
    return [
        f"{name}.{language}: it is blank"
        for name, text in _texts(region.facts, "")
        for language in ("ru", "en")
        if not text.in_language(language).strip()
    ]


def calendar_faults(region: Region, today: date) -> list[str]:
    """A year of bills that is missing: this one always, the next one from November on."""
    years = [today.year, today.year + 1] if today.month >= _NOVEMBER else [today.year]
    return [region.calendar.doubt(year) for year in years if not region.calendar.knows(year)]


def doubts(region: Region, today: date) -> list[str]:
    """What works today and needs somebody's hand: years not decreed, prices made up, weak proof."""
    years = (region.calendar.doubt(year) for year in (today.year, today.year + 1))
    demo = [tariff for tariff in region.tariffs.all() if tariff.is_demo and tariff.covers(today)]
    made_up = f"tariffs: {len(demo)} of those in force are made up for a demonstration"
    weak = "proof: a meter alone can be read on the landing; ask for something else as well"
    is_weak = region.facts.proof.asks == (Proof.METER,)
    return [*filter(None, years), *([made_up] if demo else []), *([weak] if is_weak else [])]


def faults(region: Region, today: date) -> list[str]:
    """Everything that is wrong with the region, as `tesweb check` shows it."""
    first = date(today.year - 1, 1, 1)
    last = date(today.year + 1, 12, 31)
    return [
        *tariff_faults(region, first, last),
        *overlap_faults(region, first, last),
        *price_faults(region),
        *window_faults(region, add_months(month_of(today), -12), 36),
        *zone_faults(region),
        *account_faults(region),
        *contrast_faults(region),
        *text_faults(region),
        *calendar_faults(region, today),
    ]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours `#rrggbb`, 1 to 21 (WCAG 2.1, relative luminance)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - sRGB
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _first_gap(
    region: Region, category: str, zones: frozenset[Zone], first: date, last: date
) -> Iterator[date]:
    day = first
    while day <= last:
        try:
            tariff = region.tariff(category, zones, day)
        except LookupError:
            yield day
            return
        if tariff.valid_until is None:
            return
        day = tariff.valid_until + timedelta(days=1)


def _hours(region: Region, zone: Zone) -> Iterator[int]:
    for start, end in region.facts.zones.get(zone, ()):
        length = (end - start) % _HOURS_OF_A_DAY
        yield from ((start + hour) % _HOURS_OF_A_DAY for hour in range(length))


def _texts(facts: BaseModel, place: str) -> Iterator[tuple[str, Text]]:
    for name, value in facts:
        here = f"{place}.{name}" if place else name
        if isinstance(value, Text):
            yield here, value
        elif isinstance(value, BaseModel):
            yield from _texts(value, here)
        elif isinstance(value, dict):
            yield from ((f"{here}.{key}", text) for key, text in value.items() if _is_text(text))
        elif isinstance(value, tuple):
            yield from ((f"{here}.{i}", text) for i, text in enumerate(value) if _is_text(text))


def _is_text(value: object) -> bool:
    return isinstance(value, Text)


def _named(zones: frozenset[Zone]) -> str:
    return "+".join(zone for zone in Zone if zone in zones)
