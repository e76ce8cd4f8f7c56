"""What a card's number tells: its brand, and whether it can be one at all."""

from typing import NamedTuple


class Brand(NamedTuple):
    """A payment system."""

    #: As the API writes it.
    name: str
    #: As people read it: the Russian one is in the catalog.
    title: str
    lengths: frozenset[int]


MIR = Brand("Mir", "MIR", frozenset({16, 17, 18, 19}))
VISA = Brand("Visa", "Visa", frozenset({13, 16, 18, 19}))
MASTERCARD = Brand("MasterCard", "Mastercard", frozenset({16}))
_RANGES = (
    (2200, 2204, MIR),
    (2221, 2720, MASTERCARD),
    (4000, 4999, VISA),
    (5100, 5599, MASTERCARD),
)


def brand_of(number: str) -> Brand | None:
    """The brand by the first four digits; None for another one."""
    if not (number.isascii() and number.isdigit()) or len(number) < len("2200"):
        return None
    start = int(number[:4])
    return next((brand for low, high, brand in _RANGES if low <= start <= high), None)


def is_luhn(number: str) -> bool:
    """Whether the last digit is the one that the others ask for."""
    digits = [int(digit) for digit in reversed(number)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
