"""The people who can sign in to the demo, each with something to try."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from tesweb.accounts.models import Role
from tesweb.clock import add_months, month_of
from tesweb.demo.households import (
    MODELS,
    ONE,
    THREE_OTHERWISE,
    TWO,
    TYUMEN,
    VLADIVOSTOK,
    Household,
    Pays,
    Season,
)
from tesweb.regions.region import Region


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the demo, and the role on each account by number."""

    login: str
    name: str
    about: str
    accounts: tuple[tuple[str, Role], ...]
    language: str = "ru"
    is_operator: bool = False
    #: Where the demo's inbox catches what is sent.
    email: str | None = None
    phone: str | None = None

    @property
    def password(self) -> str:
        """No secret: the demo prints it."""
        return f"demo-{self.login}-2026"


IVANOVA, PETROV, SIDOROVA = "720400100011", "720400100022", "720400100033"
DOLGOV, AKIMOVA, SEMYA = "720400100044", "720400100055", "720400100066"
#: Nobody's in the cabinet yet: for whoever tries to register.
FREE = "720400100110"
SOSED, SOSED_GARDEN, SOSED_SEA = "720400100077", "720400100088", "2500100099"

PEOPLE = (
    Person(
        "ivanova",
        "Анна Петровна Иванова",
        "one-zone meter of 4 digits that stands at 9993; nothing sent this month"
        " · счётчик из 4 цифр стоит на 9993, в этом месяце показаний нет",
        ((IVANOVA, Role.OWNER),),
    ),
    Person(
        "petrov",
        "Сергей Петров",
        "two-zone meter · двухтарифный счётчик",
        ((PETROV, Role.OWNER),),
    ),
    Person(
        "sidorova",
        "Мария Сидорова",
        "three-zone meter whose T2 is the night · трёхтарифный счётчик, Т2 — ночь",
        ((SIDOROVA, Role.OWNER),),
    ),
    Person(
        "dolgov",
        "Игорь Долгов",
        "in debt for half a year · долг за полгода",
        ((DOLGOV, Role.OWNER),),
        email="dolgov@example.com",
        phone="+79000000044",
    ),
    Person(
        "akimova",
        "Елена Акимова",
        "overpaid · переплата",
        ((AKIMOVA, Role.OWNER),),
    ),
    Person(
        "semya1",
        "Ольга Смирнова",
        "household of two: the owner · семья, владелец счёта",
        ((SEMYA, Role.OWNER),),
    ),
    Person(
        "semya2",
        "Павел Смирнов",
        "household of two: pays and sends readings · семья, плательщик",
        ((SEMYA, Role.PAYER),),
    ),
    Person(
        "sosed",
        "Виктор Соседов",
        "several accounts: a meter just replaced, none at all, another region"
        " · несколько счетов: замена счётчика, без счётчика, другой регион",
        ((SOSED, Role.OWNER), (SOSED_GARDEN, Role.OWNER), (SOSED_SEA, Role.READER)),
    ),
    Person(
        "novikov",
        "Артём Новиков",
        "no account yet · пока без лицевого счёта",
        (),
    ),
    Person(
        "operator",
        "Вера Оператова",
        "works for the supplier: sets up a second factor, signs in again, opens /operator"
        " · оператор: сначала второй фактор, потом вход заново и /operator",
        (),
        is_operator=True,
    ),
)


def named(regions: Mapping[str, Region], today: date) -> list[Household]:
    """The households of these people; the one in the other region only where it is installed."""
    region = regions[TYUMEN]
    found = [
        *_flats(region),
        *_of_sosed(region, today),
        _free(region),
    ]
    if VLADIVOSTOK in regions:
        found.append(
            Household(
                regions[VLADIVOSTOK],
                SOSED_SEA,
                "г. Владивосток, ул. Светланская, д. 50, кв. 12",
                "city",
                Season.APARTMENT,
                170,
                TWO,
                serial="31870012",
                diligence=1.0,
            )
        )
    return found


def _flats(region: Region) -> list[Household]:
    return [_of_ivanova(region), *_with_zones(region), *_payers(region)]


def _of_ivanova(region: Region) -> Household:
    return Household(
        region,
        IVANOVA,
        "г. Тюмень, ул. Республики, д. 142, кв. 17",
        "gas_stove",
        Season.APARTMENT,
        84,
        ONE,
        digits=4,
        model="СО-505",
        serial="00417583",
        installed_on=date(2013, 9, 3),
        verified_until=date(2029, 9, 2),
        diligence=1.0,
        last_value=9993,
    )


def _with_zones(region: Region) -> list[Household]:
    return [
        Household(
            region,
            PETROV,
            "г. Тюмень, ул. Мельникайте, д. 117, корп. 2, кв. 54",
            "electric_stove",
            Season.APARTMENT,
            260,
            TWO,
            model=MODELS[1],
            serial="22841967",
            diligence=1.0,
        ),
        Household(
            region,
            SIDOROVA,
            "г. Тюмень, ул. Пермякова, д. 68, кв. 203",
            "electric_stove",
            Season.APARTMENT,
            340,
            THREE_OTHERWISE,
            digits=6,
            model=MODELS[4],
            serial="07713345",
            diligence=1.0,
        ),
    ]


def _payers(region: Region) -> list[Household]:
    return [
        Household(
            region,
            DOLGOV,
            "г. Тюмень, ул. Широтная, д. 29, кв. 88",
            "gas_stove",
            Season.APARTMENT,
            230,
            serial="11920458",
            pays=Pays.NOT,
            forgotten=frozenset({2, 3}),
        ),
        Household(
            region,
            AKIMOVA,
            "г. Тюмень, ул. Харьковская, д. 59, кв. 7",
            "gas_stove",
            Season.APARTMENT,
            120,
            serial="40118236",
            diligence=1.0,
            pays=Pays.TOO_MUCH,
        ),
        Household(
            region,
            SEMYA,
            "Тюменский р-н, п. Боровский, ул. Мира, д. 21",
            "private_house",
            Season.HOUSE,
            640,
            TWO,
            digits=6,
            model=MODELS[3],
            serial="33500714",
            diligence=1.0,
            pays=Pays.IN_ADVANCE,
        ),
    ]


def _free(region: Region) -> Household:
    return Household(
        region,
        FREE,
        "г. Тюмень, ул. Ставропольская, д. 11, кв. 64",
        "gas_stove",
        Season.APARTMENT,
        110,
        serial="51820364",
        diligence=1.0,
    )


def _of_sosed(region: Region, today: date) -> list[Household]:
    month = month_of(today)
    replaced = month + timedelta(days=4)
    if replaced >= today:
        replaced = add_months(month, -1) + timedelta(days=4)
    return [
        Household(
            region,
            SOSED,
            "г. Тюмень, ул. Герцена, д. 95, кв. 31",
            "gas_stove",
            Season.APARTMENT,
            150,
            model=MODELS[2],
            serial="15093381",
            diligence=1.0,
            replaced_on=replaced,
        ),
        Household(
            region,
            SOSED_GARDEN,
            "г. Тюмень, СНТ «Ветеран», ул. Вишнёвая, уч. 48",
            "private_house",
            Season.GARDEN,
            60,
            (),
        ),
    ]
