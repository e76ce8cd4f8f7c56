"""What the operator has from T-Bank, and what is known of it."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, IPvAnyNetwork, SecretStr, TypeAdapter

from tesweb.api import payments

#: From where T-Bank notifies, as its documentation had it on 23 November 2026.
NETWORKS: tuple[IPvAnyNetwork, ...] = TypeAdapter(tuple[IPvAnyNetwork, ...]).validate_python((
    "91.194.226.0/23",
    "91.218.132.0/24",
    "91.218.133.0/24",
    "91.218.134.0/24",
    "91.218.135.0/24",
    "212.49.24.0/24",
    "212.233.80.0/24",
    "212.233.81.0/24",
    "212.233.82.0/24",
    "212.233.83.0/24",
))  # fmt: skip
_HOST = r"(https://[A-Za-z0-9.-]+(:\d+)?|http://(127\.0\.0\.1|localhost):\d+)"
Origin = Annotated[str, Field(pattern=rf"^{_HOST}$")]


class TBankSettings(BaseModel):
    """The section `[plugins.tbank]`."""

    # A variable of the environment that looks like a number comes as one.
    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, coerce_numbers_to_str=True
    )

    terminal_key: str = Field(default="", max_length=20, pattern=r"^\w*$")
    """The terminal (`TerminalKey`); empty means that nobody pays through T-Bank."""

    password: SecretStr = SecretStr("")
    """The terminal's password: requests and notifications are signed with it."""

    ways: tuple[payments.Way, ...] = (payments.Way.CARD, payments.Way.SBP)
    """What the terminal may take, the usual one first."""

    saves_cards: bool = True
    """Whether T-Bank has allowed `Charge` (recurrent payments) for the terminal."""

    taxation: Literal["osn", "usn_income", "usn_income_outcome", "envd", "esn", "patent"] = "osn"
    """The supplier's system of taxation on receipts."""

    receipts: Literal["1.05", "1.2", ""] = "1.05"
    """The till's format of fiscal data (FFD); empty where no till is connected at T-Bank."""

    fee: Decimal = Field(default=Decimal(0), ge=0, lt=100)
    """What the payer pays on top, in percent of the sum; 0 where the supplier pays T-Bank."""

    most: int = Field(default=350_000, ge=1_000, le=1_000_000)
    """The most of one payment by the agreement, rubles."""

    patience: float = Field(default=25, ge=1, le=30)
    """How many seconds T-Bank may take for one call, whatever it does."""

    api: str = Field(default="https://securepay.tinkoff.ru/v2", pattern=rf"^{_HOST}(/[\w.-]+)*$")
    """Where T-Bank is; in clear on this machine alone, for trials."""

    origins: tuple[Origin, ...] = (
        "https://securepay.tinkoff.ru",
        "https://securepayments.tinkoff.ru",
        "https://pay.tbank.ru",
    )
    """Where its pages lie: payers are sent nowhere else."""

    networks: tuple[IPvAnyNetwork, ...] = NETWORKS
    """From where it notifies; empty means that the signature alone decides."""
