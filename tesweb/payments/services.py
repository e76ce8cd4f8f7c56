"""An order is written down, before any bank hears of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection

from tesweb.current import core
from tesweb.money import Kopecks
from tesweb.payments.gateways import Teller
from tesweb.payments.models import State
from tesweb.payments.protocol import Unclear, Way
from tesweb.payments.rules import TAKEN, BadAmount, check_amount
from tesweb.payments.statements import (
    CARD_OF,
    HOLD_ACCOUNTS,
    INSERT_ORDER,
    INSERT_SHARES,
    LET_GO,
    ORDER_OF_FORM,
    PAYER,
    SHARES,
    UNDER_WAY,
)

#: The request that writes an order down gives it to the bank itself; one that was killed leaves it
#: to the clock after this.
_GRACE = timedelta(seconds=60)
#: A payment that somebody began so long ago and did not finish keeps nobody from paying.
_FRESH = timedelta(hours=1)


class NotPlaced(Exception):
    """No order was made."""


class PayerLocked(NotPlaced):
    """The payer has locked the cabinet, or has gone."""


class NoGateway(NotPlaced):
    """The gateway is not there, or does not take money this way."""


class NoSuchCard(NotPlaced):
    """The saved card is not there, is another's, or belongs to another gateway."""


class Nothing(NotPlaced):
    """No account was chosen, or one that does not exist."""


class KeyTaken(NotPlaced):
    """The form was sent by somebody else before."""


class Changed(NotPlaced):
    """The form was sent before, with something else in it: this is another payment."""


class OwesLess(NotPlaced):
    """Less is owed by now than the payer, who is not there, wants to pay."""


class UnderWay(NotPlaced):
    """For one of the accounts a payment is under way; `again` pays beside it."""

    def __init__(self, order_id: int, *, own: bool) -> None:
        """Carry the order, and whether it is the payer's own."""
        super().__init__("a payment is under way")
        self.order_id = order_id
        self.own = own


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to pay."""

    user_id: int
    #: Kopecks for each account, by its id.
    shares: dict[int, Kopecks]
    gateway: str
    way: Way
    #: An e-mail address or a number for the receipt.
    contact: str
    #: One for each form that was shown.
    form_key: str
    language: str = "ru"
    #: What the bank knows the order by, where nobody would notice a second one; else by chance.
    key: UUID | None = None
    remember: bool = False
    #: The sums are offered for autopay once they are paid.
    autopay: bool = False
    #: A saved card to be charged with nobody there.
    card_id: int | None = None
    #: No account is paid for beyond what it owes: nobody is there to see that it owes less by now.
    within_debt: bool = False
    #: The payer knows that another payment is under way.
    again: bool = False
    #: The payer has no access to the account: what others do there is not told.
    from_outside: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """An order that is written down."""

    order_id: int
    state: State
    #: Whether the form had been sent before.
    is_replay: bool = False


def place(wish: Wish) -> Placed:
    """Write the order down; the same form again is the same order.

    Raises NotPlaced with its reason (Changed for a form that now says something else), BadAmount
    for a sum out of bounds. May an account be paid by this payer is for the caller to know.
    """
    if not wish.shares:
        raise Nothing
    teller = core().gateways.get(wish.gateway)
    if teller is None or wish.way not in teller.ways:
        raise NoGateway(wish.gateway)
    now = core().clock.now()
    with core().database.work() as work:
        known = work.execute(ORDER_OF_FORM, {"form_key": wish.form_key}).first()
        if known is not None:
            if known.user_id != wish.user_id:
                raise KeyTaken
            if not _is_same(work, known, wish):
                raise Changed
            return Placed(known.id, State(known.state), is_replay=True)
        held = work.execute(HOLD_ACCOUNTS, {"account_ids": list(wish.shares)}).all()
        if len(held) != len(wish.shares):
            raise Nothing
        _check_payer(work, wish.user_id)
        _check_card(work, wish)
        amount, fee = sums(wish, teller, least_of(held))
        _make_way(work, wish, now)
        if wish.within_debt and any(wish.shares[row.id] > row.balance for row in held):
            raise OwesLess
        return _insert(work, wish, amount, fee, now)


def _is_same(work: Connection, known: Any, wish: Wish) -> bool:  # noqa: ANN401 - an order's row
    """Whether the form says what it said when it was sent before.

    What is paid already is not paid again by another way: its page is shown.
    """
    rows = work.execute(SHARES, {"order_id": known.id})
    is_same_sum = {row.account_id: row.amount for row in rows} == wish.shares
    way = (known.gateway, known.way, known.card_id)
    is_same_way = way == (wish.gateway, wish.way.value, wish.card_id)
    return is_same_sum and (is_same_way or State(known.state) in TAKEN)


def sums(wish: Wish, teller: Teller, least: Kopecks) -> tuple[Kopecks, Kopecks]:
    """What goes to the accounts, and the fee. Raises BadAmount, NoGateway where none is told."""
    amount = Kopecks(sum(wish.shares.values()))
    if min(wish.shares.values()) <= 0:
        raise BadAmount(least=least)
    try:
        terms = teller.terms(amount, wish.way)
    except Unclear as error:
        raise NoGateway(wish.gateway) from error
    check_amount(amount, least, Kopecks(terms.most - terms.fee))
    check_amount(Kopecks(amount + terms.fee), terms.least, terms.most)
    return amount, terms.fee


def least_of(accounts: Any) -> Kopecks:  # noqa: ANN401 - rows with a region
    """The least that may be paid for such accounts together: what the strictest region wants."""
    regions = [core().region(account.region) for account in accounts]
    return Kopecks(max(region.facts.payment.least for region in regions))


def _check_payer(work: Connection, user_id: int) -> None:
    payer = work.execute(PAYER, {"user_id": user_id}).first()
    if payer is None or payer.frozen_at is not None or payer.deleted_at is not None:
        raise PayerLocked


def _check_card(work: Connection, wish: Wish) -> None:
    if wish.card_id is None:
        return
    card = work.execute(CARD_OF, {"card_id": wish.card_id, "user_id": wish.user_id}).first()
    if card is None or card.gateway != wish.gateway or wish.way is not Way.CARD:
        raise NoSuchCard


def _make_way(work: Connection, wish: Wish, now: datetime) -> None:
    """Nobody pays for one account twice at once without having said so."""
    asked = {"account_ids": list(wish.shares), "user_id": wish.user_id}
    found = [
        row
        for row in work.execute(UNDER_WAY, asked)
        if (row.created_at > now - _FRESH or _may_be_taken(row))
        and (row.user_id == wish.user_id or not wish.from_outside)
    ]
    if found and not wish.again:
        raise UnderWay(found[0].id, own=found[0].user_id == wish.user_id)
    work.execute(LET_GO, {"account_ids": list(wish.shares), "of_user": wish.user_id})


def _may_be_taken(row: Any) -> bool:  # noqa: ANN401 - a row of UNDER_WAY
    """The bank may have taken the money, and is still being asked."""
    return row.state == State.UNKNOWN and row.ask_at is not None


def _insert(work: Connection, wish: Wish, amount: Kopecks, fee: Kopecks, now: datetime) -> Placed:
    order = {
        "key": str(wish.key or uuid4()),
        "form_key": wish.form_key,
        "user_id": wish.user_id,
        "gateway": wish.gateway,
        "way": wish.way.value,
        "amount": amount,
        "fee": fee,
        "state": State.CREATED.value,
        "contact": wish.contact,
        "language": wish.language,
        "remember": wish.remember,
        "autopay": wish.autopay,
        "card_id": wish.card_id,
        "created_at": now,
        "changed_at": now,
        "ask_at": now + _GRACE,
    }
    order_id = int(work.execute(INSERT_ORDER, order).scalar_one())
    rows = [
        {
            "account_id": account_id,
            "order_id": order_id,
            "amount": share,
            "holder_id": wish.user_id,
        }
        for account_id, share in sorted(wish.shares.items())
    ]
    work.execute(INSERT_SHARES, rows)
    return Placed(order_id, State.CREATED)
