"""What the operator has from YooKassa, and what is known of it."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, IPvAnyNetwork, SecretStr, TypeAdapter

from tesweb.api import payments

#: From where YooKassa notifies, as its documentation had it on 23 November 2026.
NETWORKS: tuple[IPvAnyNetwork, ...] = TypeAdapter(tuple[IPvAnyNetwork, ...]).validate_python((
    "77.75.153.0/25",
    "77.75.154.128/25",
    "77.75.156.11/32",
    "77.75.156.35/32",
    "185.71.76.0/27",
    "185.71.77.0/27",
    "2a02:5180::/32",
))  # fmt: skip
_HOST = r"(https://[A-Za-z0-9.-]+(:\d+)?|http://(127\.0\.0\.1|localhost):\d+)"
Origin = Annotated[str, Field(pattern=rf"^{_HOST}$")]


class YooKassaSettings(BaseModel):
    """The section `[plugins.yookassa]`."""

    # A variable of the environment that looks like a number comes as one.
    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, coerce_numbers_to_str=True
    )

    shop_id: str = Field(default="", pattern=r"^\d{0,20}$")
    """The shop's number (`shopId`); empty means that nobody pays through YooKassa."""

    secret_key: SecretStr = SecretStr("")
    """The shop's secret key (`live_…`, for trials `test_…`)."""

    ways: tuple[payments.Way, ...] = (payments.Way.CARD, payments.Way.SBP)
    """What the shop may take by its agreement, the usual one first; a trial shop has no `sbp`."""

    saves_cards: bool = True
    """Whether YooKassa has switched autopayments on for the shop; where it has not, it refuses
    each payment with «remember the card»."""

    tax_system: int | None = Field(default=None, ge=1, le=6)
    """The supplier's system of taxation on receipts (tag 1055), where the till wants it."""

    fee: Decimal = Field(default=Decimal(0), ge=0, lt=100)
    """What the payer pays on top, in percent of the sum; 0 where the supplier pays YooKassa."""

    patience: float = Field(default=25, ge=1, le=30)
    """How many seconds YooKassa may take for one call, whatever it does."""

    api: str = Field(default="https://api.yookassa.ru/v3", pattern=rf"^{_HOST}(/[\w.-]+)*$")
    """Where YooKassa is; in clear on this machine alone, for trials."""

    origins: tuple[Origin, ...] = ("https://yoomoney.ru", "https://yookassa.ru")
    """Where its pages lie: payers are sent nowhere else."""

    networks: tuple[IPvAnyNetwork, ...] = NETWORKS
    """From where it notifies; it signs nothing."""
