"""Questions about orders and what is written about them, built once."""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    String,
    bindparam,
    case,
    cast,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    update,
)

from tesweb.accounts.models import Account
from tesweb.database.naming import table_of
from tesweb.identity.models import User
from tesweb.ledger.models import LedgerTransaction
from tesweb.payments.models import (
    Autopay,
    AutopayRun,
    FiscalReceipt,
    PaymentAlarm,
    PaymentCard,
    PaymentOrder,
    PaymentShare,
    Refund,
    State,
)
from tesweb.payments.rules import OPEN

accounts = table_of(Account)
users = table_of(User)
orders = table_of(PaymentOrder)
shares = table_of(PaymentShare)
alarms = table_of(PaymentAlarm)
autopays = table_of(Autopay)
months = table_of(AutopayRun)
receipts = table_of(FiscalReceipt)
cards = table_of(PaymentCard)
refunds = table_of(Refund)
transactions = table_of(LedgerTransaction)

_OPEN = orders.c.state.in_(sorted(OPEN))

#: Whoever moves money on accounts waits here for the others; in the order of their ids, always.
HOLD_ACCOUNTS = (
    select(accounts.c.id, accounts.c.number, accounts.c.region, accounts.c.balance)
    .where(accounts.c.id.in_(bindparam("account_ids", expanding=True)))
    .order_by(accounts.c.id)
    .with_for_update(key_share=True)
)
#: Whoever decides something about an order waits here, after its accounts.
HOLD_ORDER = select(orders).where(orders.c.id == bindparam("order_id")).with_for_update()
#: A payer who has locked the cabinet starts nothing.
PAYER = (
    select(users.c.id, users.c.frozen_at, users.c.deleted_at)
    .where(users.c.id == bindparam("user_id"))
    .with_for_update(key_share=True, read=True)
)

#: An account as whoever pays for it from outside has to know it.
ACCOUNT = select(accounts.c.id, accounts.c.number, accounts.c.region, accounts.c.address).where(
    accounts.c.id == bindparam("account_id")
)

INSERT_ORDER = insert(orders).returning(orders.c.id)
INSERT_SHARES = insert(shares)
ORDER = select(orders).where(orders.c.id == bindparam("order_id"))
ORDER_OF_FORM = select(orders).where(orders.c.form_key == bindparam("form_key"))
ORDER_OF_KEY = select(orders).where(orders.c.key == bindparam("key"))
ORDER_OF_REFERENCE = select(orders).where(
    orders.c.gateway == bindparam("gateway"), orders.c.reference == bindparam("reference")
)
SHARES = (
    select(
        shares.c.account_id,
        shares.c.amount,
        accounts.c.number,
        accounts.c.region,
        accounts.c.address,
    )
    .join(accounts, accounts.c.id == shares.c.account_id)
    .where(shares.c.order_id == bindparam("order_id"))
    .order_by(shares.c.account_id)
)
ACCOUNT_IDS = (
    select(shares.c.account_id)
    .where(shares.c.order_id == bindparam("order_id"))
    .order_by(shares.c.account_id)
)
#: Payments under way for some of these accounts, the payer's own first, then the newest.
UNDER_WAY = (
    select(orders.c.id, orders.c.user_id, orders.c.state, orders.c.created_at, orders.c.ask_at)
    .join(shares, shares.c.order_id == orders.c.id)
    .where(
        shares.c.account_id.in_(bindparam("account_ids", expanding=True)),
        shares.c.holder_id.is_not(None),
        _OPEN,
    )
    .order_by((orders.c.user_id == bindparam("user_id")).desc(), orders.c.id.desc())
)
#: The payer has said that another payment may be made beside this one.
LET_GO = (
    update(shares)
    .where(
        shares.c.account_id.in_(bindparam("account_ids", expanding=True)),
        shares.c.holder_id == bindparam("of_user"),
    )
    .values(holder_id=None)
)
CLOSE_SHARES = (
    update(shares)
    .where(
        shares.c.order_id == bindparam("of_order"),
        shares.c.account_id.in_(bindparam("account_ids", expanding=True)),
    )
    .values(holder_id=None)
)

_MOMENT = orders.c.ask_at.type
#: Later than anything.
_EVER = datetime.max.replace(tzinfo=UTC)
#: One process asks the bank, and nobody else does before `until`. The same statement notes that the
#: bank is being asked for the first time.
CLAIM = (
    update(orders)
    .where(
        orders.c.id == bindparam("order_id"),
        or_(
            orders.c.held_until.is_(None), orders.c.held_until <= bindparam("moment", type_=_MOMENT)
        ),
        or_(
            orders.c.state == State.CREATED.value,
            # Whoever is in a hurry asks about finished orders too: money may go back.
            func.coalesce(orders.c.ask_at, literal(_EVER, _MOMENT))
            <= bindparam("due", type_=_MOMENT),
        ),
    )
    .values(
        state=case(
            (orders.c.state == State.CREATED.value, State.SUBMITTING.value), else_=orders.c.state
        ),
        submitted_at=func.coalesce(orders.c.submitted_at, bindparam("moment", type_=_MOMENT)),
        held_until=bindparam("until", type_=_MOMENT),
    )
    .returning(orders)
)
DUE = (
    select(orders.c.id, orders.c.gateway)
    .where(
        orders.c.ask_at <= bindparam("moment", type_=_MOMENT),
        orders.c.gateway.not_in(bindparam("silent", expanding=True)),
        or_(
            orders.c.held_until.is_(None), orders.c.held_until <= bindparam("moment", type_=_MOMENT)
        ),
    )
    .order_by(orders.c.ask_at, orders.c.id)
    .limit(bindparam("most"))
)
_KNOWN = {
    name: bindparam(name, type_=orders.c[name].type)
    for name in (
        "state",
        "reference",
        "paid",
        "refunded",
        "reason",
        "brand",
        "last4",
        "ask_at",
        "held_until",
        "looks",
        "changed_at",
        "paid_at",
    )
}
SET_KNOWN = update(orders).where(orders.c.id == bindparam("order_id")).values(**_KNOWN)
SET_STEP = (
    update(orders)
    .where(orders.c.id == bindparam("order_id"))
    .values(
        step=bindparam("kind"),
        step_url=bindparam("url"),
        expires_at=bindparam("until", type_=orders.c.expires_at.type),
    )
)
SET_ASK = (
    update(orders)
    .where(orders.c.id == bindparam("order_id"))
    .values(
        state=bindparam("state"),
        ask_at=bindparam("at", type_=_MOMENT),
        held_until=bindparam("until", type_=_MOMENT),
        looks=bindparam("seen"),
    )
)

RAISE_ALARM = text(
    "INSERT INTO payment_alarms (kind, subject, raised_at, answer) "
    "VALUES (:kind, :subject, :moment, '') ON CONFLICT (kind, subject) DO NOTHING"
).bindparams(bindparam("moment", type_=alarms.c.raised_at.type))
#: What has happened once more is looked at once more; what was answered stands in the journal.
RAISE_AGAIN = text(
    "INSERT INTO payment_alarms (kind, subject, raised_at, answer) "
    "VALUES (:kind, :subject, :moment, '') ON CONFLICT (kind, subject) DO UPDATE "
    "SET raised_at = excluded.raised_at, closed_at = NULL, operator_id = NULL, answer = '' "
    "WHERE payment_alarms.closed_at IS NOT NULL"
).bindparams(bindparam("moment", type_=alarms.c.raised_at.type))
SET_FISCAL = text(
    "INSERT INTO fiscal_receipts (order_id, state, number, storage, sign, registered_at) "
    "VALUES (:order_id, :state, :number, :storage, :sign, :registered_at) "
    "ON CONFLICT (order_id) DO UPDATE SET state = excluded.state, number = excluded.number, "
    "storage = excluded.storage, sign = excluded.sign, registered_at = excluded.registered_at"
).bindparams(bindparam("registered_at", type_=receipts.c.registered_at.type))
IS_FISCAL_OPEN = select(
    exists().where(receipts.c.order_id == bindparam("order_id"), receipts.c.state == "pending")
)

#: What the form keys of autopay's attempts begin with: `autopay-5-202611-1`.
OF_AUTOPAY = "autopay-"
_OF_AUTOPAY = orders.c.form_key.like(f"{OF_AUTOPAY}%")
#: A month that was given up, and whose money has come after all.
PAY_MONTH = (
    update(months)
    .where(
        months.c.autopay_id == bindparam("which"),
        months.c.period == bindparam("month"),
        months.c.state == "failed",
    )
    .values(state="paid", reason="", order_id=bindparam("order"), amount=bindparam("sum"))
)
_IS_ON = exists().where(
    autopays.c.user_id == orders.c.user_id,
    autopays.c.live_account_id.is_not(None),
    orders.c.form_key.like(literal(OF_AUTOPAY) + cast(autopays.c.id, String) + "-%"),
)
#: The card of an order. Of a cabinet that is locked or gone no card is charged, nor by an autopay
#: that was switched off while its order waited.
CARD = (
    select(cards)
    .join(users, users.c.id == cards.c.user_id)
    .join(orders, orders.c.card_id == cards.c.id)
    .where(
        orders.c.id == bindparam("order_id"),
        users.c.frozen_at.is_(None),
        users.c.deleted_at.is_(None),
        or_(~_OF_AUTOPAY, _IS_ON),
    )
)
CARD_OF = select(cards.c.gateway).where(
    cards.c.id == bindparam("card_id"), cards.c.user_id == bindparam("user_id")
)
CARDS = select(cards).where(cards.c.user_id == bindparam("user_id")).order_by(cards.c.id)
KEEP_CARD = text(
    "INSERT INTO payment_cards (user_id, gateway, token, token_hash, brand, last4, saved_at) "
    "SELECT id, :gateway, :token, :token_hash, :brand, :last4, :moment FROM users "
    # A payment may end after its payer has gone.
    "WHERE id = :user_id AND deleted_at IS NULL "
    "ON CONFLICT (user_id, gateway, token_hash) DO NOTHING"
).bindparams(bindparam("moment", type_=cards.c.saved_at.type))

REFUND = select(refunds).where(refunds.c.id == bindparam("refund_id"))
REFUND_UNDER_WAY = select(refunds).where(refunds.c.busy_order_id == bindparam("order_id"))
SET_REFUND = (
    update(refunds)
    # What has been decided meanwhile stays so.
    .where(refunds.c.id == bindparam("refund_id"), refunds.c.busy_order_id.is_not(None))
    .values(
        state=bindparam("state"),
        busy_order_id=bindparam("busy"),
        looks=bindparam("seen"),
        done_at=bindparam("done", type_=refunds.c.done_at.type),
        ask_at=bindparam("at", type_=refunds.c.ask_at.type),
    )
)

#: Nothing comes back where the same notification came before.

CONTACTS = select(users.c.email, users.c.phone, users.c.language).where(
    users.c.id == bindparam("user_id")
)
ORDERS_OF_USER = (
    select(
        orders.c.id,
        orders.c.amount,
        orders.c.fee,
        orders.c.state,
        orders.c.refunded,
        orders.c.created_at,
        func.count(shares.c.account_id).label("accounts"),
        func.min(accounts.c.address).label("address"),
        func.min(accounts.c.id).label("account_id"),
    )
    .join(shares, shares.c.order_id == orders.c.id)
    .join(accounts, accounts.c.id == shares.c.account_id)
    .where(orders.c.user_id == bindparam("user_id"), orders.c.id < bindparam("before"))
    .group_by(orders.c.id)
    .order_by(orders.c.id.desc())
    .limit(bindparam("most"))
)
REFUNDS_OF_ORDER = (
    select(refunds.c.id, refunds.c.amount, refunds.c.state, refunds.c.created_at, refunds.c.done_at)
    .where(refunds.c.order_id == bindparam("order_id"))
    .order_by(refunds.c.id)
)
FISCAL = select(receipts).where(receipts.c.order_id == bindparam("order_id"))

INSERT_REFUND = insert(refunds).returning(refunds.c.id)
#: What is asked back or on its way for an account, one request aside.
ASKED_OR_BUSY = select(cast(func.coalesce(func.sum(refunds.c.amount), 0), BigInteger)).where(
    refunds.c.account_id == bindparam("account_id"),
    refunds.c.id != bindparam("but"),
    refunds.c.state.in_(["asked", "submitting", "unknown"]),
)
_RETURNED = (
    select(cast(func.coalesce(func.sum(refunds.c.amount), 0), BigInteger))
    .where(
        refunds.c.order_id == orders.c.id,
        refunds.c.account_id == shares.c.account_id,
        refunds.c.state.in_(["submitting", "unknown", "done"]),
    )
    .scalar_subquery()
)
_BUSY = exists().where(refunds.c.busy_order_id == orders.c.id)
#: The newest first: a card that was used lately is still there.
REFUNDABLE = (
    select(
        orders.c.id,
        orders.c.gateway,
        shares.c.amount.label("share"),
        _RETURNED.label("returned"),
        _BUSY.label("is_busy"),
    )
    .join(shares, shares.c.order_id == orders.c.id)
    .where(
        shares.c.account_id == bindparam("account_id"),
        orders.c.state == State.SUCCEEDED.value,
        orders.c.refunded < orders.c.paid,
        # Whose credit was corrected: its money is another account's, or never came.
        ~exists().where(
            transactions.c.order_id == orders.c.id, transactions.c.reverses_id.is_not(None)
        ),
    )
    .order_by(orders.c.id.desc())
)
_ASKED = refunds.c.state == "asked"
TAKE_REFUND = (
    update(refunds)
    .where(refunds.c.id == bindparam("refund_id"), _ASKED)
    .values(
        state="submitting",
        order_id=bindparam("order"),
        busy_order_id=bindparam("order"),
        amount=bindparam("sum"),
        operator_id=bindparam("operator"),
        submitted_at=bindparam("moment", type_=refunds.c.ask_at.type),
        ask_at=bindparam("moment", type_=refunds.c.ask_at.type),
    )
)
DECLINE_REFUND = (
    update(refunds)
    .where(refunds.c.id == bindparam("refund_id"), _ASKED)
    .values(
        state="declined",
        operator_id=bindparam("operator"),
        answer=bindparam("text"),
        done_at=bindparam("moment", type_=refunds.c.done_at.type),
    )
)
CLAIM_REFUND = (
    update(refunds)
    .where(
        refunds.c.id == bindparam("refund_id"),
        refunds.c.busy_order_id.is_not(None),
        refunds.c.ask_at <= bindparam("moment", type_=refunds.c.ask_at.type),
    )
    .values(ask_at=bindparam("until", type_=refunds.c.ask_at.type))
    .returning(refunds)
)
DUE_REFUNDS = (
    select(refunds.c.id, orders.c.gateway)
    .join(orders, orders.c.id == refunds.c.order_id)
    .where(
        refunds.c.ask_at <= bindparam("moment", type_=refunds.c.ask_at.type),
        orders.c.gateway.not_in(bindparam("silent", expanding=True)),
    )
    .order_by(refunds.c.ask_at, refunds.c.id)
    .limit(bindparam("most"))
)
