"""E-mail addresses and phone numbers: how they are stored, shown, and how often written to."""

import re
import unicodedata
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import Connection

from tesweb.current import core
from tesweb.identity.challenges import digest
from tesweb.identity.limits import count

#: What browsers take for an address (HTML, 4.10.5.1.5), with a dot in the domain.
_EMAIL = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
    r"(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+"
)
_LONGEST = 254
#: How many messages that somebody asked for go to one address, within which time.
_SENDS = ((3, timedelta(minutes=10)), (10, timedelta(days=1)))
_HIDDEN = "•••"


class Asked(StrEnum):
    """What a message that somebody asked for is about: each has its own share of an address."""

    ACTIVATION = "activation"
    RECOVERY = "recovery"
    ACCESS = "access"
    UNLOCKING = "unlocking"
    CHANGE = "change"
    INVITATION = "invitation"


#: What may be asked to a number that nobody here is known to have.
_TO_STRANGERS = frozenset({Asked.ACTIVATION, Asked.CHANGE, Asked.INVITATION})


def canonical_email(text: str) -> str | None:
    """An address as it is stored and compared, or None for what is none."""
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    return plain if len(plain) <= _LONGEST and _EMAIL.fullmatch(plain) else None


def mask_email(address: str) -> str:
    """`i•••@mail.ru`: the owner knows it again, a passer-by does not learn it."""
    local, _, domain = address.partition("@")
    return f"{local[:1]}{_HIDDEN}@{domain}"


def mask_phone(number: str) -> str:
    """`+7 912 •••-••-89` of `+79123456789`, never broken over two lines."""
    return f"{number[:2]}\u00a0{number[2:5]}\u00a0{_HIDDEN}\u2011••\u2011{number[-2:]}"


def may_send(
    work: Connection, channel: str, address: str, asked: Asked, *, is_own: bool = False
) -> bool:
    """Count one message that somebody asked for and say whether it may go to the address.

    It is decided in the transaction that writes the message, so it holds across processes: three
    in ten minutes, ten in a day, whoever asks. A refused one is counted too. Nobody can use up
    what another purpose has, nor, with `is_own`, what a browser has on which the address's owner
    has signed in before. Text messages have a sum for a day besides, over all numbers, of which
    strangers' numbers get a half: what residents need to get in is not theirs to spend.
    """
    now, whose = core().clock.now(), digest(f"{channel} {address} {asked} {is_own}").hex()
    counted = [
        count(work, f"send {whose} {number}", now, window) <= most
        for number, (most, window) in enumerate(_SENDS)
    ]
    if not all(counted) or channel != "sms":
        return all(counted)
    most = core().settings.sms_daily
    sums = [("send sms to strangers", (most + 1) // 2)] if asked in _TO_STRANGERS else []
    sums.append(("send sms", most))
    # In this order and no further than the first that is full.
    return all(count(work, key, now, timedelta(days=1)) <= share for key, share in sums)


def spaced_phone(number: str) -> str:
    """`+7 912 345-67-89` of `+79123456789`, never broken over two lines."""
    local = "\u2011".join((number[5:8], number[8:10], number[10:]))
    return f"{number[:2]}\u00a0{number[2:5]}\u00a0{local}"
