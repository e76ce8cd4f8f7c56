"""Opening hours in the region's own time."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tesweb.regions.region import Region


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        # The region lives in Moscow's time, three hours before UTC.
        (datetime(2026, 11, 23, 4, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 23, 5, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 23, 13, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 23, 14, 0, tzinfo=UTC), False),
        # Friday is shorter, Saturday is short, Sunday is a day off.
        (datetime(2026, 11, 27, 13, 30, tzinfo=UTC), False),
        (datetime(2026, 11, 28, 9, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 22, 9, 0, tzinfo=UTC), False),
        # A holiday, a moved day off, and a day off of the region itself.
        (datetime(2026, 11, 4, 9, 0, tzinfo=UTC), False),
        (datetime(2026, 1, 9, 9, 0, tzinfo=UTC), False),
        (datetime(2026, 7, 23, 9, 0, tzinfo=UTC), False),
    ],
)
def test_whether_somebody_answers(region: Region, moment: datetime, is_open: bool) -> None:  # noqa: FBT001 - a column of the table
    assert region.contacts.is_open(moment) is is_open


def test_hours_on_one_line(region: Region) -> None:
    assert region.contacts.hours("ru") == (
        "пн–чт\u00a08:00–17:00, пт\u00a08:00–16:00, сб\u00a09:00–13:00"
    )
    assert region.contacts.hours("en").startswith("Mon–Thu\u00a08:00–17:00, Fri")


def test_a_day_off_between_days_that_are_alike(write: Callable[..., Path]) -> None:
    region = Region.from_toml(
        write(('wednesday = "8:00-17:00"\n', ""), ('"8:00-16:00"', '"8:00-17:00"'))
    )
    assert region.contacts.hours("ru").startswith("пн–вт\u00a08:00–17:00, чт–пт")


def test_day_and_night(write: Callable[..., Path]) -> None:
    region = Region.from_toml(write(('monday = "8:00-17:00"', 'monday = "0:00-24:00"')))
    assert region.contacts.hours("ru").startswith("пн\u00a00:00–24:00")
    assert region.contacts.is_open(datetime(2026, 11, 23, 20, 59, tzinfo=UTC))
    assert not region.contacts.is_open(datetime(2026, 11, 23, 21, 0, tzinfo=UTC))


def test_what_is_printed_and_what_is_dialled(region: Region, write: Callable[..., Path]) -> None:
    contacts = region.contacts
    assert (contacts.phone, contacts.phone_link) == ("8-800-000-00-00", "tel:+78000000000")
    assert contacts.phone_note("ru") == "бесплатно"
    assert contacts.phone_note("en") == "free of charge"
    assert (contacts.email, contacts.site) == ("help@pskov.example", "https://pskov.example/")
    assert contacts.office("ru") == "Псков, ул. Примерная, 3"
    local = Region.from_toml(write(("8-800-000-00-00", "29-33-33")))
    assert local.contacts.phone_link == "tel:293333"


def test_what_may_be_left_out(write: Callable[..., Path]) -> None:
    region = Region.from_toml(
        write(
            ('email = "help@pskov.example"\n', ""),
            ('site = "https://pskov.example/"\n', ""),
            ('office = { ru = "Псков, ул. Примерная, 3", en = "3 Primernaya St, Pskov" }\n', ""),
        )
    )
    contacts = region.contacts
    assert (contacts.email, contacts.site, contacts.office("ru")) == ("", "", "")
