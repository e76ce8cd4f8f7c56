"""The link that an SBP code carries: as the payment system writes it, on a host of our own."""

import re
import secrets

#: Twelve digits that belong to no bank.
BANK = "100000000999"
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUV"
_POLYNOMIAL, _START = 0x1021, 0xFFFF


def new_code() -> str:
    """What a payment's link is known by: 32 letters and digits, for one payment."""
    return "BD" + "".join(secrets.choice(_ALPHABET) for _ in range(30))


def link(origin: str, code: str, amount: int) -> str:
    """The whole link with its check sum; type 02 is for one payment."""
    url = f"{origin}/sbp/{code}?type=02&bank={BANK}&sum={amount}&cur=RUB"
    return f"{url}&crc={crc(url)}"


def is_whole(url: str) -> bool:
    """Whether the check sum is that of the link."""
    found = re.fullmatch(r"(.*)&crc=([0-9A-F]{4})", url)
    return found is not None and crc(found[1]) == found[2]


def crc(text: str) -> str:
    """CRC-16/CCITT-FALSE as four capital hexadecimal digits."""
    rest = _START
    for byte in text.encode():
        rest ^= byte << 8
        for _ in range(8):
            rest = (rest << 1) ^ _POLYNOMIAL if rest & 0x8000 else rest << 1
        rest &= 0xFFFF
    return f"{rest:04X}"
