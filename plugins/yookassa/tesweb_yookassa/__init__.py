"""Payments through YooKassa: https://yookassa.ru/developers/api."""

from collections.abc import Iterable
from importlib import import_module

from pydantic import BaseModel

from tesweb.api import hookimpl, payments, settings_of
from tesweb_yookassa.settings import YooKassaSettings


@hookimpl
def settings() -> type[BaseModel]:
    """The shop, its key, and what it takes."""
    return YooKassaSettings


@hookimpl
def gateways() -> Iterable[payments.Gateway]:
    """The gateway, once shop and key are set.

    A server without a shop never imports it: httpx costs a fifth of a second.
    """
    chosen = settings_of(YooKassaSettings)
    if not chosen.shop_id or not chosen.secret_key.get_secret_value():
        return []
    gateway: payments.Gateway = import_module("tesweb_yookassa.gateway").of(chosen)
    return [gateway]
