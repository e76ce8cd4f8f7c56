"""Putting messages into the outbox; a worker carries them out."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from tesweb.current import core
from tesweb.messages.statements import INSERT_MESSAGE


@dataclass(frozen=True, slots=True)
class Message:
    """A message to one address."""

    #: What it is about; the same key again is no second message.
    key: str
    #: `email` or `sms`.
    channel: str
    #: An e-mail address or `+7…`.
    recipient: str
    #: The language of the text: `ru` or `en`.
    language: str
    #: `templates/messages/<template>.<channel>.txt`.
    template: str
    #: The template's values: text and numbers.
    values: dict[str, Any] = field(default_factory=dict)
    #: When it has lost its use.
    expires_at: datetime | None = None


def enqueue(work: Connection, message: Message) -> None:
    """Put a message into the outbox, in the transaction of what it tells about."""
    values = {
        "key": hashlib.sha256(message.key.encode()).hexdigest(),
        "channel": message.channel,
        "recipient": message.recipient,
        "language": message.language,
        "template": message.template,
        "payload": json.dumps(message.values, ensure_ascii=False),
        "moment": core().clock.now(),
        "expires": message.expires_at,
    }
    work.execute(INSERT_MESSAGE, values)
