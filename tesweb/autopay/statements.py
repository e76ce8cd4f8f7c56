"""Questions about autopays and their months, built once."""

from sqlalchemy import and_, bindparam, delete, exists, func, insert, or_, select, text, update

from tesweb.accounts.models import Account, Membership, Role
from tesweb.database.naming import table_of
from tesweb.freeze.models import Freeze
from tesweb.identity.models import User
from tesweb.ledger.models import Charge
from tesweb.payments.models import Autopay, AutopayRun, PaymentCard, PaymentOrder

accounts = table_of(Account)
autopays = table_of(Autopay)
cards = table_of(PaymentCard)
charges = table_of(Charge)
freezes = table_of(Freeze)
memberships = table_of(Membership)
orders = table_of(PaymentOrder)
runs = table_of(AutopayRun)
users = table_of(User)

_MOMENT = runs.c.due_at.type
_LIVE = autopays.c.live_account_id.is_not(None)

CARD_OF = select(cards).where(
    cards.c.id == bindparam("card_id"), cards.c.user_id == bindparam("user_id")
)
DELETE_CARD = delete(cards).where(
    cards.c.id == bindparam("which"), cards.c.user_id == bindparam("whose")
)
#: The accounts whose autopay takes from a card.
PAID_BY_CARD = (
    select(autopays.c.id, accounts.c.address, accounts.c.number, accounts.c.region)
    .join(accounts, accounts.c.id == autopays.c.account_id)
    .where(autopays.c.card_id == bindparam("card_id"), _LIVE)
    .order_by(accounts.c.id)
)

INSERT_AUTOPAY = insert(autopays).returning(autopays.c.id)
#: With everything that taking money by it depends on.
_WHOLE = (
    select(
        autopays,
        accounts.c.number,
        accounts.c.region,
        accounts.c.address,
        accounts.c.balance,
        users.c.name,
        users.c.email,
        users.c.phone,
        users.c.language,
        users.c.frozen_at,
        users.c.deleted_at,
        cards.c.gateway,
        cards.c.brand,
        cards.c.last4,
    )
    .select_from(
        autopays.join(accounts, accounts.c.id == autopays.c.account_id)
        .join(users, users.c.id == autopays.c.user_id)
        .outerjoin(cards, cards.c.id == autopays.c.card_id)
    )
    .order_by(autopays.c.id)
)
WHOLE = _WHOLE.where(autopays.c.id == bindparam("autopay_id"))
LIVE_OF_ACCOUNT = _WHOLE.where(autopays.c.live_account_id == bindparam("account_id"))
LIVE_OF_ACCOUNTS = _WHOLE.where(
    autopays.c.live_account_id.in_(bindparam("account_ids", expanding=True))
)
#: Why one ended last, for the page of whoever had it.
LAST_ENDED = (
    select(autopays.c.id, autopays.c.ended_at, autopays.c.end_reason)
    .where(
        autopays.c.account_id == bindparam("account_id"),
        autopays.c.user_id == bindparam("user_id"),
        autopays.c.ended_at.is_not(None),
    )
    .order_by(autopays.c.id.desc())
    .limit(1)
)
LIVE_OF_USER = select(autopays.c.id).where(autopays.c.user_id == bindparam("user_id"), _LIVE)
#: Of two who end it one does.
END = (
    update(autopays)
    .where(autopays.c.id == bindparam("which"), _LIVE)
    .values(
        live_account_id=None,
        card_id=None,
        ended_at=bindparam("moment", type_=autopays.c.ended_at.type),
        end_reason=bindparam("why"),
    )
)
#: What has not been given to a bank is not taken any more.
DROP_RUNS = (
    update(runs)
    .where(runs.c.autopay_id == bindparam("which"), runs.c.state == "noticed")
    .values(state="skipped", due_at=None)
)
_MAY_PAY = exists().where(
    memberships.c.user_id == autopays.c.user_id,
    memberships.c.account_id == autopays.c.account_id,
    memberships.c.role.in_([Role.OWNER.value, Role.PAYER.value]),
    memberships.c.linked_at <= autopays.c.started_at,
)
_WAS_FROZEN = exists().where(
    freezes.c.user_id == autopays.c.user_id, freezes.c.frozen_at >= autopays.c.started_at
)
#: What must not go on, each with what has gone; also where the access came back meanwhile.
BROKEN = (
    select(
        autopays.c.id,
        or_(_WAS_FROZEN, users.c.frozen_at.is_not(None)).label("is_frozen"),
        autopays.c.card_id.is_(None).label("has_no_card"),
    )
    .join(users, users.c.id == autopays.c.user_id)
    .where(
        _LIVE,
        or_(
            _WAS_FROZEN,
            users.c.frozen_at.is_not(None),
            users.c.deleted_at.is_not(None),
            autopays.c.card_id.is_(None),
            ~_MAY_PAY,
        ),
    )
    .order_by(autopays.c.id)
)
BROKEN_ONE = BROKEN.where(autopays.c.id == bindparam("autopay_id"))
BROKEN_OF_ACCOUNT = BROKEN.where(autopays.c.live_account_id == bindparam("account_id"))

# ---- months

#: The same month of an autopay is never begun twice.
INSERT_RUN = text(
    "INSERT INTO autopay_runs (autopay_id, period, state, amount, noticed_at, due_at, attempts, "
    "reason) VALUES (:autopay_id, :period, :state, :amount, :moment, :due, 0, :reason) "
    "ON CONFLICT (autopay_id, period) DO NOTHING RETURNING autopay_id"
).bindparams(
    bindparam("period", type_=runs.c.period.type),
    bindparam("moment", type_=runs.c.noticed_at.type),
    bindparam("due", type_=_MOMENT),
)
#: Autopays of a region whose day has come and that have no run for the month.
WITH_A_DAY = (
    select(autopays.c.id)
    .join(accounts, accounts.c.id == autopays.c.account_id)
    .where(
        _LIVE,
        accounts.c.region == bindparam("region"),
        autopays.c.day.between(bindparam("first"), bindparam("last")),
        ~exists().where(runs.c.autopay_id == autopays.c.id, runs.c.period == bindparam("period")),
    )
    .order_by(autopays.c.id)
    .limit(bindparam("most"))
)
#: Autopays that wait for a bill, and one has come; a bill is paid in the month after its own.
WITH_A_BILL = (
    select(autopays.c.id, func.max(charges.c.period).label("bill"))
    .join(charges, charges.c.account_id == autopays.c.account_id)
    .where(
        _LIVE,
        autopays.c.day.is_(None),
        charges.c.period >= bindparam("since"),
        ~exists().where(and_(runs.c.autopay_id == autopays.c.id, runs.c.period > charges.c.period)),
    )
    .group_by(autopays.c.id)
    .order_by(autopays.c.id)
    .limit(bindparam("most"))
)
NEWEST_BILL = select(func.max(charges.c.period)).where(
    charges.c.account_id == bindparam("account_id")
)
BALANCE = select(accounts.c.balance).where(accounts.c.id == bindparam("account_id"))
DUE_RUNS = (
    select(runs.c.autopay_id, runs.c.period)
    .where(runs.c.due_at <= bindparam("moment", type_=_MOMENT))
    .order_by(runs.c.due_at, runs.c.autopay_id)
    .limit(bindparam("most"))
)
_THIS = (runs.c.autopay_id == bindparam("which"), runs.c.period == bindparam("month"))
#: One process goes on with it, and nobody else does before `until`; a new attempt is counted.
BEGIN_ATTEMPT = (
    update(runs)
    .where(*_THIS, runs.c.state == "noticed", runs.c.due_at <= bindparam("moment", type_=_MOMENT))
    .values(
        state="charging",
        attempts=runs.c.attempts + 1,
        due_at=bindparam("until", type_=_MOMENT),
    )
    .returning(runs)
)
GO_ON = (
    update(runs)
    .where(*_THIS, runs.c.state == "charging", runs.c.due_at <= bindparam("moment", type_=_MOMENT))
    .values(due_at=bindparam("until", type_=_MOMENT))
    .returning(runs)
)
#: Written by whoever has the attempt.
SET_RUN = (
    update(runs)
    .where(*_THIS, runs.c.state == "charging", runs.c.attempts == bindparam("attempt"))
    .values(
        state=bindparam("state_now"),
        # What was taken may be less than what was told.
        amount=func.coalesce(
            select(orders.c.amount).where(orders.c.id == bindparam("order_now")).scalar_subquery(),
            runs.c.amount,
        ),
        due_at=bindparam("at", type_=_MOMENT),
        order_id=bindparam("order_now"),
        reason=bindparam("why"),
    )
)
SKIP = update(runs).where(*_THIS, runs.c.state == "noticed").values(state="skipped", due_at=None)
RUN = select(runs).where(
    runs.c.autopay_id == bindparam("autopay_id"), runs.c.period == bindparam("period")
)
#: The newest months of an autopay; what was there when it was switched on is none.
RUNS = (
    select(runs)
    .where(runs.c.autopay_id == bindparam("autopay_id"), runs.c.reason != "known")
    .order_by(runs.c.period.desc())
    .limit(12)
)
FAILED_MONTHS = select(runs.c.period).where(
    runs.c.autopay_id == bindparam("autopay_id"),
    runs.c.period >= bindparam("since"),
    runs.c.period < bindparam("period"),
    runs.c.state == "failed",
)
