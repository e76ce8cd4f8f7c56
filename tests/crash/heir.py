"""The process that comes after: it works by itself until all is calm, and then looks around."""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.crash.acts import BANK, DEBT, Act, ask
from tests.crash.cabinet import Cabinet
from tesweb import worker
from tesweb.autopay import runs
from tesweb.commands.check import INVARIANTS
from tesweb.messages import delivery
from tesweb.payments import janitor
from tesweb.payments.rules import OPEN

#: Seconds between two turns of the worker: before anybody does anything again, and afterwards.
_SOON = (0, 61, 61, 61, 301)
_LATER = (61, 61, 61, 301, 3601, 3601, 86_401)


class OfNoUse(Exception):
    """A process that lives on after a fault does no work any more."""


class _Errors(logging.Handler):
    """What a duty has failed at: the worker goes on all the same and only logs it."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(record.getMessage())


def inherit(cabinet: Cabinet, act: Act) -> list[str]:
    """Restart, and let the world go on; what is wrong."""
    with _heard() as errors:
        found = [f"at once: {text}" for text in _broken(cabinet)]
        _calm(cabinet, _SOON)
        found += [f"by itself: {text}" for text in (*_broken(cabinet), *_stuck(cabinet, act))]
        act.again(cabinet)
        _calm(cabinet, _LATER)
    found += errors
    found += [*_broken(cabinet), *_disagreement(cabinet), *_hanging(cabinet, act)]
    found += act.complaints(cabinet)
    return found


def settle(cabinet: Cabinet) -> list[str]:
    """One turn of the worker, and a look around; what is wrong."""
    _calm(cabinet, (0,))
    return [*_broken(cabinet), *_disagreement(cabinet)]


def live_on(cabinet: Cabinet) -> None:
    """A process whose disk or database has failed works on. Raises OfNoUse."""
    cabinet.shelf.ready()
    with suppress(Exception):  # as the worker does: the connection may be found broken only now
        _calm(cabinet, _SOON[:1])
    found = []
    try:
        _calm(cabinet, _SOON[1:])
        found = _broken(cabinet)
    except Exception as error:
        raise OfNoUse(str(error)) from error
    if found:
        raise OfNoUse(str(found))


@contextmanager
def _heard() -> Iterator[list[str]]:
    handler, root = _Errors(), logging.getLogger()
    root.addHandler(handler)
    yield handler.told
    root.removeHandler(handler)


def _calm(cabinet: Cabinet, pauses: tuple[int, ...]) -> None:
    """What the worker of a serving process does, each time after a pause."""
    with cabinet.app.app_context():
        for pause in pauses:
            cabinet.clock.go_on(seconds=pause)
            janitor.sweep()
            runs.sweep()
            delivery.deliver()
            worker.sweep()


def _broken(cabinet: Cabinet) -> list[str]:
    """What `tesweb check` and the database itself find."""
    with cabinet.app.app_context(), cabinet.core.database.read() as reader:
        found = [finding for invariant in INVARIANTS for finding in invariant(reader)]
    return [f"{it.code}: {it.text}" for it in found] + cabinet.shelf.damage()


def _stuck(cabinet: Cabinet, act: Act) -> Iterator[str]:
    """Whether the clock has done its part."""
    for query, states in act.alone.items():
        found = {str(state) for state in ask(cabinet, query)}
        if not found <= states:
            yield f"{query}: {sorted(found)}, not {sorted(states)}"


def _disagreement(cabinet: Cabinet) -> Iterator[str]:
    """Whether the bank has the same money as the books, order by order."""
    bank, payments = cabinet.bank, {}
    for payment in bank.listed("/payments"):
        key = payment["metadata"].get("key", "")
        if key in payments:
            yield f"the bank has order {key} twice"
        if key:
            payments[key] = payment
    query = "SELECT key || ' ' || state || ' ' || paid || ' ' || refunded FROM payment_orders"
    ours = {str(row).partition(" ")[0]: str(row).partition(" ")[2] for row in ask(cabinet, query)}
    theirs = {
        key: f"{payment['status']} {_paid(payment)} {bank.returned(payment['id'])}"
        for key, payment in payments.items()
    }
    if ours != theirs:
        yield f"we say {ours}, the bank says {theirs}"


def _paid(payment: dict[str, object]) -> int:
    amount = payment["amount"]
    assert isinstance(amount, dict)
    return int(amount["value"].replace(".", "")) if payment["paid"] else 0


def _hanging(cabinet: Cabinet, act: Act) -> Iterator[str]:
    """What waits for a person, and whether the resident has what was paid."""
    states = ",".join(f"'{state}'" for state in sorted(OPEN))
    waiting = {
        "orders": f"SELECT id FROM payment_orders WHERE state IN ({states})",  # noqa: S608 - our own words
        "calls": "SELECT id FROM payment_orders WHERE ask_at IS NOT NULL",
        "shares": "SELECT order_id FROM payment_shares WHERE holder_id IS NOT NULL",
        "refunds": "SELECT id FROM refunds WHERE state IN ('asked', 'submitting', 'unknown')",
        "notifications": "SELECT id FROM payment_notices WHERE ask_at IS NOT NULL",
        "months": "SELECT autopay_id FROM autopay_runs WHERE due_at IS NOT NULL",
    }
    for what, query in waiting.items():
        if ask(cabinet, query):
            yield f"{what} are left hanging: {ask(cabinet, query)}"
    alarms = set(ask(cabinet, "SELECT kind FROM payment_alarms")) - act.alarms
    if alarms:
        yield f"somebody is called: {sorted(map(str, alarms))}"
    lines = "SELECT amount FROM payments WHERE reference LIKE 'tesweb-%'"
    credited = [int(str(amount)) for amount in ask(cabinet, lines)]
    if Counter(credited) != Counter(act.credited):
        yield f"credited {credited}, not {list(act.credited)}"
    balance = ask(cabinet, "SELECT balance FROM accounts WHERE id = 1")
    if balance != [DEBT - sum(act.credited)]:
        yield f"the balance is {balance}"
    came = [amount for amount in act.credited if amount > 0]
    told = ask(cabinet, "SELECT count(*) FROM outbox WHERE template = 'paid'")
    if told != [len(came)]:
        yield f"{told[0]} receipts for {len(came)} payments"
    if BANK not in cabinet.core.gateways:
        yield "the gateway is gone"
