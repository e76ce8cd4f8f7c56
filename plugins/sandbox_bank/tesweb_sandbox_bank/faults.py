"""What goes wrong on demand; in memory, so that a restart heals it."""

import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import count

from tesweb_sandbox_bank.errors import Invalid
from tesweb_sandbox_bank.models import Body
from tesweb_sandbox_bank.reading import Part


class Kind(StrEnum):
    """The ways to fail."""

    #: The work is done, the answer comes `seconds` later.
    DELAY = "delay"
    #: The connection ends without an answer, and nothing was done.
    DROP = "drop"
    #: It was done, and the answer is lost.
    DROP_AFTER = "drop_after"
    #: 500, and nothing was done.
    ERROR = "error"
    #: 500, and it was done.
    ERROR_AFTER = "error_after"
    #: 200 with something that makes no sense; it was done.
    GARBAGE = "garbage"
    #: No request of the API or the pages is answered.
    DOWN = "down"
    #: Each notice is sent `count` times at once.
    DUPLICATE = "duplicate"
    #: Notices are gathered for `seconds` and come the last one first.
    REORDER = "reorder"
    #: Notices made now are never sent.
    SILENT = "silent"
    #: The next charge or refund is declined for `reason`.
    DECLINE = "decline"


#: Those that a request meets.
OF_REQUESTS = frozenset({
    Kind.DELAY, Kind.DROP, Kind.DROP_AFTER, Kind.ERROR, Kind.ERROR_AFTER, Kind.GARBAGE, Kind.DOWN
})  # fmt: skip
#: What `on` may be: any request, those that ask, those that change; or which charge.
ON = ("any", "read", "write", "card", "saved", "sbp", "refund")
#: Every reason of the API's documentation with the party that says it.
PARTIES = {
    "3d_secure_failed": "payment_network",
    "call_issuer": "payment_network",
    "canceled_by_merchant": "merchant",
    "card_expired": "payment_network",
    "country_forbidden": "yoo_money",
    "deal_expired": "yoo_money",
    "expired_on_capture": "yoo_money",
    "expired_on_confirmation": "yoo_money",
    "fraud_suspected": "yoo_money",
    "general_decline": "payment_network",
    "identification_required": "yoo_money",
    "insufficient_funds": "payment_network",
    "internal_timeout": "yoo_money",
    "invalid_card_number": "payment_network",
    "invalid_csc": "payment_network",
    "issuer_unavailable": "payment_network",
    "payment_method_limit_exceeded": "payment_network",
    "payment_method_restricted": "payment_network",
    "permission_revoked": "payment_network",
    "unsupported_mobile_operator": "yoo_money",
}
_LONGEST_DELAY = 300
_MOST_COPIES = 100
_MOST_TIMES = 100_000


@dataclass(slots=True)
class Fault:
    """One that is switched on."""

    id: int
    fault: Kind
    on: str = "any"
    #: How many requests, notices or charges are left; None means until it is switched off.
    times: int | None = 1
    seconds: int = 1
    count: int = 2
    reason: str = "general_decline"

    def meets(self, kinds: Iterable[Kind], on: str) -> bool:
        """Whether it is for this."""
        return self.fault in kinds and self.on in {"any", on}


class Faults:
    """The panel's switches; any thread may ask."""

    def __init__(self) -> None:
        """Start with nothing wrong."""
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._all: list[Fault] = []

    def add(self, part: Part) -> Fault:
        """Switch one on. Raises Invalid."""
        made = Fault(next(self._numbers), Kind(part.one_of("fault", set(Kind))))
        made.on = part.one_of("on", ON, "any")
        if "times" in part.body:
            made.times = part.whole("times", 0, _MOST_TIMES) if "times" in part else None
            made.times = made.times or None
        if "seconds" in part:
            made.seconds = part.whole("seconds", 0, _LONGEST_DELAY)
        if "count" in part:
            made.count = part.whole("count", 1, _MOST_COPIES)
        if "reason" in part:
            made.reason = part.one_of("reason", PARTIES)
        with self._lock:
            self._all.append(made)
        return made

    def take(self, kinds: Iterable[Kind], on: str = "any") -> list[Fault]:
        """Those that this request, notice or charge meets; each is used up by one."""
        with self._lock:
            found = [fault for fault in self._all if fault.meets(kinds, on)]
            for fault in found:
                fault.times = None if fault.times is None else fault.times - 1
            self._all = [fault for fault in self._all if fault.times != 0]
        return found

    def remove(self, number: int) -> None:
        """Switch one off; one that is over already is no error."""
        with self._lock:
            self._all = [fault for fault in self._all if fault.id != number]

    def clear(self) -> None:
        """Switch all off."""
        with self._lock:
            self._all = []

    def told(self) -> list[Body]:
        """Those that are on, as JSON."""
        with self._lock:
            return [asdict(fault) for fault in self._all]

    def declines(self, charge: str) -> tuple[str, str] | None:
        """Party and reason for which this charge fails, if it is to."""
        found = self.take({Kind.DECLINE}, charge)
        return (PARTIES[found[0].reason], found[0].reason) if found else None


def checked_seconds(part: Part, name: str) -> int:
    """So many seconds as the bank's clock may be moved at once: two months. Raises Invalid."""
    text = str(part.body.get(name))
    if not text.isascii() or not text.isdigit() or int(text[:9]) > 62 * 86_400:
        raise Invalid(name, "Must be whole seconds, two months at most")
    return int(text)
