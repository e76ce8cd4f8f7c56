"""The test cards that YooKassa has published, each with what comes of it; no other is taken."""

from collections.abc import Iterator
from typing import NamedTuple

from tesweb_sandbox_bank.brands import Brand, brand_of


class Outcome(NamedTuple):
    """What the issuing bank will say."""

    #: Why not; empty for a success.
    reason: str = ""
    party: str = ""
    #: Whether the payer has to type a code from a message first.
    asks_code: bool = False

    @property
    def is_good(self) -> bool:
        """Whether the money comes."""
        return not self.reason


SUCCESS = Outcome()
_NETWORK, _SHOP = "payment_network", "yoo_money"
#: The numbers of one line: Mastercard, Visa, Mir.
_TABLE: tuple[tuple[Outcome, str], ...] = (
    (Outcome(asks_code=True), "5555555555554477 4793128161644804 2200000000000004"),
    (SUCCESS, "5555555555554444 4111111111111111 2202474301322987"),
    (
        Outcome("3d_secure_failed", _NETWORK),
        "5555555555554592 4839665499603842 2200000000000012",
    ),
    (Outcome("call_issuer", _NETWORK), "5555555555554535 4926946416239025 2200000000000020"),
    (Outcome("card_expired", _NETWORK), "5555555555554543 4141435412630840 2200000000000038"),
    (Outcome("country_forbidden", _SHOP), "5555555555554584 4969751510013864 2201382000000054"),
    (
        Outcome("fraud_suspected", _NETWORK),
        "5555555555554568 4483274282299972 2200000000000046",
    ),
    (Outcome("fraud_suspected", _SHOP), "5555555555554634 4119098878796485 2201696981989955"),
    (
        Outcome("general_decline", _NETWORK),
        "5555555555554527 4889971706588753 2202202212312379",
    ),
    (
        Outcome("insufficient_funds", _NETWORK),
        "5555555555554600 4562265587712390 2200000000000053",
    ),
    (
        Outcome("invalid_card_number", _NETWORK),
        "5555555555554618 4951017853630544 2201382000000013",
    ),
    (Outcome("invalid_csc", _NETWORK), "5555555555554626 4194180666146368 2200770212727079"),
    (
        Outcome("issuer_unavailable", _NETWORK),
        "5555555555554501 4654130848359150 2201382000000021",
    ),
    (
        Outcome("payment_method_limit_exceeded", _NETWORK),
        "5555555555554576 4565231022577548 2201382000000039",
    ),
    (
        Outcome("payment_method_restricted", _NETWORK),
        "5555555555554550 4233961169071671 2201382000000047",
    ),
)
CARDS = {number: outcome for outcome, numbers in _TABLE for number in numbers.split()}


class Row(NamedTuple):
    """A line of the help on the page."""

    outcome: Outcome
    #: In groups of four digits, each with its brand.
    cards: tuple[tuple[Brand | None, str], ...]


def rows() -> Iterator[Row]:
    """The whole table as the page shows it."""
    for outcome, numbers in _TABLE:
        cards = tuple((brand_of(number), grouped(number)) for number in numbers.split())
        yield Row(outcome, cards)


def grouped(number: str) -> str:
    """`2200 0000 0000 0004`."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))
