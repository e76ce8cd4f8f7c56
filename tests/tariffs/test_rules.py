"""The price of consumption: the vectors of published tables, and what holds for every table."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tesweb.meters.models import Zone
from tesweb.tariffs.models import DAY_NIGHT, PEAK_HALF_NIGHT, SINGLE, ZONE_SETS, Band, Part, Tariff
from tesweb.tariffs.rules import BadVolumes, by_days, price, price_parts, proportionally

D = Decimal


def tariff(*bands: tuple[str | None, Mapping[Zone, str]], is_demo: bool = False) -> Tariff:
    made = tuple(
        Band(D(up_to) if up_to else None, {zone: D(value) for zone, value in prices.items()})
        for up_to, prices in bands
    )
    zones = frozenset(made[0].prices)
    return Tariff("city", zones, made, date(2026, 1, 1), None, "test", is_demo)


ULYANOVSK = tariff(
    ("3900", {Zone.SINGLE: "4.93"}), ("6000", {Zone.SINGLE: "8.27"}), (None, {Zone.SINGLE: "9.47"})
)
ULYANOVSK_TWO = tariff(
    ("3900", {Zone.DAY: "4.93", Zone.NIGHT: "2.96"}),
    ("6000", {Zone.DAY: "8.27", Zone.NIGHT: "4.97"}),
    (None, {Zone.DAY: "9.47", Zone.NIGHT: "5.68"}),
)
ULYANOVSK_THREE = tariff(
    ("3900", {Zone.PEAK: "4.93", Zone.HALF_PEAK: "4.68", Zone.NIGHT: "2.96"}),
    (None, {Zone.PEAK: "8.27", Zone.HALF_PEAK: "7.86", Zone.NIGHT: "4.97"}),
)
YAMAL = tariff(("1200", {Zone.SINGLE: "3.00"}), (None, {Zone.SINGLE: "7.14"}))


@pytest.mark.parametrize(
    ("volume", "kopecks"),
    [
        ("0", 0),
        ("250", 1232_50),
        ("3900", 19227_00),
        ("3901", 19235_27),
        ("4200", 21708_00),
        ("6000", 36594_00),
        ("6001", 36603_47),
        ("6500", 41329_00),
    ],
)
def test_published_table_of_ulyanovsk(volume: str, kopecks: int) -> None:
    assert price(ULYANOVSK, {Zone.SINGLE: D(volume)}).total == kopecks


def test_bands_of_yamal_are_marginal() -> None:
    cost = price(YAMAL, {Zone.SINGLE: D(1400)})
    assert cost.total == 5028_00
    lines = [(line.band, line.volume, line.price, line.rubles) for line in cost.lines]
    assert lines == [(1, D(1200), D("3.00"), D(3600)), (2, D(200), D("7.14"), D(1428))]


def test_two_zones_within_the_first_band() -> None:
    assert price(ULYANOVSK_TWO, {Zone.DAY: D(200), Zone.NIGHT: D(100)}).total == 1282_00


def test_a_band_takes_from_zones_by_their_share() -> None:
    cost = price(ULYANOVSK_TWO, {Zone.DAY: D(3000), Zone.NIGHT: D(1500)})
    volumes = [(line.band, line.zone, line.volume) for line in cost.lines]
    assert volumes == [
        (1, Zone.DAY, D(2600)),
        (1, Zone.NIGHT, D(1300)),
        (2, Zone.DAY, D(400)),
        (2, Zone.NIGHT, D(200)),
    ]
    # 2600 x 4.93 + 1300 x 2.96 + 400 x 8.27 + 200 x 4.97
    assert cost.total == 20968_00


def test_three_zones() -> None:
    volumes = {Zone.PEAK: D(100), Zone.HALF_PEAK: D(50), Zone.NIGHT: D(10)}
    assert price(ULYANOVSK_THREE, volumes).total == 493_00 + 234_00 + 29_60


def test_shares_that_do_not_come_out_even_still_add_up() -> None:
    volumes = {Zone.PEAK: D(1300), Zone.HALF_PEAK: D(1300), Zone.NIGHT: D("1300.001")}
    cost = price(ULYANOVSK_THREE, volumes)
    for zone, volume in volumes.items():
        assert sum(line.volume for line in cost.lines if line.zone is zone) == volume
    assert sum(line.volume for line in cost.lines if line.band == 1) == 3900
    assert min(line.volume for line in cost.lines) > 0


def test_a_half_kopeck_is_rounded_up_and_only_once() -> None:
    half = tariff((None, {Zone.DAY: "0.005", Zone.NIGHT: "0.005"}))
    assert price(half, {Zone.DAY: D(1), Zone.NIGHT: D(0)}).total == 1
    # Rounded line by line it would be 2.
    assert price(half, {Zone.DAY: D(1), Zone.NIGHT: D(1)}).total == 1


def test_the_fiscal_receipt_of_225_kilowatt_hours() -> None:
    assert price(tariff((None, {Zone.SINGLE: "2.23"})), {Zone.SINGLE: D(225)}).total == 501_75


def test_a_made_up_price_marks_the_cost() -> None:
    demo = tariff((None, {Zone.SINGLE: "1"}), is_demo=True)
    assert price(demo, {Zone.SINGLE: D(1)}).is_demo
    assert not price(ULYANOVSK, {Zone.SINGLE: D(1)}).is_demo


@pytest.mark.parametrize(
    "volumes",
    [
        {Zone.DAY: D(1), Zone.NIGHT: D(1)},
        {},
        {Zone.SINGLE: D(-1)},
        {Zone.SINGLE: D("0.0001")},
    ],
    ids=["other zones", "none", "negative", "finer than a watt-hour"],
)
def test_volumes_that_cannot_be_priced(volumes: dict[Zone, Decimal]) -> None:
    with pytest.raises(BadVolumes):
        price(ULYANOVSK, volumes)


# A change of tariff within the month


def test_a_change_within_the_month_splits_volume_and_bands_by_days() -> None:
    cheap, dear = YAMAL, tariff(("1200", {Zone.SINGLE: "3.34"}), (None, {Zone.SINGLE: "7.95"}))
    cost = price_parts((Part(cheap, 10), Part(dear, 20)), {Zone.SINGLE: D(1500)})
    lines = [(line.tariff, line.band, line.volume) for line in cost.lines]
    assert lines == [
        (cheap, 1, D(400)),
        (cheap, 2, D(100)),
        (dear, 1, D(800)),
        (dear, 2, D(200)),
    ]
    assert cost.total == 1200_00 + 714_00 + 2672_00 + 1590_00


def test_a_reading_at_the_change_may_replace_the_split_by_days() -> None:
    def as_read(volume: Decimal, days: object) -> list[Decimal]:
        del days
        return [D(100), volume - 100]

    cheap, dear = YAMAL, tariff((None, {Zone.SINGLE: "4.00"}))
    parts = (Part(cheap, 15), Part(dear, 15))
    assert price_parts(parts, {Zone.SINGLE: D(300)}, split_days=as_read).total == 1100_00


def test_another_split_among_zones_may_be_given() -> None:
    def night_first(volumes: Mapping[Zone, Decimal], bands: object) -> list[Mapping[Zone, Decimal]]:
        del bands
        return [{Zone.NIGHT: volumes[Zone.NIGHT]}, {Zone.DAY: volumes[Zone.DAY]}, {}]

    volumes = {Zone.DAY: D(600), Zone.NIGHT: D(3900)}
    assert price(ULYANOVSK_TWO, volumes, split=night_first).total == 11544_00 + 4962_00


# What holds for every table

kilowatt_hours = st.integers(min_value=0, max_value=20_000_000).map(lambda wh: D(wh) / 1000)
prices = st.integers(min_value=0, max_value=2000).map(lambda kopecks: D(kopecks) / 100)
limits = st.lists(
    st.integers(min_value=1, max_value=12_000), min_size=0, max_size=3, unique=True
).map(sorted)


@st.composite
def tariffs(draw: st.DrawFn, *, alike: bool = False) -> Tariff:
    zones = draw(st.sampled_from(ZONE_SETS))
    ends = [*map(Decimal, draw(limits)), None]
    columns = {}
    for zone in sorted(zones):
        columns[zone] = sorted(draw(st.lists(prices, min_size=len(ends), max_size=len(ends))))
    if alike:
        first = next(iter(columns.values()))
        columns = dict.fromkeys(columns, first)
    bands = tuple(
        Band(end, {zone: column[row] for zone, column in columns.items()})
        for row, end in enumerate(ends)
    )
    return Tariff("city", zones, bands, date(2026, 1, 1), None, "test")


@st.composite
def priced(draw: st.DrawFn, *, alike: bool = False) -> tuple[Tariff, dict[Zone, Decimal]]:
    made = draw(tariffs(alike=alike))
    return made, {zone: draw(kilowatt_hours) for zone in sorted(made.zones)}


@given(priced())
def test_lines_add_up_to_the_volume_and_none_is_negative(
    case: tuple[Tariff, dict[Zone, Decimal]],
) -> None:
    made, volumes = case
    cost = price(made, volumes)
    for zone, volume in volumes.items():
        assert sum((line.volume for line in cost.lines if line.zone is zone), D(0)) == volume
    assert all(line.volume > 0 for line in cost.lines)
    assert all(line.rubles == line.volume * line.price for line in cost.lines)


@given(priced())
def test_no_band_takes_more_than_its_width(case: tuple[Tariff, dict[Zone, Decimal]]) -> None:
    made, volumes = case
    cost = price(made, volumes)
    left = sum(volumes.values(), D(0))
    below = D(0)
    for number, band in enumerate(made.bands, start=1):
        width = left if band.up_to is None else min(left, band.up_to - below)
        taken = sum((line.volume for line in cost.lines if line.band == number), D(0))
        assert taken == width
        left -= width
        below = band.up_to or below


@given(priced(), st.data())
def test_more_volume_never_costs_less(
    case: tuple[Tariff, dict[Zone, Decimal]], data: st.DataObject
) -> None:
    made, volumes = case
    zone = data.draw(st.sampled_from(sorted(volumes)))
    more = volumes | {zone: volumes[zone] + data.draw(kilowatt_hours)}
    assert price(made, more).total >= price(made, volumes).total


@given(priced(alike=True))
def test_zones_of_one_price_cost_what_a_single_zone_costs(
    case: tuple[Tariff, dict[Zone, Decimal]],
) -> None:
    made, volumes = case
    bands = tuple(
        Band(band.up_to, {Zone.SINGLE: next(iter(band.prices.values()))}) for band in made.bands
    )
    single = Tariff("city", SINGLE, bands, made.valid_from, None, "test")
    total = sum(volumes.values(), D(0))
    assert price(made, volumes).total == price(single, {Zone.SINGLE: total}).total


@given(tariffs(), st.data())
def test_there_is_no_jump_at_the_edge_of_a_band(made: Tariff, data: st.DataObject) -> None:
    edges = [band.up_to for band in made.bands if band.up_to is not None]
    assume(edges)
    edge = data.draw(st.sampled_from(edges))
    zones = sorted(made.zones)
    rest = dict.fromkeys(zones[1:], D(0))
    step = D("0.001")
    dearest = max(made.bands[-1].prices.values())
    here = price(made, rest | {zones[0]: edge}).total
    after = price(made, rest | {zones[0]: edge + step}).total
    assert 0 <= after - here <= dearest * step * 100 + 1


@given(priced(), st.lists(st.integers(1, 31), min_size=1, max_size=4))
def test_parts_under_one_tariff_cost_what_the_month_costs(
    case: tuple[Tariff, dict[Zone, Decimal]], days: list[int]
) -> None:
    made, volumes = case
    whole = price(made, volumes)
    parts = price_parts([Part(made, count) for count in days], volumes)
    for zone, volume in volumes.items():
        assert sum((line.volume for line in parts.lines if line.zone is zone), D(0)) == volume
    # Each part is cut at a watt-hour, and so is each band of it, at 20 rubles per kWh at most.
    assert abs(parts.total - whole.total) <= len(days) * len(made.bands) * len(volumes) * 2 + 1


@given(kilowatt_hours, st.lists(st.integers(1, 31), min_size=1, max_size=5))
def test_days_share_a_volume_without_loss(volume: Decimal, days: list[int]) -> None:
    shares = by_days(volume, days)
    assert sum(shares) == volume
    assert all(
        abs(share - volume * count / sum(days)) <= D("0.001")
        for share, count in zip(shares, days, strict=True)
    )


@given(
    st.dictionaries(st.sampled_from(sorted(PEAK_HALF_NIGHT)), kilowatt_hours, min_size=1),
    st.data(),
)
def test_zones_share_a_band_without_loss(volumes: dict[Zone, Decimal], data: st.DataObject) -> None:
    total = sum(volumes.values(), D(0))
    cut = data.draw(st.integers(0, int(total * 1000))) / D(1000)
    rows = proportionally(volumes, [cut, total - cut])
    assert [sum(row.values(), D(0)) for row in rows] == [cut, total - cut]
    assert all(share >= 0 for row in rows for share in row.values())
    assert {zone: sum(row[zone] for row in rows) for zone in volumes} == volumes


def test_sets_of_zones_are_those_that_meters_count() -> None:
    assert ZONE_SETS == (SINGLE, DAY_NIGHT, PEAK_HALF_NIGHT)
