"""Payments through T-Bank's internet acquiring: https://developer.tbank.ru/eacq/."""

from collections.abc import Iterable
from importlib import import_module

from pydantic import BaseModel

from tesweb.api import hookimpl, payments, settings_of
from tesweb_tbank.settings import TBankSettings


@hookimpl
def settings() -> type[BaseModel]:
    """The terminal, its password, and what it takes."""
    return TBankSettings


@hookimpl
def gateways() -> Iterable[payments.Gateway]:
    """The gateway, once terminal and password are set.

    A server without a terminal never imports it: httpx costs a fifth of a second.
    """
    chosen = settings_of(TBankSettings)
    if not chosen.terminal_key or not chosen.password.get_secret_value():
        return []
    gateway: payments.Gateway = import_module("tesweb_tbank.gateway").of(chosen)
    return [gateway]
