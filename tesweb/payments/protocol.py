"""What a gateway is: it says what the bank knows about an order now, and the core decides.

A gateway talks to its bank and to nothing else: it has no database, no page, no state. The return
page, a notification, a timeout and the nightly check all end in `report()`, so that duplicates,
wrong order and forged or lost notifications are no cases of their own. `docs/gateways.md` tells how
to write one, and `tesweb.testing.GatewayContract` tests it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol, runtime_checkable
from uuid import UUID

from tesweb.money import NOTHING, Kopecks


class Way(StrEnum):
    """How people pay."""

    CARD = "card"
    #: Система быстрых платежей: a link or a QR code that opens the bank's own application.
    SBP = "sbp"


class BankState(StrEnum):
    """What the bank says about an order now."""

    #: It is there, and nobody has paid yet or the bank is still busy with it.
    PENDING = "pending"
    #: The money is held on the card and not yet taken.
    HELD = "held"
    #: The money came. It stays so when some of it went back: see `Report.refunded`.
    PAID = "paid"
    FAILED = "failed"
    CANCELED = "canceled"
    #: Nobody paid in time.
    EXPIRED = "expired"


class Reason(StrEnum):
    """Why a bank did not take the money: what a payer can be told and advised."""

    NOT_ENOUGH_MONEY = "not_enough_money"
    WRONG_NUMBER = "wrong_number"
    WRONG_CODE = "wrong_code"
    CARD_EXPIRED = "card_expired"
    #: The password from the message was wrong or never came.
    NOT_CONFIRMED = "not_confirmed"
    CALL_BANK = "call_bank"
    LIMIT_REACHED = "limit_reached"
    CARD_RESTRICTED = "card_restricted"
    COUNTRY_FORBIDDEN = "country_forbidden"
    FRAUD_SUSPECTED = "fraud_suspected"
    BANK_UNAVAILABLE = "bank_unavailable"
    PAYER_CANCELED = "payer_canceled"
    TIME_OVER = "time_over"
    #: The payer has told the bank to let no more automatic payments through.
    PERMISSION_REVOKED = "permission_revoked"
    DECLINED = "declined"


class Vat(StrEnum):
    """The rate of VAT of a receipt's line, as 54-FZ knows them."""

    NONE = "none"
    ZERO = "0"
    TEN = "10"
    TWENTY = "20"
    TWENTY_TWO = "22"
    TEN_110 = "10/110"
    TWENTY_120 = "20/120"
    TWENTY_TWO_122 = "22/122"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the fiscal receipt (54-FZ): one account's share, or the fee."""

    title: str
    amount: Kopecks
    vat: Vat


@dataclass(frozen=True, slots=True)
class Payee:
    """The supplier's bank details, which a payment for utilities has to carry."""

    name: str
    #: Ten digits.
    inn: str
    #: Nine digits.
    kpp: str
    bank: str
    bic: str
    #: Twenty digits each.
    account: str
    correspondent_account: str
    #: Eight or eleven digits, or `0`.
    oktmo: str = "0"
    kbk: str = "0"


@dataclass(frozen=True, slots=True)
class Utilities:
    """What makes it a payment for utilities of one account and one month."""

    payee: Payee
    account_number: str
    #: The month that is paid for, its first day.
    period: date
    purpose: str


@dataclass(frozen=True, slots=True)
class SavedCard:
    """A card that the bank remembers for us: its token, and what people know it by."""

    #: It can take money, so it is never shown and never logged.
    token: str = field(repr=False)
    #: `mir`, `visa`, `mastercard`, or what the bank calls it.
    brand: str = ""
    #: The last four digits, and never more.
    last4: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One attempt to pay, as the core knows it. The same `key` is always the same attempt."""

    key: UUID
    #: What the payer sees on the page and on the receipt.
    number: str
    #: Everything the payer pays, the fee included.
    amount: Kopecks
    way: Way
    #: One line in the payer's language, 128 characters at most.
    purpose: str
    #: The e-mail address or the number (`+7…`) that the fiscal receipt goes to.
    contact: str = field(repr=False)
    lines: tuple[Line, ...]
    #: Set where the order is for one account and the region has named its bank details.
    utilities: Utilities | None = None
    #: Where the bank sends the payer back to.
    return_url: str
    #: Where the bank sends its notifications to.
    notify_url: str
    #: Whether the payer has asked that the card be remembered.
    remember: bool = False
    #: The payer as the bank may know them, the same for each payment of one user; no login.
    customer: str = ""
    placed_at: datetime
    #: The bank's own number of the order; None until an answer to `start()` has come.
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Redirect:
    """The payer goes on to the bank's page."""

    url: str


@dataclass(frozen=True, slots=True)
class Code:
    """The payer opens a link in the bank's application, on a desktop by its QR code."""

    link: str


@dataclass(frozen=True, slots=True)
class Started:
    """The bank has the order."""

    reference: str
    #: None where the answer with it was lost and the bank does not tell it again: then nobody can
    #: pay the order, unless somebody has already.
    step: Redirect | Code | None
    #: After this nobody can pay it any more; None where the bank does not say.
    expires_at: datetime | None = None


class FiscalState(StrEnum):
    """How far a fiscal receipt has come."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class Fiscal:
    """The fiscal receipt: on its way (`number` is empty) or registered."""

    state: FiscalState
    #: ФД, ФН, ФПД.
    number: str = ""
    storage: str = ""
    sign: str = ""
    registered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything the bank says about an order now, in totals."""

    state: BankState
    reference: str
    #: What has been taken all in all; zero unless PAID.
    paid: Kopecks = NOTHING
    #: What has gone back all in all.
    refunded: Kopecks = NOTHING
    #: ISO 4217.
    currency: str = "RUB"
    reason: Reason | None = None
    #: The card that paid: brand and last four digits; its token only where it may be used again.
    card: SavedCard | None = None
    fiscal: Fiscal | None = None


@dataclass(frozen=True, slots=True)
class Notification:
    """A request that says it comes from the bank."""

    body: bytes
    #: Names in lower case.
    headers: Mapping[str, str]
    #: The sender's address, trusted proxies taken into account.
    remote_address: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Which order a notification is about. Of what it claims nothing is believed."""

    #: One of the two is set.
    key: UUID | None = None
    reference: str | None = None
    #: The body that this bank wants to be answered with.
    answer: str = "OK"


@dataclass(frozen=True, slots=True)
class Settled:
    """A line of the bank's register: money that moved between the bank and the supplier."""

    reference: str
    #: The order's key, where the bank's register has it.
    key: UUID | None
    #: Kopecks that the payer paid; negative for a refund.
    amount: Kopecks
    #: What the bank has kept.
    fee: Kopecks
    at: datetime
    #: ISO 4217.
    currency: str = "RUB"


class GatewayError(Exception):
    """A bank's answer is no answer that helps. The text has no secret and no personal data."""


class Refused(GatewayError):
    """The bank said no, and nothing has happened; it will say so again."""

    def __init__(self, reason: Reason = Reason.DECLINED, text: str = "") -> None:
        """Carry why, for the payer, and the bank's own words, for the log."""
        super().__init__(text or reason.value)
        self.reason = reason


class Unclear(GatewayError):
    """No answer, or one that nobody understands: it may have happened. The core asks again."""


class Unknown(GatewayError):
    """The bank has no such order, and is sure of it."""


class Forged(GatewayError):
    """The notification does not come from the bank."""


@runtime_checkable
class Gateway(Protocol):
    """A way to a bank. Each method talks to the bank for 30 seconds at most."""

    @property
    def name(self) -> str:
        """Stored with each order for ever: `yookassa`."""

    @property
    def title(self) -> str:
        """What payers know the bank by."""

    @property
    def ways(self) -> tuple[Way, ...]:
        """What it takes, the usual one first."""

    @property
    def origins(self) -> tuple[str, ...]:
        """Where its pages lie, `https://bank.example`: the browser is sent nowhere else."""

    @property
    def key_lives(self) -> timedelta:
        """How long the bank knows a key for the same; afterwards `start()` is never repeated."""

    def limits(self, way: Way) -> tuple[Kopecks, Kopecks]:
        """The least and the most of one payment, the fee included."""

    def fee(self, amount: Kopecks, way: Way) -> Kopecks:
        """What the payer pays on top of `amount`; zero where the supplier pays it."""

    def start(self, order: Order) -> Started:
        """Give the order to the bank. Twice with one key is one order there.

        Called outside of any transaction, again with the same key when the answer was lost. Raises
        Refused when the bank will never take it, Unclear for a timeout, a 5xx, or nonsense.
        """

    def report(self, order: Order) -> Report:
        """Ask the bank about the order: by its reference, or by its key where that was lost.

        Called on the payer's return, after a notification, and by the clock. Must not change
        anything at the bank. Raises Unknown when the bank has no such order, Unclear without an
        answer.
        """

    def read(self, notification: Notification) -> Notice:
        """Make sure who it is from, and say which order it is about.

        Must not call the bank. Raises Forged for a wrong signature or a foreign address.
        """


@runtime_checkable
class Refunds(Protocol):
    """A gateway that can give money back."""

    def refund(self, order: Order, key: UUID, amount: Kopecks) -> None:
        """Give `amount` of a paid order back; twice with one key is once.

        That it has happened is told by `Report.refunded`. Raises Refused or Unclear.
        """


@runtime_checkable
class Autopay(Protocol):
    """A gateway that can take money from a card that it remembers."""

    def charge(self, order: Order, card: SavedCard) -> str:
        """Give the order to the bank with nobody there to confirm it; returns its reference.

        What came of it is told by `report()`. Twice with one key is one order. Raises as `start()`.
        """

    def forget(self, card: SavedCard) -> None:
        """Make the bank forget the card, where it can. Raises Unclear."""


@runtime_checkable
class Register(Protocol):
    """A gateway that lists what was settled on a day."""

    def settled(self, day: date) -> Iterable[Settled]:
        """Every payment and refund of a day, by the bank's own calendar. Raises Unclear."""
