"""Text messages by MTS Exolve: https://docs.exolve.ru/docs/ru/api-reference/sms-api/sending-sms."""

from collections.abc import Iterable

from pydantic import BaseModel

from tesweb.api import Channel, hookimpl, settings_of
from tesweb_exolve.channel import Exolve
from tesweb_exolve.settings import ExolveSettings


@hookimpl
def settings() -> type[BaseModel]:
    """The key, the sender, and where the service is."""
    return ExolveSettings


@hookimpl
def message_channels() -> Iterable[Channel]:
    """Text messages, once key and sender are set."""
    chosen = settings_of(ExolveSettings)
    return [Exolve(chosen)] if chosen.key.get_secret_value() and chosen.sender else []
