"""Addresses as they are written in Tyumen and around it; streets and villages are real ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

TYUMEN_STREETS: tuple[str, ...] = (
    "ул. Республики",
    "ул. Ленина",
    "ул. Мельникайте",
    "ул. 50 лет Октября",
    "ул. Пермякова",
    "ул. Широтная",
    "ул. Олимпийская",
    "ул. Федюнинского",
    "ул. Мориса Тореза",
    "ул. Николая Чаплина",
    "ул. Василия Гольцова",
    "ул. Герцена",
    "ул. Советская",
    "ул. Орджоникидзе",
    "ул. Харьковская",
    "ул. Рижская",
    "ул. Одесская",
    "ул. Котовского",
    "ул. Ставропольская",
    "ул. Энергетиков",
    "ул. Профсоюзная",
    "ул. Челюскинцев",
    "ул. Полевая",
    "ул. Щербакова",
    "ул. Газовиков",
    "ул. Эрвье",
    "проезд Геологоразведчиков",
    "проезд Заречный",
    "ул. Малыгина",
    "ул. Максима Горького",
)
OTHER_CITIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("г. Тобольск", ("ул. Ремезова", "ул. Семёна Ремезова", "ул. Октябрьская", "ул. Свердлова")),
    ("г. Ишим", ("ул. Карла Маркса", "ул. Ленина", "ул. Казанская", "ул. Большая")),
    ("г. Ялуторовск", ("ул. Свободы", "ул. Ленина", "ул. Тюменская")),
    ("г. Заводоуковск", ("ул. Первомайская", "ул. Шоссейная", "ул. Братская")),
)
VILLAGES = (
    "с. Червишево",
    "с. Онохино",
    "с. Успенка",
    "с. Каскара",
    "с. Созоново",
    "с. Мальково",
    "с. Кулаково",
    "с. Перевалово",
    "с. Ембаево",
    "с. Горьковка",
    "п. Боровский",
    "п. Винзили",
    "п. Богандинский",
    "п. Московский",
    "д. Дербыши",
    "д. Ушакова",
    "д. Есаулова",
    "д. Патрушева",
)
VILLAGE_STREETS = (
    "ул. Советская",
    "ул. Молодёжная",
    "ул. Центральная",
    "ул. Садовая",
    "ул. Мира",
    "ул. Новая",
    "ул. Лесная",
    "ул. Береговая",
    "пер. Школьный",
)
GARDENS = (
    "СНТ «Ветеран»",
    "СНТ «Рассвет»",
    "СНТ «Берёзка»",
    "СНТ «Строитель»",
    "СНТ «Энергетик»",
    "СНТ «Надежда»",
    "СНТ «Лесная поляна»",
    "СНТ «Царёво»",
)
GARDEN_STREETS = ("ул. Вишнёвая", "ул. Яблоневая", "ул. Смородиновая", "ул. Цветочная")
VLADIVOSTOK_STREETS = (
    "ул. Светланская",
    "Океанский пр-т",
    "ул. Алеутская",
    "ул. Русская",
    "ул. Нейбута",
    "пр-т 100 лет Владивостоку",
    "ул. Тухачевского",
)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Makes addresses; none of them twice."""

    random: Random
    taken: set[str]

    def apartment(self) -> str:
        """A flat in Tyumen, now and then in another town."""
        city, streets = "г. Тюмень", TYUMEN_STREETS
        if self.random.random() < 0.15:  # noqa: PLR2004 - about one of seven
            city, streets = self.random.choice(OTHER_CITIES)
        return self._new(lambda: f"{city}, {self._flat(streets)}")

    def house(self) -> str:
        """A house in a village of the district around Tyumen."""
        return self._new(
            lambda: (
                f"Тюменский р-н, {self.random.choice(VILLAGES)}, "
                f"{self.random.choice(VILLAGE_STREETS)}, д. {self.random.randint(1, 96)}"
            )
        )

    def garden(self) -> str:
        """A plot of a gardeners' co-operative."""
        return self._new(
            lambda: (
                f"г. Тюмень, {self.random.choice(GARDENS)}, "
                f"{self.random.choice(GARDEN_STREETS)}, уч. {self.random.randint(1, 240)}"
            )
        )

    def vladivostok(self) -> str:
        """A flat in the other region."""
        return self._new(lambda: f"г. Владивосток, {self._flat(VLADIVOSTOK_STREETS)}")

    def _flat(self, streets: Sequence[str]) -> str:
        street, house = self.random.choice(streets), self.random.randint(1, 220)
        block = f", корп. {self.random.randint(1, 4)}" if self.random.random() < 0.2 else ""  # noqa: PLR2004 - one of five
        return f"{street}, д. {house}{block}, кв. {self.random.randint(1, 180)}"

    def _new(self, make: Callable[[], str]) -> str:
        address = make()
        while address in self.taken:
            address = make()
        self.taken.add(address)
        return address
