"""A wrong file is refused with the name of the file and the key; the document keeps its word."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from tesweb.regions import facts
from tesweb.regions.region import BadRegion, Region
from tesweb.resources import ROOT

Write = Callable[..., Path]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "pskov"', 'name = "Псков"', "region.toml: name: "),
        ('name = "pskov"', "", "region.toml: name: Field required"),
        ('name = "pskov"', 'nam = "pskov"', "region.toml: .*nam: Extra inputs"),
        ("Europe/Moscow", "Europe/Pskov", "region.toml: timezone: there is no time zone"),
        ("Europe/Moscow", "../etc/passwd", "region.toml: timezone: there is no time zone"),
        ('en = "Pskov Light"', "", "region.toml: title.en: Field required"),
        ("#0b0c0c", "black", "region.toml: brand.text: "),
        ("8-800-000-00-00", "call us", "region.toml: contacts.phone: "),
        ("help@pskov.example", "help", "region.toml: contacts.email: "),
        ("https://pskov", "http://pskov", "region.toml: contacts.site: "),
        ('"8:00-16:00"', '"8-16"', "region.toml: contacts.hours.friday: '8-16' is not"),
        ('"8:00-16:00"', '"16:00-8:00"', "region.toml: contacts.hours.friday: it closes"),
        ('"8:00-16:00"', '"8:00-25:00"', "region.toml: contacts.hours.friday.closes: "),
        ("friday =", "freitag =", "region.toml: contacts.hours.freitag"),
        ("60[0-9]{7}", "60[0-9{7}", "region.toml: account.pattern: it is not a regular"),
        ("NNN-NNN-NNN", "XXX-XXX-XXX", "region.toml: account.mask: "),
        ('["bill_code"]', '["shoe_size"]', "region.toml: proof.asks.0: "),
        ('["bill_code"]', "[]", "region.toml: proof.asks: "),
        ('["bill_code"]', '["meter", "payment", "bill_code"]', "region.toml: proof.asks: "),
        ('["bill_code"]', '["meter", "meter"]', "region.toml: proof.asks: the same is asked twice"),
        ("closes = 26", "closes = 32", "region.toml: window.closes: "),
        ("opens = 20", "opens = 0", "region.toml: window.opens: "),
        ("day = 15", "day = 31", "region.toml: due.1.day: "),
        ('country = "russia"', 'country = "ruritania"', "calendar.country: there is no calendar"),
        ("day = [[7, 23]]", "day = [[7, 23, 24]]", "region.toml: zones: hours are pairs"),
        ("day = [[7, 23]]", "day = [[7, 25]]", "region.toml: zones.day.0.1: "),
        ("night = [[23, 7]]", "evening = [[23, 7]]", "region.toml: zones.evening"),
        ("[brand]", "[brand", "region.toml: "),
        (
            'category = "country"',
            'category = "castle"',
            "tariffs.toml: tariffs.3.category: 'castle'",
        ),
        ("single = 4.93", "sinlge = 4.93", "tariffs.toml: tariffs.0.bands.0.sinlge"),
        ("single = 4.93", 'single = "dear"', "tariffs.toml: tariffs.0.bands.0.single: "),
        (
            "{ single = 9.47 }",
            "{ day = 9.47 }",
            "tariffs.toml: tariffs.0: band 3 has prices for day",
        ),
        ("{ single = 9.47 }", "{ up_to = 9000, single = 9.47 }", "tariffs.0: the last band"),
        ("valid_until = 2026-09-30", "valid_until = 2023-09-30", "tariffs.0: valid_until lies"),
        ("valid_until = 2026-09-30", "", "tariffs.toml: two tariffs for city, single .*2026-10-01"),
        ('source = "Для показа"', 'source = ""', "tariffs.toml: tariffs.3.source: "),
        ("is_demo = true", "is_demo = 2", "tariffs.toml: tariffs.3.is_demo: "),
    ],
)
def test_a_wrong_key_is_named(write: Write, old: str, new: str, said: str) -> None:
    with pytest.raises(BadRegion, match=said):
        Region.from_toml(write((old, new)))


def test_every_wrong_key_is_named_at_once(write: Write) -> None:
    with pytest.raises(BadRegion, match=r"window\.opens.*; window\.closes"):
        Region.from_toml(write(("opens = 20", "opens = 0"), ("closes = 26", "closes = 0")))


@pytest.mark.parametrize("name", ["region.toml", "tariffs.toml"])
def test_a_missing_file_is_named(write: Write, name: str) -> None:
    path = write()
    path.with_name(name).unlink()
    with pytest.raises(BadRegion, match=f"^{name}: No such file"):
        Region.from_toml(path)


def test_a_file_in_another_encoding_is_named(write: Write) -> None:
    path = write()
    path.write_bytes("name = 'Псков'".encode("cp1251"))
    with pytest.raises(BadRegion, match=r"^region\.toml: .*utf-8"):
        Region.from_toml(path)


def test_faults_do_not_show_where_the_server_lies(write: Write, tmp_path: Path) -> None:
    path = write(("opens = 20", "opens = 0"))
    with pytest.raises(BadRegion) as caught:
        Region.from_toml(path)
    assert str(tmp_path) not in str(caught.value)


# The document


def _models() -> Iterator[type[BaseModel]]:
    for model in vars(facts).values():
        if isinstance(model, type) and issubclass(model, facts.Fact):
            yield model


def _documented() -> str:
    return (ROOT / "docs" / "regions.md").read_text("utf-8")


def test_the_document_explains_every_key() -> None:
    explained = set(re.findall(r"`(?:[a-z_]+\.)?([a-z_]+)`", _documented()))
    # Hours are written as one text, and the sheet is the file itself.
    unwritten = (facts.Text, facts.Hours, facts.Facts, facts.TariffSheet)
    keys = {key for model in _models() if model not in unwritten for key in model.model_fields}
    assert keys
    assert keys - explained == set()


def test_the_document_explains_every_section() -> None:
    rows = set(re.findall(r"^\| .*", _documented(), re.MULTILINE))
    for section in facts.Facts.model_fields:
        assert any(re.search(rf"`{section}[`.]", row) for row in rows), section


def test_the_document_promises_the_faults_that_are_said(write: Write) -> None:
    with pytest.raises(BadRegion) as caught:
        Region.from_toml(write(("closes = 26", "closes = 32")))
    assert str(caught.value) in _documented()
    with pytest.raises(BadRegion) as caught:
        Region.from_toml(write(("{ day = 3.45, night = 2.07 }", _TORN)))
    assert str(caught.value) in _documented()


_TORN = "{ up_to = 100, day = 3.45, night = 2.07 }, { day = 3.45 }"
