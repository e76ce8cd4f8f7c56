"""What a region writes down: `region.toml` and `tariffs.toml`, checked key by key.

`docs/regions.md` explains each key with an example.
"""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from tesweb.accounts.models import Proof
from tesweb.meters.models import Zone
from tesweb.payments.protocol import Vat
from tesweb.regions.calendar import Weekday, country
from tesweb.tariffs.models import Band, Tariff

MINUTES_OF_A_DAY = 24 * 60
_TIMES = re.compile(r"(\d{1,2}):(\d\d)-(\d{1,2}):(\d\d)", re.ASCII)


class Fact(BaseModel):
    """The base of everything that is read from a region's files: no unknown key, no change."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Text(Fact):
    """A text in the languages of the page."""

    ru: str
    en: str

    def in_language(self, language: str) -> str:
        """The Russian text for `ru`, the English one for every other language."""
        return self.ru if language == "ru" else self.en


Colour = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]


class Brand(Fact):
    """The names and colours of the supplier."""

    short_name: Text
    """Under the icon on a phone's screen; more than 12 characters are cut off there."""
    primary: Colour
    """Header and buttons, white text stands on it."""
    text: Colour
    """Text on white."""
    accent: Colour
    """Under the pointer and on focus, `text` stands on it."""


class Hours(Fact):
    """Minutes after midnight between which somebody answers."""

    opens: int = Field(ge=0, le=MINUTES_OF_A_DAY)
    closes: int = Field(ge=0, le=MINUTES_OF_A_DAY)

    @model_validator(mode="before")
    @classmethod
    def _read(cls, written: object) -> object:
        if not isinstance(written, str):
            return written
        found = _TIMES.fullmatch(written)
        if found is None:
            raise ValueError(f"{written!r} is not of the form 8:00-17:00")
        hour, minute, until_hour, until_minute = map(int, found.groups())
        return {"opens": hour * 60 + minute, "closes": until_hour * 60 + until_minute}

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("it closes before it opens")
        return self


class ContactFacts(Fact):
    """How people reach the supplier."""

    phone: str = Field(pattern=r"^[0-9+() -]{3,20}$")
    phone_note: Text
    """What stands under the number: that the call is free, for instance."""
    email: str = Field(default="", pattern=r"^([^@\s]+@[^@\s]+\.[^@\s]+)?$")
    site: str = Field(default="", pattern=r"^(https://\S+)?$")
    office: Text | None = None
    """The address of the office that receives people."""
    hours: dict[Weekday, Hours] = Field(min_length=1)
    """A weekday that is left out is a day off."""


class AccountFacts(Fact):
    """The form of account numbers."""

    pattern: str
    """A regular expression of the digits, without spaces and dashes."""
    mask: str = Field(pattern=r"^[N -]+$")
    """How the number is shown; each N is a digit."""
    example: str
    """A number that is nobody's, shown as a hint."""

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, written: str) -> str:
        try:
            re.compile(written)
        except re.error as error:
            raise ValueError(f"it is not a regular expression: {error}") from error
        return written


class ProofFacts(Fact):
    """What proves that an account is somebody's own."""

    asks: tuple[Proof, ...] = Field(
        default=(Proof.METER, Proof.PAYMENT), min_length=1, max_length=2
    )
    """All of it is asked together."""

    @field_validator("asks")
    @classmethod
    def _once(cls, written: tuple[Proof, ...]) -> tuple[Proof, ...]:
        if len(set(written)) < len(written):
            raise ValueError("the same is asked twice")
        return written


class WindowFacts(Fact):
    """The days of a month between which readings are taken."""

    opens: int = Field(ge=1, le=31)
    closes: int = Field(ge=1, le=31)
    """Before `opens` it means the next month; past a month's end it means its last day."""


class DueFacts(Fact):
    """The day by which a bill must be paid."""

    since: date
    """The first billing month of the rule."""
    day: int = Field(ge=1, le=28)
    """Of the month after the billing month; moved on to a working day."""


class CalendarChanges(Fact):
    """The working calendar."""

    country: str = "russia"
    """A calendar that tesweb brings."""
    off: frozenset[date] = frozenset()
    """Further days off, of a republic for instance, or of a year that tesweb does not know yet."""
    working: frozenset[date] = frozenset()
    """Further working days."""

    @field_validator("country")
    @classmethod
    def _exists(cls, written: str) -> str:
        try:
            country(written)
        except LookupError as error:
            raise ValueError(str(error)) from error
        return written


class PayeeFacts(Fact):
    """The supplier's bank details, which a payment for utilities carries."""

    name: str = Field(min_length=1, max_length=160)
    inn: str = Field(pattern=r"^[0-9]{10}$")
    kpp: str = Field(pattern=r"^[0-9]{9}$")
    bank: str = Field(min_length=1, max_length=45)
    bic: str = Field(pattern=r"^[0-9]{9}$")
    account: str = Field(pattern=r"^[0-9]{20}$")
    correspondent_account: str = Field(pattern=r"^[0-9]{20}$")
    oktmo: str = Field(default="0", pattern=r"^(0|[0-9]{8}|[0-9]{11})$")
    kbk: str = Field(default="0", pattern=r"^(0|[0-9]{20})$")


class PaymentFacts(Fact):
    """How residents pay here."""

    least: int = Field(default=5000, ge=1)
    """The least that is taken at once, in kopecks."""
    unusual: int = Field(default=50000, ge=0)
    """Autopay leaves a bill alone that is twice the usual one and so many kopecks above it."""
    vat: Vat = Vat.TWENTY_TWO_122
    """The rate of VAT on the fiscal receipt (54-FZ)."""
    payee: PayeeFacts | None = None
    """Without it a payment does not name the supplier's bank account."""


class KeyRate(Fact):
    """The key rate of the Bank of Russia."""

    since: date
    """Its first day."""
    percent: Decimal = Field(gt=0, lt=100)
    """A year."""


class PenaltyFacts(Fact):
    """What late payment costs (ЖК РФ, ст. 155, ч. 14)."""

    key_rates: tuple[KeyRate, ...] = ()
    """Without one the estimate takes 9.5 %, and from 2027 on there is none."""


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"there is no time zone {name!r}") from error
    return name


class Facts(Fact):
    """The whole of `region.toml`."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")
    """Stored with every account for ever."""
    timezone: Annotated[str, AfterValidator(_known_zone)]
    title: Text
    brand: Brand
    contacts: ContactFacts
    account: AccountFacts
    proof: ProofFacts = ProofFacts()
    window: WindowFacts
    due: tuple[DueFacts, ...] = Field(min_length=1)
    calendar: CalendarChanges = CalendarChanges()
    payment: PaymentFacts = PaymentFacts()
    penalty: PenaltyFacts = PenaltyFacts()
    zones: dict[Zone, tuple[tuple[Annotated[int, Field(ge=0, le=24)], ...], ...]]
    """The hours of each zone, as pairs `[from, until]`; 23 until 7 goes over midnight."""
    categories: dict[str, Text] = Field(min_length=1)
    """Tariff categories by the name that billing sends."""
    cities: tuple[Text, ...] = ()
    """Places that are offered when people give their address."""

    @field_validator("zones")
    @classmethod
    def _pairs(
        cls, written: dict[Zone, tuple[tuple[int, ...], ...]]
    ) -> dict[Zone, tuple[tuple[int, ...], ...]]:
        if any(len(pair) != 2 for spans in written.values() for pair in spans):  # noqa: PLR2004 - a pair
            raise ValueError("hours are pairs [from, until]")
        return written


class BandFacts(Fact):
    """One band of a tariff: its end and the prices of the tariff's zones."""

    up_to: Decimal | None = None
    single: Decimal | None = None
    day: Decimal | None = None
    night: Decimal | None = None
    peak: Decimal | None = None
    half_peak: Decimal | None = None

    def band(self) -> Band:
        """The same as the calculation wants it."""
        prices = {zone: getattr(self, zone) for zone in Zone}
        return Band(
            self.up_to, {zone: price for zone, price in prices.items() if price is not None}
        )


class TariffFacts(Fact):
    """One row of `tariffs.toml`."""

    category: str
    valid_from: date
    valid_until: date | None = None
    source: str = Field(min_length=1)
    is_demo: bool = False
    bands: tuple[BandFacts, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _can_be_priced(self) -> Self:
        self.tariff()
        return self

    def tariff(self) -> Tariff:
        """The tariff; its zones are those of the first band. Raises BadTariff with the fault."""
        bands = tuple(band.band() for band in self.bands)
        zones = frozenset(bands[0].prices)
        return Tariff(
            self.category,
            zones,
            bands,
            self.valid_from,
            self.valid_until,
            self.source,
            self.is_demo,
        )


class TariffSheet(Fact):
    """The whole of `tariffs.toml`."""

    tariffs: tuple[TariffFacts, ...] = Field(min_length=1)
