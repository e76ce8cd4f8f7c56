"""Where somebody lives who sends readings."""

from dataclasses import dataclass

from tesweb.testing.client import Client
from tesweb.testing.factories import MadeAccount, MadeMeter, MadeUser


@dataclass(frozen=True, slots=True)
class Home:
    """Where somebody lives."""

    user: MadeUser
    account: MadeAccount
    meter: MadeMeter
    browser: Client

    def url(self, path: str = "") -> str:
        return f"/readings/{self.account.id}/{path}"
