"""An app that shows codes, and the paper with recovery codes."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp

from tesweb.clock import FixedClock
from tesweb.testing.client import Client

APP, PAPER, SECOND = "/profile/totp", "/profile/codes", "/login/code"
STEP = timedelta(seconds=30)


class Phone:
    """An app that shows codes, by the clock of the test."""

    def __init__(self, address: str, clock: FixedClock) -> None:
        self.facts = parse_qs(urlsplit(address).query)
        self._totp, self._clock = pyotp.TOTP(self.facts["secret"][0]), clock

    def code(self, steps: int = 0) -> str:
        return self._totp.at(self._clock.moment, counter_offset=steps)


def begin(client: Client, clock: FixedClock) -> Phone:
    client.submit(APP, f"{APP}/begin", {})
    (address,) = [link for link in client.page(APP).links if link.startswith("otpauth:")]
    return Phone(address, clock)


def new_set(client: Client) -> list[str]:
    shown = client.submit(PAPER, PAPER, {})
    assert shown.status_code == 200
    return re.findall(r"\d{5} \d{5} \d{5} \d{5}", shown.text)
