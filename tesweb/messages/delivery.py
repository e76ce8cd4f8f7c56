"""Carrying the outbox out: one message at a time is claimed, sent, and marked.

No transaction is open while something is sent. Whoever is killed with a message in hand leaves it
to the next worker once its lease is over; killed between the mail server's yes and our mark, the
letter goes once more, with the same Message-ID.
"""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tesweb import hookspecs
from tesweb.current import Core, core
from tesweb.messages.protocol import Channel, NotSent, Refused, Unreachable
from tesweb.messages.rules import KEPT, LEASE, LONGEST_WAIT, MOST_TRIES, pause_after
from tesweb.messages.statements import (
    CLAIM,
    DUE,
    FORGET_OLD,
    GIVE_UP_OLD,
    IS_ANY_DUE,
    PUT_OFF,
    SET_DEAD,
    SET_SENT,
)
from tesweb.messages.texts import compose

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Round:
    """What became of the messages that were due."""

    sent: int = 0
    #: Tried in vain, and tried again later.
    put_off: int = 0
    #: Given up.
    dead: int = 0


def channels() -> dict[str, Channel]:
    """The channels by name; of two with one name, a plugin's beats the built-in one."""
    found: dict[str, Channel] = {}
    offered = core().plugins.each(hookspecs.message_channels)
    for plugin, channel in sorted(offered, key=lambda pair: pair[0] == "messages"):
        if core().settings.demo and plugin != "messages":
            continue  # nothing leaves the demo
        found.setdefault(channel.name, channel)
    return found


def deliver() -> Round:
    """Send everything that is due; a channel that is down is left alone until the next time."""
    done, usable = Round(), channels()
    while usable and _is_any_due(usable):
        message = _claim(usable)
        if message is None:
            break
        if not _carry(message, usable[message.channel], done):
            del usable[message.channel]
    return done


def sweep(parts: Core) -> None:
    """Give up what is of no use any more, forget what has long been done; safe to repeat."""
    now = parts.clock.now()
    with parts.database.work() as work:
        work.execute(GIVE_UP_OLD, {"moment": now, "oldest": now - LONGEST_WAIT})
        work.execute(FORGET_OLD, {"oldest": now - KEPT})


def _is_any_due(usable: Iterable[str]) -> bool:
    """Look before locking: there is nothing to do nearly always."""
    values = {"moment": core().clock.now(), "channels": list(usable)}
    with core().database.read() as reader:
        return bool(reader.execute(IS_ANY_DUE, values).scalar())


def _claim(usable: Iterable[str]) -> Any:  # noqa: ANN401 - a row of DUE or None
    now = core().clock.now()
    with core().database.work() as work:
        # A code of yesterday must not arrive today.
        work.execute(GIVE_UP_OLD, {"moment": now, "oldest": now - LONGEST_WAIT})
        message = work.execute(DUE, {"moment": now, "channels": list(usable)}).first()
        if message is not None:
            work.execute(CLAIM, {"message_id": message.id, "until": now + LEASE})
    return message


def _carry(message: Any, channel: Channel, done: Round) -> bool:  # noqa: ANN401 - a row of DUE
    """Send one message and say whether the channel is of use for the next."""
    if message.tries >= MOST_TRIES:  # each try ended the process
        _give_up(message, "it was tried too often", done)
        return True
    try:
        text = compose(
            message.template, message.channel, message.language, json.loads(message.payload)
        )
        channel.send(message.recipient, text.subject, text.body, message.key)
    except Refused as error:
        _give_up(message, str(error), done)
    except NotSent as error:
        _put_off(message, str(error), done)
        return not isinstance(error, Unreachable)
    except Exception as error:
        # A template or a plugin of somebody's: the others must go all the same. The text of the
        # error may hold the message.
        _put_off(message, type(error).__name__, done)
    else:
        _mark(SET_SENT, message.id, moment=core().clock.now())
        done.sent += 1
    return True


def _put_off(message: Any, reason: str, done: Round) -> None:  # noqa: ANN401 - a row of DUE
    pause = pause_after(message.tries + 1)
    if pause is None:
        _give_up(message, reason, done)
        return
    log.warning("message %d waits %s: %s", message.id, pause, reason)
    _mark(PUT_OFF, message.id, until=core().clock.now() + pause)
    done.put_off += 1


def _give_up(message: Any, reason: str, done: Round) -> None:  # noqa: ANN401 - a row of DUE
    log.warning("message %d is given up: %s", message.id, reason)
    _mark(SET_DEAD, message.id)
    done.dead += 1


def _mark(statement: Any, message_id: int, **values: object) -> None:  # noqa: ANN401 - any update
    with core().database.work() as work:
        work.execute(statement, {"message_id": message_id, **values})
