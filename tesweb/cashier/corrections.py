"""A credit that was wrong: put to another account, or taken back where the money never came.

The books are corrected by a reversal alone. A credit that goes to another account is reversed and
written anew, in one transaction, so that an account's payments and its balance go with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from tesweb.accounts.rules import mask_number
from tesweb.cashier.statements import CHANNEL_OF, CORRECTED, CREDITS_LATELY
from tesweb.clock import local_day
from tesweb.current import core
from tesweb.journal import services as journal
from tesweb.journal.rules import What
from tesweb.ledger.books import CUSTOMER, About, Entry, Kind, post, reverse
from tesweb.ledger.lines import Line, put, reference_of
from tesweb.ledger.statements import ENTRIES_OF, TRANSACTION
from tesweb.money import Kopecks, format_rubles
from tesweb.payments.letters import tell_corrected
from tesweb.payments.refunds import Decided
from tesweb.payments.statements import HOLD_ACCOUNTS, HOLD_ORDER, ORDER, REFUND_UNDER_WAY

#: What has credited an account.
_CREDITS = frozenset({Kind.PAYMENT.value, Kind.RESOLVED.value})


@dataclass(frozen=True, slots=True)
class Way:
    """From which account to which."""

    from_id: int
    to_id: int


class WentBack(Exception):
    """Some of the money has gone back to its payer, or is on its way: it is no whole credit."""


@dataclass(frozen=True, slots=True)
class Credit:
    """A transaction that has put money to accounts."""

    id: int
    kind: str
    subject: str
    order_id: int | None
    at: datetime
    entries: tuple[Entry, ...]
    #: Taken back by a reversal.
    is_reversed: bool
    #: Written anew, for another account.
    is_replaced: bool

    @property
    def accounts(self) -> dict[int, Kopecks]:
        """What each account has got by it."""
        found = [entry for entry in self.entries if entry.book == CUSTOMER]
        return {entry.account_id: Kopecks(-entry.amount) for entry in found}

    @property
    def reference(self) -> str:
        """What the accounts' lists of payments call it."""
        is_payment = self.kind == Kind.PAYMENT.value and self.order_id is not None
        return f"tesweb-{self.order_id}" if is_payment else reference_of(self.subject)

    @property
    def has_come(self) -> bool:
        """Whether it says that money came to a bank: what the bank may deny."""
        return any(entry.book.startswith("clearing:") for entry in self.entries)


def lately(reader: Connection, most: int) -> list[Any]:
    """What operators have put to accounts, the newest first: rows with `id`, `subject`, `at`."""
    return list(reader.execute(CREDITS_LATELY, {"most": most}))


def credit_of(reader: Connection, transaction_id: int) -> Credit:
    """A credit. Raises LookupError for a transaction that is none."""
    row = reader.execute(TRANSACTION, {"transaction_id": transaction_id}).first()
    if row is None or row.kind not in _CREDITS:
        raise LookupError(transaction_id)
    rows = reader.execute(ENTRIES_OF, {"transaction_id": transaction_id})
    entries = tuple(Entry(each.book, Kopecks(each.amount), each.account_id) for each in rows)
    subjects = [f"transaction {transaction_id}", f"correction {transaction_id}"]
    found = set(reader.execute(CORRECTED, {"subjects": subjects}).scalars())
    credit = Credit(
        row.id,
        row.kind,
        row.subject,
        row.order_id,
        row.happened_at,
        entries,
        is_reversed=Kind.REVERSAL.value in found,
        is_replaced=Kind.RESOLVED.value in found,
    )
    if not credit.accounts:
        raise LookupError(transaction_id)
    return credit


def move(operator_id: int, transaction_id: int, way: Way, ground: str) -> None:
    """Put what one account has got to another one; also after it was taken back.

    Raises LookupError, Decided where somebody has put it elsewhere, WentBack.
    """
    with core().database.work() as work:
        credit, held = _hold(work, transaction_id, way.to_id)
        if way.from_id not in credit.accounts or way.to_id not in held:
            raise LookupError(way.to_id)
        now = core().clock.now()
        _reverse(work, credit, held, now)
        accounts = credit.accounts
        amount = accounts.pop(way.from_id)
        accounts[way.to_id] = Kopecks(accounts.get(way.to_id, 0) + amount)
        others = [entry for entry in credit.entries if entry.book != CUSTOMER]
        about = About(f"correction {credit.id}", credit.order_id)
        anew = [Entry(CUSTOMER, Kopecks(-part), which) for which, part in accounts.items()]
        if post(work, Kind.RESOLVED, about, [*others, *anew], now) is None:
            raise Decided
        _list(work, credit, accounts, held, reference_of(about.subject))
        number = mask_number(held[way.to_id].number)
        _tell(work, credit, amount, number)
        what = f"transaction {credit.id}, {format_rubles(amount)}"
        journal.record(
            work, operator_id, What.CREDIT_CORRECTED, about=what, ground=ground, account=number
        )


def take_back(operator_id: int, transaction_id: int, ground: str) -> None:
    """Take a credit back whose money never came, as the bank says.

    Raises LookupError, Decided, WentBack.
    """
    with core().database.work() as work:
        credit, held = _hold(work, transaction_id)
        if not credit.has_come:
            raise LookupError(transaction_id)
        if not _reverse(work, credit, held, core().clock.now()):
            raise Decided
        amount = Kopecks(sum(credit.accounts.values()))
        _tell(work, credit, amount, "")
        what = f"transaction {credit.id}, {format_rubles(amount)}: taken back"
        journal.record(work, operator_id, What.CREDIT_CORRECTED, about=what, ground=ground)


def _reverse(work: Connection, credit: Credit, held: dict[int, Any], now: datetime) -> bool:
    """Take it back, unless that was done before; whether it was done now."""
    if reverse(work, credit.id, now) is None:
        return False
    less = {account_id: Kopecks(-amount) for account_id, amount in credit.accounts.items()}
    _list(work, credit, less, held, reference_of(f"transaction {credit.id}"))
    return True


def _hold(work: Connection, transaction_id: int, *others: int) -> tuple[Credit, dict[int, Any]]:
    """The credit, its accounts, the others and its order held. Raises LookupError, WentBack."""
    ids = {*credit_of(work, transaction_id).accounts, *others}
    held = {row.id: row for row in work.execute(HOLD_ACCOUNTS, {"account_ids": sorted(ids)})}
    credit = credit_of(work, transaction_id)
    if credit.order_id is not None:
        asked = {"order_id": credit.order_id}
        order = work.execute(HOLD_ORDER, asked).one()
        if order.refunded or work.execute(REFUND_UNDER_WAY, asked).first() is not None:
            raise WentBack
    return credit, held


def _list(
    work: Connection,
    credit: Credit,
    amounts: Mapping[int, Kopecks],
    held: dict[int, Any],
    reference: str,
) -> None:
    """Each account's line among its payments, and its balance; called as the credit's own line."""
    now = core().clock.now()
    of_credit = {"reference": credit.reference, "account_ids": list(credit.accounts)}
    channel = str(work.execute(CHANNEL_OF, of_credit).scalar() or "")
    for account_id, amount in sorted(amounts.items()):
        day = local_day(now, core().region(held[account_id].region).timezone)
        put(work, Line(account_id, day, reference, channel, amount))


def _tell(work: Connection, credit: Credit, amount: Kopecks, account: str) -> None:
    """Tell whoever paid; of a register's line nobody knows that."""
    if credit.order_id is None:
        return
    order = work.execute(ORDER, {"order_id": credit.order_id}).one()
    tell_corrected(work, order, amount, account, f"transaction {credit.id}")
