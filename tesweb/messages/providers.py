"""The channels that are built in, as a plugin would bring them."""

from collections.abc import Iterable

from tesweb.current import core
from tesweb.hookspecs import hookimpl
from tesweb.messages.inbox import Inbox, inbox_of
from tesweb.messages.mail import Mail
from tesweb.messages.protocol import Channel


@hookimpl
def message_channels() -> Iterable[Channel]:
    """E-mail where a mail server is set; in the demo nothing leaves the machine."""
    parts = core()
    if parts.settings.demo:
        folder = inbox_of(parts.settings.folder)
        return [Inbox(name, folder, parts.clock) for name in ("email", "sms")]
    return [Mail(parts.settings, parts.clock)] if parts.settings.smtp_host else []
