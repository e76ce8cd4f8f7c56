"""A region: what a supplier's branch decides, read from the files beside its plugin."""

import tomllib
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Self, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from tesweb.clock import add_months, month_of
from tesweb.meters.models import Zone
from tesweb.regions.accounts import AccountForm
from tesweb.regions.calendar import WorkingCalendar, country
from tesweb.regions.contacts import Contacts
from tesweb.regions.facts import Brand, Facts, TariffSheet
from tesweb.tariffs.book import TariffBook
from tesweb.tariffs.models import BadTariff, Cost, Tariff
from tesweb.tariffs.rules import price_parts

Model = TypeVar("Model", bound=BaseModel)

_EN_DASH = "\u2013"


class BadRegion(ValueError):
    """A region's files cannot be used; the text names the file, the key and the fault."""


@dataclass(frozen=True, slots=True)
class Window:
    """The days between which readings for one month are taken, both included."""

    opens: date
    closes: date

    def __contains__(self, day: date) -> bool:
        """Whether readings are taken on that day."""
        return self.opens <= day <= self.closes


class Region:
    """A supplier's branch. A plugin may subclass it for a rule that cannot be written down."""

    def __init__(self, facts: Facts, tariffs: Iterable[Tariff]) -> None:
        """Put the facts to work. Raises BadTariff where two tariffs claim the same day."""
        self.facts = facts
        self.name = facts.name
        self.timezone = ZoneInfo(facts.timezone)
        self.tariffs = TariffBook(tariffs)
        self.calendar = WorkingCalendar(
            country(facts.calendar.country), facts.calendar.off, facts.calendar.working
        )
        self.contacts = Contacts(facts.contacts, self.timezone, self.calendar)
        self._account = AccountForm.of(facts.account)

    @classmethod
    def from_toml(cls, path: Path) -> Self:
        """The region of `region.toml` at `path`, with `tariffs.toml` beside it.

        Raises BadRegion for a file that is missing, is no TOML, or has a wrong, unknown or missing
        key.
        """
        facts = _read(path, Facts)
        prices = path.with_name("tariffs.toml")
        sheet = _read(prices, TariffSheet)
        for number, row in enumerate(sheet.tariffs):
            if row.category not in facts.categories:
                raise BadRegion(
                    f"{prices.name}: tariffs.{number}.category: {row.category!r} "
                    f"is not among categories of {path.name}"
                )
        try:
            return cls(facts, [row.tariff() for row in sheet.tariffs])
        except BadTariff as error:
            raise BadRegion(f"{prices.name}: {error}") from error

    @property
    def brand(self) -> Brand:
        """The names and colours of the supplier."""
        return self.facts.brand

    def title(self, language: str) -> str:
        """The supplier's name."""
        return self.facts.title.in_language(language)

    def category_title(self, category: str, language: str) -> str:
        """A tariff category in words; the bare name of one that is no longer listed."""
        text = self.facts.categories.get(category)
        return text.in_language(language) if text else category

    def cities(self, language: str) -> list[str]:
        """Places that are offered when people give their address."""
        return [city.in_language(language) for city in self.facts.cities]

    @property
    def account_example(self) -> str:
        """A number that is nobody's, as a hint of the form."""
        return self.facts.account.example

    def account_number(self, text: str) -> str:
        """The digits of an account number as a person typed it, leading zeros kept.

        Spaces and dashes of every kind are dropped. Raises BadAccount with the reason for the
        person.
        """
        return self._account.canonical(text)

    def format_account(self, number: str) -> str:
        """The number in groups, as on the bill."""
        return self._account.shown(number)

    def window(self, month: date) -> Window:
        """When readings for `month` are taken; it may end in the next month."""
        return _window(month, self.facts.window.opens, self.facts.window.closes)

    def period_for(self, day: date) -> date:
        """The month that a reading taken on `day` counts for.

        It is the month of the first window that closes on that day or later.
        """
        month = add_months(day, -1)
        while self.window(month).closes < day:
            month = add_months(month, 1)
        return month

    def is_working_day(self, day: date) -> bool:
        """Whether people work on that day, by the country's calendar and the region's own days."""
        return self.calendar.is_working(day)

    def due_date(self, period: date) -> date:
        """The last day on which the bill for `period` can be paid in time (ЖК РФ, ст. 155, ч. 1).

        A day off moves it to the next working day (ГК РФ, ст. 193).
        """
        rules = sorted(self.facts.due, key=lambda rule: rule.since)
        day = [rule.day for rule in rules if rule is rules[0] or rule.since <= period][-1]
        return self.calendar.working_day_from(add_months(period, 1).replace(day=day))

    def tariff(self, category: str, zones: frozenset[Zone], on: date) -> Tariff:
        """The tariff in force on a day. Raises LookupError where there is none."""
        return self.tariffs.on(category, zones, on)

    def cost(self, category: str, volumes: Mapping[Zone, Decimal], period: date) -> Cost:
        """What a month's volumes (kWh by zone) cost, a change of tariff within the month included.

        Raises LookupError where a day of the month has no tariff, BadVolumes for volumes that
        cannot be priced.
        """
        first = month_of(period)
        last = add_months(first, 1) - timedelta(days=1)
        return price_parts(self.tariffs.parts(category, frozenset(volumes), first, last), volumes)

    def zone_hours(self, zone: Zone) -> str:
        """The hours of a zone, `7–10, 17–21`; empty for the zone that is always."""
        spans = self.facts.zones.get(zone, ())
        return ", ".join(f"{start}{_EN_DASH}{end}" for start, end in spans)


@lru_cache(maxsize=256)
def _window(month: date, first: int, last: int) -> Window:
    ends = month_of(month) if first <= last else add_months(month, 1)
    return Window(_day_of(month, first), _day_of(ends, last))


def _day_of(month: date, day: int) -> date:
    return month.replace(day=min(day, monthrange(month.year, month.month)[1]))


def _read(path: Path, model: type[Model]) -> Model:
    try:
        found: Model = _parsed(path.read_text("utf-8"), model)
    except OSError as error:
        raise BadRegion(f"{path.name}: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadRegion(f"{path.name}: {error}") from error
    except ValidationError as error:
        faults = "; ".join(_fault(part) for part in error.errors())
        raise BadRegion(f"{path.name}: {faults}") from error
    return found


@lru_cache(maxsize=16)  # an application is made more than once in a process by tests and commands
def _parsed(text: str, model: type[Model]) -> Model:
    # Decimal, because a price that has been a float once is no longer the regulator's.
    return model.model_validate(tomllib.loads(text, parse_float=Decimal))


def _fault(part: Any) -> str:  # noqa: ANN401 - pydantic_core.ErrorDetails is not public
    return f"{'.'.join(map(str, part['loc']))}: {part['msg'].removeprefix('Value error, ')}"
