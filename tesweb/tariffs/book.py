"""All tariffs of a region, found by category, zones and day."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise

from tesweb.meters.models import Zone
from tesweb.tariffs.models import BadTariff, Part, Tariff

Key = tuple[str, frozenset[Zone]]


class TariffBook:
    """Tariffs in force on each day; raises BadTariff where two of them claim the same day."""

    def __init__(self, tariffs: Iterable[Tariff]) -> None:
        """Sort them; what is found later is found by bisection."""
        groups: dict[Key, list[Tariff]] = defaultdict(list)
        for tariff in tariffs:
            groups[tariff.category, tariff.zones].append(tariff)
        self._groups = {key: _in_order(group) for key, group in groups.items()}
        self._starts = {
            key: [tariff.valid_from for tariff in group] for key, group in self._groups.items()
        }

    @property
    def keys(self) -> list[Key]:
        """The pairs of category and zones that it has any tariff for."""
        return list(self._groups)

    def all(self) -> list[Tariff]:
        """Every tariff, the older first within a category and set of zones."""
        return [tariff for group in self._groups.values() for tariff in group]

    def on(self, category: str, zones: frozenset[Zone], day: date) -> Tariff:
        """The tariff in force on that day. Raises LookupError where there is none."""
        place = bisect_right(self._starts.get((category, zones), []), day)
        if place:
            tariff = self._groups[category, zones][place - 1]
            if tariff.covers(day):
                return tariff
        raise LookupError(f"no tariff for {category}, {'+'.join(sorted(zones))} on {day}")

    def parts(
        self, category: str, zones: frozenset[Zone], first: date, last: date
    ) -> tuple[Part, ...]:
        """The tariffs of the days `first`…`last`, both included, with their numbers of days.

        Raises LookupError where a day has none.
        """
        parts = []
        day = first
        while day <= last:
            tariff = self.on(category, zones, day)
            end = last if tariff.valid_until is None else min(last, tariff.valid_until)
            parts.append(Part(tariff, (end - day).days + 1))
            day = end + timedelta(days=1)
        return tuple(parts)


def _in_order(group: list[Tariff]) -> tuple[Tariff, ...]:
    ordered = tuple(sorted(group, key=lambda tariff: tariff.valid_from))
    for before, after in pairwise(ordered):
        if before.valid_until is None or before.valid_until >= after.valid_from:
            raise BadTariff(
                f"two tariffs for {after.category}, {'+'.join(sorted(after.zones))} "
                f"are in force on {after.valid_from}"
            )
    return ordered
