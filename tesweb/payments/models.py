"""Tables of orders, of what became of them, and of what the banks said."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    UniqueConstraint,
    false,
)
from sqlmodel import Field, SQLModel

from tesweb.database import naming
from tesweb.database.types import BigKey, UtcDateTime


class State(StrEnum):
    """How far an order has come. It rises in rank and never falls."""

    #: Written down; the bank has not been asked.
    CREATED = "created"
    #: The bank is being asked.
    SUBMITTING = "submitting"
    #: The bank was asked and no answer came: it may have the order.
    UNKNOWN = "unknown"
    #: The bank has it, and the payer has to act or to wait.
    PENDING = "pending"
    #: The money is held and not yet taken.
    AUTHORIZED = "authorized"
    FAILED = "failed"
    CANCELED = "canceled"
    EXPIRED = "expired"
    #: The money came and is credited.
    SUCCEEDED = "succeeded"
    #: Money came, but not this order's sum: it is in suspense until somebody decides.
    MISMATCHED = "mismatched"


def _kopecks() -> Column[int]:
    return Column(BigKey, nullable=False, server_default="0")


def _moment(*, optional: bool = False) -> Column[datetime]:
    return Column(UtcDateTime, nullable=optional)


_STATES = ", ".join(f"'{state.value}'" for state in State)


class PaymentOrder(SQLModel, table=True):
    """One attempt to pay through one gateway; it covers one account or several."""

    __tablename__ = "payment_orders"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("amount > 0 AND fee >= 0", name="amount"),
        CheckConstraint("refunded >= 0 AND refunded <= paid", name="refunded"),
        UniqueConstraint("key"),
        UniqueConstraint("form_key"),
        # One order at the bank is one order here.
        UniqueConstraint("gateway", "reference"),
        Index("ix_payment_orders_user_id", "user_id", "id"),
        Index("ix_payment_orders_ask_at", "ask_at"),
        Index("ix_payment_orders_reference", "reference"),
        Index("ix_payment_orders_paid_at", "gateway", "paid_at"),
    )

    id: int = Field(sa_column=Column(BigKey, primary_key=True))
    #: What the bank knows it by: the same key is never another payment.
    key: str = Field(max_length=36)
    #: What the form was sent with: the same form is one order.
    form_key: str = Field(max_length=36)
    #: Who pays; the order outlives the user.
    user_id: int | None = Field(default=None, sa_column=Column(BigKey, nullable=True))
    #: Stored for ever; its plugin may be gone.
    gateway: str = Field(max_length=32)
    #: One of `protocol.Way`.
    way: str = Field(max_length=8)
    #: What goes to the accounts, kopecks.
    amount: int = Field(sa_column=Column(BigKey, nullable=False))
    #: What the payer pays on top.
    fee: int = Field(default=0, sa_column=_kopecks())
    state: str = Field(max_length=12)
    #: The bank's own number of it.
    reference: str | None = Field(default=None, max_length=64)
    #: Where the payer goes on: `redirect` or `code`, and its address.
    step: str = Field(default="", max_length=8)
    step_url: str = Field(default="", max_length=2048)
    #: The e-mail address or number for the receipt.
    contact: str = Field(default="", max_length=254)
    language: str = Field(default="ru", max_length=8)
    #: Whether the payer asked that the card be remembered.
    remember: bool = Field(default=False)
    #: Whether the payer asked that the sum be remembered for autopay.
    autopay: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    #: The saved card that is charged with nobody there.
    card_id: int | None = Field(default=None, sa_column=Column(BigKey, nullable=True))
    created_at: datetime = Field(sa_column=_moment())
    #: When the bank was asked for the first time; its memory of the key counts from here.
    submitted_at: datetime | None = Field(default=None, sa_column=_moment(optional=True))
    changed_at: datetime = Field(sa_column=_moment())
    #: After this nobody can pay it any more.
    expires_at: datetime | None = Field(default=None, sa_column=_moment(optional=True))
    paid_at: datetime | None = Field(default=None, sa_column=_moment(optional=True))
    #: What the bank has taken and given back, all in all.
    paid: int = Field(default=0, sa_column=_kopecks())
    refunded: int = Field(default=0, sa_column=_kopecks())
    #: One of `protocol.Reason`, where the bank did not take the money.
    reason: str = Field(default="", max_length=24)
    brand: str = Field(default="", max_length=16)
    last4: str = Field(default="", max_length=4)
    #: When the bank is to be asked next; None when there is nothing more to learn.
    ask_at: datetime | None = Field(default=None, sa_column=_moment(optional=True))
    #: Somebody is asking it now, or has just done so: nobody else does before.
    held_until: datetime | None = Field(default=None, sa_column=_moment(optional=True))
    #: How often it was asked in vain.
    looks: int = Field(default=0)


class PaymentShare(SQLModel, table=True):
    """What of an order goes to one account."""

    __tablename__ = "payment_shares"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_payment_shares_order_id", "order_id"),
        # Nobody pays for one account twice at once without having said so.
        UniqueConstraint("account_id", "holder_id"),
        naming.CLUSTERED,
    )

    account_id: int = Field(sa_column=Column(BigKey, ForeignKey("accounts.id"), primary_key=True))
    order_id: int = Field(
        sa_column=Column(BigKey, ForeignKey("payment_orders.id"), primary_key=True)
    )
    amount: int = Field(sa_column=Column(BigKey, nullable=False))
    #: The payer whom it keeps from paying for the account by another order; None when it is over.
    holder_id: int | None = Field(default=None, sa_column=Column(BigKey, nullable=True))


class Refund(SQLModel, table=True):
    """Money that goes back to a payer, or that somebody has asked for."""

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint(
            "state IN ('asked', 'declined', 'submitting', 'unknown', 'done', 'refused')",
            name="state",
        ),
        CheckConstraint("amount > 0", name="amount"),
        UniqueConstraint("key"),
        Index("ix_refunds_account_id", "account_id", "id"),
        # The bank tells totals, so that one at a time can be told from another.
        UniqueConstraint("busy_order_id"),
        Index("ix_refunds_ask_at", "ask_at"),
        Index("ix_refunds_order_id", "order_id"),
        Index("ix_refunds_user_id", "user_id", "id"),
        naming.index_of_some("ix_refunds_asked", "id", where="state = 'asked'"),
    )

    id: int = Field(sa_column=Column(BigKey, primary_key=True))
    key: str = Field(max_length=36)
    account_id: int = Field(sa_column=Column(BigKey, ForeignKey("accounts.id"), nullable=False))
    #: Unknown while it is only asked for.
    order_id: int | None = Field(
        default=None, sa_column=Column(BigKey, ForeignKey("payment_orders.id"), nullable=True)
    )
    #: The order while the refund is under way.
    busy_order_id: int | None = Field(default=None, sa_column=Column(BigKey, nullable=True))
    amount: int = Field(sa_column=Column(BigKey, nullable=False))
    state: str = Field(max_length=12)
    #: Who asked for it, and who decided.
    user_id: int | None = Field(default=None, sa_column=Column(BigKey, nullable=True))
    operator_id: int | None = Field(default=None, sa_column=Column(BigKey, nullable=True))
    #: Why it was asked for; why it was declined or refused.
    ground: str = Field(default="", max_length=500)
    answer: str = Field(default="", max_length=500)
    created_at: datetime = Field(sa_column=_moment())
    #: When it was given to the bank first; the bank's memory of its key counts from here.
    submitted_at: datetime | None = Field(default=None, sa_column=_moment(optional=True))
    done_at: datetime | None = Field(default=None, sa_column=_moment(optional=True))
    ask_at: datetime | None = Field(default=None, sa_column=_moment(optional=True))
    looks: int = Field(default=0)


class PaymentNotice(SQLModel, table=True):
    """A notification: first kept, then looked into.

    Its body is not kept: the bank is asked anyhow, and banks put tokens of cards into it.
    """

    __tablename__ = "payment_notices"
    __table_args__ = (
        UniqueConstraint("gateway", "digest"),
        Index("ix_payment_notices_ask_at", "ask_at"),
        Index("ix_payment_notices_received_at", "received_at"),
        Index("ix_payment_notices_order_key", "order_key"),
        Index("ix_payment_notices_reference", "reference"),
    )

    id: int = Field(sa_column=Column(BigKey, primary_key=True))
    gateway: str = Field(max_length=32)
    #: SHA-256 of the body: the same notification again is no second row.
    digest: str = Field(max_length=64)
    #: What it is about, by our key or by the bank's number.
    order_key: str | None = Field(default=None, max_length=36)
    reference: str | None = Field(default=None, max_length=64)
    #: When it came last.
    received_at: datetime = Field(sa_column=_moment())
    #: None once it has been looked into, or given up.
    ask_at: datetime | None = Field(default=None, sa_column=_moment(optional=True))
    looks: int = Field(default=0)


class PaymentAlarm(SQLModel, table=True):
    """What a person at the supplier has to look at."""

    __tablename__ = "payment_alarms"
    __table_args__ = (UniqueConstraint("kind", "subject"),)

    id: int = Field(sa_column=Column(BigKey, primary_key=True))
    #: One of `rules.Alarm`, or what reconciliation found.
    kind: str = Field(max_length=24)
    #: `order 17`, `notice 4`, `register 3`.
    subject: str = Field(max_length=80)
    raised_at: datetime = Field(sa_column=_moment())
    #: When, by whom and how somebody has dealt with it.
    closed_at: datetime | None = Field(default=None, sa_column=_moment(optional=True))
    operator_id: int | None = Field(default=None, sa_column=Column(BigKey, nullable=True))
    answer: str = Field(default="", max_length=500)


class PaymentCard(SQLModel, table=True):
    """A card that a bank remembers for a user: its token, and what the user knows it by."""

    __tablename__ = "payment_cards"
    __table_args__ = (
        UniqueConstraint("user_id", "gateway", "token_hash"),
        Index("ix_payment_cards_user_id", "user_id"),
    )

    id: int = Field(sa_column=Column(BigKey, primary_key=True))
    user_id: int = Field(
        sa_column=Column(BigKey, ForeignKey("users.id", ondelete="CASCADE"), nullable=False)
    )
    gateway: str = Field(max_length=32)
    #: Encrypted: it takes money.
    token: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    #: An HMAC, to know the same card again.
    token_hash: str = Field(max_length=64)
    brand: str = Field(max_length=16)
    last4: str = Field(max_length=4)
    saved_at: datetime = Field(sa_column=_moment())


class ForgottenCard(SQLModel, table=True):
    """A card that its owner has removed and that its bank has not forgotten yet; nobody's."""

    __tablename__ = "forgotten_cards"
    __table_args__ = (Index("ix_forgotten_cards_ask_at", "ask_at"),)

    id: int = Field(sa_column=Column(BigKey, primary_key=True))
    gateway: str = Field(max_length=32)
    token: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    token_hash: str = Field(max_length=64)
    ask_at: datetime = Field(sa_column=_moment())
    looks: int = Field(default=0)


class Autopay(SQLModel, table=True):
    """What a user allows to be taken for an account, when, and up to what sum."""

    __tablename__ = "autopays"
    __table_args__ = (
        CheckConstraint("kind IN ('fixed', 'bill')", name="kind"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("day IS NULL OR (day BETWEEN 1 AND 31)", name="day"),
        UniqueConstraint("live_account_id"),
        Index("ix_autopays_account_id", "account_id"),
        Index("ix_autopays_user_id", "user_id"),
    )

    id: int = Field(sa_column=Column(BigKey, primary_key=True))
    account_id: int = Field(sa_column=Column(BigKey, ForeignKey("accounts.id"), nullable=False))
    user_id: int = Field(
        sa_column=Column(BigKey, ForeignKey("users.id", ondelete="CASCADE"), nullable=False)
    )
    #: Its token is deleted with the card; the autopay ends then.
    card_id: int | None = Field(
        default=None, sa_column=Column(BigKey, ForeignKey("payment_cards.id", ondelete="SET NULL"))
    )
    kind: str = Field(max_length=8)
    #: The sum, or the most that a bill may have, in kopecks.
    amount: int = Field(sa_column=Column(BigKey, nullable=False))
    #: The day of the month, the last one where a month is shorter; None for "when the bill comes".
    day: int | None = Field(default=None)
    started_at: datetime = Field(sa_column=_moment())
    #: The account while the autopay is on: one at a time.
    live_account_id: int | None = Field(default=None, sa_column=Column(BigKey, nullable=True))
    ended_at: datetime | None = Field(default=None, sa_column=_moment(optional=True))
    #: Why it ended: `user`, `card`, `frozen`, `failures`, `unlinked`.
    end_reason: str = Field(default="", max_length=16)


class AutopayRun(SQLModel, table=True):
    """One month of an autopay; there is never a second run for it."""

    __tablename__ = "autopay_runs"
    __table_args__ = (
        CheckConstraint(
            "state IN ('noticed', 'skipped', 'held', 'nothing', 'charging', 'paid', 'failed')",
            name="state",
        ),
        Index("ix_autopay_runs_due_at", "due_at"),
        naming.CLUSTERED,
    )

    autopay_id: int = Field(
        sa_column=Column(BigKey, ForeignKey("autopays.id", ondelete="CASCADE"), primary_key=True)
    )
    #: The month in which it is taken, its first day.
    period: date = Field(primary_key=True)
    state: str = Field(max_length=8)
    amount: int = Field(default=0, sa_column=_kopecks())
    noticed_at: datetime = Field(sa_column=_moment())
    #: When the money is taken; None when nothing is to be done any more.
    due_at: datetime | None = Field(default=None, sa_column=_moment(optional=True))
    attempts: int = Field(default=0)
    order_id: int | None = Field(
        default=None, sa_column=Column(BigKey, ForeignKey("payment_orders.id"), nullable=True)
    )
    #: Why it is held or failed: one of `protocol.Reason`, or `unusual`.
    reason: str = Field(default="", max_length=24)


class BankRegister(SQLModel, table=True):
    """A day's register of a bank that was read."""

    __tablename__ = "bank_registers"
    __table_args__ = (UniqueConstraint("gateway", "digest"),)

    id: int = Field(sa_column=Column(BigKey, primary_key=True))
    gateway: str = Field(max_length=32)
    day: date
    #: SHA-256 of its lines: the same register again changes nothing.
    digest: str = Field(max_length=64)
    #: None until all its lines are written down.
    read_at: datetime | None = Field(default=None, sa_column=_moment(optional=True))


class RegisterLine(SQLModel, table=True):
    """A line of a bank's register: money that moved between the bank and the supplier."""

    __tablename__ = "register_lines"
    __table_args__ = (
        # The same line in two files is one line.
        UniqueConstraint("gateway", "reference", "kind", "amount", "settled_at"),
        Index("ix_register_lines_register_id", "register_id"),
        Index("ix_register_lines_order_id", "order_id"),
    )

    id: int = Field(sa_column=Column(BigKey, primary_key=True))
    register_id: int = Field(
        sa_column=Column(BigKey, ForeignKey("bank_registers.id"), nullable=False)
    )
    gateway: str = Field(max_length=32)
    #: `payment` or `refund`.
    kind: str = Field(max_length=8)
    reference: str = Field(max_length=64)
    order_key: str | None = Field(default=None, max_length=36)
    amount: int = Field(sa_column=Column(BigKey, nullable=False))
    fee: int = Field(default=0, sa_column=_kopecks())
    settled_at: datetime = Field(sa_column=_moment())
    #: The order it belongs to; None is money in suspense.
    order_id: int | None = Field(
        default=None, sa_column=Column(BigKey, ForeignKey("payment_orders.id"), nullable=True)
    )


class FiscalReceipt(SQLModel, table=True):
    """How far the fiscal receipt of an order has come (54-FZ)."""

    __tablename__ = "fiscal_receipts"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'succeeded', 'canceled')", name="state"),
    )

    order_id: int = Field(
        sa_column=Column(BigKey, ForeignKey("payment_orders.id"), primary_key=True)
    )
    state: str = Field(max_length=12)
    #: ФД, ФН, ФПД.
    number: str = Field(default="", max_length=16)
    storage: str = Field(default="", max_length=32)
    sign: str = Field(default="", max_length=16)
    registered_at: datetime | None = Field(default=None, sa_column=_moment(optional=True))
