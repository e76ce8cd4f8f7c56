"""What carries messages out; e-mail is built in, a plugin brings text messages."""

from typing import Protocol, runtime_checkable


class NotSent(Exception):
    """This message cannot go now and is tried again later. The text names nobody."""


class Unreachable(NotSent):
    """No message can go now: the service is down, or the settings for it are wrong."""


class Refused(Exception):
    """This message will never be taken: there is no such address. The text names nobody."""


@runtime_checkable
class Channel(Protocol):
    """Takes messages to people."""

    @property
    def name(self) -> str:
        """`email` or `sms`."""

    def send(self, recipient: str, subject: str, text: str, key: str) -> None:
        """Hand one message over, within two minutes at most; nothing is written to the log.

        `subject` is empty for a text message. `key` is the same each time the same message is
        tried. Raises NotSent, Unreachable or Refused.
        """
