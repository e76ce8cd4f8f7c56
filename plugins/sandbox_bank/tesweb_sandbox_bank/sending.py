"""The thread that sends notices until the shop has taken them, and ends what ends by itself."""

import hashlib
import hmac
import http.client
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlsplit

from tesweb_sandbox_bank import services
from tesweb_sandbox_bank.bank import Bank
from tesweb_sandbox_bank.models import Notice
from tesweb_sandbox_bank.options import Options

log = logging.getLogger(__name__)

#: So long a notice is tried again.
LIFE = timedelta(hours=24)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=1), timedelta(hours=1)
#: How long the shop may take for its answer, in seconds.
_PATIENCE = 10
#: So often the thread looks up, in seconds.
_TICK = 0.2
#: So long a key brings back its answer.
_ANSWER_LIFE = timedelta(hours=24)
SIGNATURE = "X-Sandbox-Signature"

_NEXT = (
    "SELECT id, body, created_at, attempts, copies FROM notices"
    " WHERE state = 'waiting' AND due_at <= :now"
    " ORDER BY is_held DESC, CASE WHEN is_held THEN -id ELSE id END LIMIT 1"
)
# Those that are held back go together as soon as the first of them may, the last one first.
_RELEASE = (
    "UPDATE notices SET due_at = :now WHERE state = 'waiting' AND is_held"
    " AND EXISTS (SELECT 1 FROM notices WHERE state = 'waiting' AND is_held AND due_at <= :now)"
)
_DONE = "UPDATE notices SET state = ?, attempts = attempts + 1, is_held = 0 WHERE id = ?"
_LATER = "UPDATE notices SET due_at = ?, attempts = attempts + 1, is_held = 0 WHERE id = ?"
_FORGET_ANSWERS = "DELETE FROM answers WHERE created_at < ?"


class Sender(threading.Thread):
    """Looks every moment; one notice at a time, so that they keep their order."""

    def __init__(self, bank: Bank) -> None:
        """Be ready to start."""
        super().__init__(name="notices", daemon=True)
        self._bank = bank
        self._end = threading.Event()

    def run(self) -> None:
        """Work until `stop`; a failure is no reason to stop."""
        while not self._end.wait(_TICK):
            try:
                tidy(self._bank)
                while send_next(self._bank) and not self._end.is_set():
                    pass
            except Exception as error:
                log.error("notices: %s", type(error).__name__)  # noqa: TRY400 - no values there

    def stop(self) -> None:
        """End after the notice that is on its way."""
        self._end.set()
        self.join()


def tidy(bank: Bank) -> None:
    """End what is over, forget what nobody asks for again."""
    bank.challenges.sweep(bank.clock.now())
    with bank.store.work() as work:
        services.sweep(bank, work)
        work.connection.execute(_FORGET_ANSWERS, (bank.clock.stamp(-_ANSWER_LIFE),))


def send_next(bank: Bank) -> bool:
    """Send what is due first; False where nothing is. No transaction is open meanwhile."""
    now = {"now": bank.clock.stamp()}
    with bank.store.work() as work:
        work.connection.execute(_RELEASE, now)
        row = work.connection.execute(_NEXT, now).fetchone()
    if row is None:
        return False
    notice = Notice(*row)
    is_taken = _sent(bank.options, notice)
    with bank.store.work() as work:
        pause = min(_FIRST_PAUSE * 2 ** min(notice.attempts, 20), _LONGEST_PAUSE)
        if is_taken:
            work.connection.execute(_DONE, ("taken", notice.id))
        elif notice.created_at < bank.clock.stamp(pause - LIFE):
            work.connection.execute(_DONE, ("given up", notice.id))
        else:
            work.connection.execute(_LATER, (bank.clock.stamp(pause), notice.id))
    return True


def _sent(options: Options, notice: Notice) -> bool:
    """Whether the shop took it; copies go all at the same time."""
    if notice.copies == 1:
        return _posted(options, notice.body.encode())
    with ThreadPoolExecutor(min(notice.copies, 16)) as pool:
        bodies = [notice.body.encode()] * notice.copies
        return all(list(pool.map(lambda body: _posted(options, body), bodies)))


def _posted(options: Options, body: bytes) -> bool:
    place = urlsplit(options.notify_url)
    kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
    connection = kind(place.hostname or "", place.port, timeout=_PATIENCE)
    headers = {"Content-Type": "application/json", "User-Agent": "tesweb-sandbox-bank"}
    if options.notify_key:
        digest = hmac.new(options.notify_key.encode(), body, hashlib.sha256).hexdigest()
        headers[SIGNATURE] = f"sha256={digest}"
    target = (place.path or "/") + (f"?{place.query}" if place.query else "")
    try:
        connection.request("POST", target, body, headers)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
