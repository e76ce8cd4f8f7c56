"""What a billing system makes of two years: charges, payments, and the files that it sends."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from tesweb.clock import add_months
from tesweb.demo.consumption import History
from tesweb.demo.households import Household, Pays
from tesweb.meters.models import Zone
from tesweb.money import Kopecks, round_to_kopecks
from tesweb.tariffs.models import CostLine

#: The day of the next month on which a month's bill is made.
BILL_DAY = 3
CHANNELS = ("СБП", "Банковская карта", "Автоплатёж", "Сбербанк Онлайн", "Почта России", "Касса")
ZONE_WORDS = {
    Zone.SINGLE: "",
    Zone.DAY: ", день",
    Zone.NIGHT: ", ночь",
    Zone.PEAK: ", пик",
    Zone.HALF_PEAK: ", полупик",
}
_WATT_HOUR = Decimal("0.001")
#: Months for which somebody who owes has not paid.
_UNPAID = 6
_HUNDRED, _FIVE_HUNDRED = 100_00, 500_00


@dataclass(frozen=True, slots=True)
class ChargeLine:
    """A charge as a file of charges has it; the amount in kopecks."""

    period: date
    line: str
    title: str
    volume: Decimal | None
    price: Decimal | None
    amount: int


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """A payment as a file of payments has it; the amount in kopecks."""

    paid_on: date
    reference: str
    channel: str
    amount: int


def charges(household: Household, history: History, random: Random) -> list[ChargeLine]:
    """The lines of every month's bill."""
    lines: list[ChargeLine] = []
    for month, volumes in history.charged.items():
        used = {zone: Decimal(max(volume, 0)) for zone, volume in volumes.items()}
        returned = {zone: Decimal(max(-volume, 0)) for zone, volume in volumes.items()}
        title = "Электроэнергия" if household.zones else "Электроэнергия по нормативу"
        lines += _priced(household, month, used, title)
        for line in _priced(household, month, returned, "Перерасчёт по показаниям"):
            lines.append(_given_back(line))
        if random.random() < 0.01:  # noqa: PLR2004 - one month of a hundred
            amount = -random.randint(20_00, 300_00)
            lines.append(ChargeLine(month, "correction", "Перерасчёт", None, None, amount))
    return lines


def _priced(
    household: Household, month: date, volumes: dict[Zone, Decimal], title: str
) -> Iterator[ChargeLine]:
    cost = household.region.cost(household.category, volumes, month)
    seen: Counter[str] = Counter()
    for line, amount in zip(cost.lines, _rounded(cost.lines), strict=True):
        name = f"{line.zone}-{line.band}"
        seen[name] += 1
        band = f", {line.band}-й диапазон" if line.band > 1 else ""
        yield ChargeLine(
            month,
            name if seen[name] == 1 else f"{name}-{seen[name]}",
            f"{title}{ZONE_WORDS[line.zone]}{band}",
            line.volume.quantize(_WATT_HOUR),
            line.price,
            amount,
        )


def _given_back(line: ChargeLine) -> ChargeLine:
    volume = None if line.volume is None else -line.volume
    return replace(line, line=f"r-{line.line}", volume=volume, amount=-line.amount)


def _rounded(lines: Iterable[CostLine]) -> Iterator[int]:
    """Each line in kopecks, so that together they are the total rounded once."""
    exact, given = Decimal(0), 0
    for line in lines:
        exact += line.rubles
        amount = round_to_kopecks(exact) - given
        given += amount
        yield amount


def payments(
    household: Household, charged: Sequence[ChargeLine], today: date, random: Random
) -> list[PaymentLine]:
    """What the household has paid by yesterday, as it is wont to."""
    billed: Counter[date] = Counter()
    for line in charged:
        billed[add_months(line.period, 1).replace(day=BILL_DAY)] += line.amount
    found: list[PaymentLine] = []
    usual = random.choice(CHANNELS)
    for place, day in enumerate(_pay_days(household, sorted(billed), random)):
        owed = sum(amount for bill, amount in billed.items() if bill <= day)
        owed -= sum(payment.amount for payment in found)
        amount = _sum(household, owed, len(billed) - place, random)
        if amount > 0 and day < today:
            reference = f"{random.randint(10**9, 10**10 - 1)}"
            channel = random.choice((usual, usual, usual, random.choice(CHANNELS)))
            found.append(PaymentLine(day, reference, channel, amount))
    return found


def _pay_days(household: Household, bills: Sequence[date], random: Random) -> Iterator[date]:
    for bill in bills:
        due = household.region.due_date(add_months(bill.replace(day=1), -1))
        if household.pays is Pays.LATE:
            yield due + timedelta(days=random.randint(3, 17))
        else:
            yield bill + timedelta(days=random.randint(1, max((due - bill).days, 1)))


def _sum(household: Household, owed: int, bills_left: int, random: Random) -> Kopecks:
    match household.pays:
        case Pays.NOT if bills_left <= _UNPAID:
            return Kopecks(0)
        case Pays.IN_PARTS:
            part = owed * random.randint(60, 100) // 100
            return Kopecks(part - part % _HUNDRED)
        case Pays.IN_ADVANCE if owed > 0:
            return Kopecks(owed - owed % _FIVE_HUNDRED + _FIVE_HUNDRED)
        case Pays.TOO_MUCH if bills_left == 1:
            return Kopecks(owed + 2 * _FIVE_HUNDRED)
    return Kopecks(owed)


class Files:
    """The files of a billing system, written as the real ones are: each in its own dialect."""

    def __init__(self, folder: Path, today: date) -> None:
        """Write below `folder`, which is made."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.today = folder, today

    def write(self, made: Sequence[tuple[Household, History]], random: Random) -> list[Path]:
        """Write all five and return them."""
        bills = [(household, charges(household, history, random)) for household, history in made]
        paid = [
            (household, payments(household, lines, self.today, random))
            for household, lines in bills
        ]
        return [
            self._file("accounts", "utf-8-sig", _ACCOUNTS, self._accounts(made)),
            self._file("meters", "utf-8", _METERS, _meters(made)),
            self._file("readings", "utf-8", _READINGS, _readings(made)),
            self._file("charges", "utf-8", _CHARGES, _charges(bills)),
            self._file("payments", "cp1251", _PAYMENTS, _payments(paid)),
        ]

    def _file(
        self, name: str, encoding: str, header: str, rows: Iterable[Sequence[object]]
    ) -> Path:
        path = self.folder / f"{name}.csv"
        with path.open("w", encoding=encoding, newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(header.split())
            writer.writerows(rows)
        return path

    def _accounts(self, made: Sequence[tuple[Household, History]]) -> Iterator[Sequence[object]]:
        known = self.today - timedelta(days=1)
        for household, _ in made:
            yield (
                *_key(household),
                household.address,
                household.category,
                known,
                household.bill_code,
            )


_ACCOUNTS = "region account address category balance_on bill_code"
_METERS = (
    "region account serial model installed_on removed_on verified_until"
    " register zone digits ratio initial final"
)
_READINGS = "region account serial register read_on period value source consumed"
_CHARGES = "region account period line title volume price amount"
_PAYMENTS = "region account paid_on reference channel amount"


def _key(household: Household) -> tuple[str, str]:
    return household.region.name, household.number


def _meters(made: Sequence[tuple[Household, History]]) -> Iterator[Sequence[object]]:
    for household, history in made:
        for line in history.meters:
            until = household.verified_until
            if line.installed_on == household.replaced_on:
                until = line.installed_on.replace(year=line.installed_on.year + 16)
            yield (
                *_key(household),
                line.serial,
                household.model,
                line.installed_on,
                line.removed_on,
                until,
                line.register,
                line.zone.value,
                household.digits,
                household.ratio,
                line.initial,
                line.final,
            )


def _readings(made: Sequence[tuple[Household, History]]) -> Iterator[Sequence[object]]:
    for household, history in made:
        for line in history.readings:
            yield (
                *_key(household),
                line.serial,
                line.register,
                line.read_on,
                line.period,
                line.value,
                line.source.value,
                line.consumed,
            )


def _charges(bills: Sequence[tuple[Household, list[ChargeLine]]]) -> Iterator[Sequence[object]]:
    for household, lines in bills:
        for line in lines:
            yield (
                *_key(household),
                line.period,
                line.line,
                line.title,
                _decimal(line.volume),
                _decimal(line.price),
                _rubles(line.amount),
            )


def _payments(paid: Sequence[tuple[Household, list[PaymentLine]]]) -> Iterator[Sequence[object]]:
    for household, lines in paid:
        for line in lines:
            yield (
                *_key(household),
                f"{line.paid_on:%d.%m.%Y}",
                line.reference,
                line.channel,
                _rubles(line.amount),
            )


def _decimal(number: Decimal | None) -> str:
    return "" if number is None else format(number, "f").replace(".", ",")


def _rubles(amount: int) -> str:
    sign, (rubles, kopecks) = "-" if amount < 0 else "", divmod(abs(amount), 100)
    return f"{sign}{rubles},{kopecks:02d}"
