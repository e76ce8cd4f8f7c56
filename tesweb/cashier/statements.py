"""Questions about registers and about what stands in the books beside them, built once."""

from sqlalchemy import (
    BigInteger,
    Date,
    and_,
    bindparam,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy import String as Text
from sqlalchemy import cast as sql_cast

from tesweb.accounts.models import Account
from tesweb.database.naming import table_of
from tesweb.ledger.books import CUSTOMER, SUSPENSE, Kind
from tesweb.ledger.models import LedgerEntry, LedgerTransaction, Payment
from tesweb.payments.line_statements import RESOLVED_LINE
from tesweb.payments.models import (
    BankRegister,
    PaymentAlarm,
    PaymentNotice,
    PaymentOrder,
    PaymentShare,
    Refund,
    RegisterLine,
    State,
)
from tesweb.payments.rules import OPEN, TAKEN

registers = table_of(BankRegister)
lines = table_of(RegisterLine)
orders = table_of(PaymentOrder)
transactions = table_of(LedgerTransaction)
entries = table_of(LedgerEntry)
payments = table_of(Payment)
alarms = table_of(PaymentAlarm)
notices = table_of(PaymentNotice)
refunds = table_of(Refund)
shares = table_of(PaymentShare)
accounts = table_of(Account)

# ---- reading a register in

#: Nothing comes back where the same register was read before.
INSERT_REGISTER = text(
    "INSERT INTO bank_registers (gateway, day, digest) "
    "VALUES (:gateway, :day, :digest) ON CONFLICT (gateway, digest) DO NOTHING"
).bindparams(bindparam("day", type_=Date()))
REGISTER_OF = select(registers.c.id).where(
    registers.c.gateway == bindparam("gateway"), registers.c.digest == bindparam("digest")
)
#: A register is read when all its lines are.
NOTE_READ = (
    update(registers)
    .where(registers.c.id == bindparam("register_id"), registers.c.read_at.is_(None))
    .values(read_at=bindparam("moment", type_=registers.c.read_at.type))
)
#: A payment is settled once, whatever moment a second register gives it; refunds of one sum are
#: told apart by their moments.
IS_KNOWN = select(lines.c.id).where(
    lines.c.gateway == bindparam("gateway"),
    lines.c.reference == bindparam("reference"),
    lines.c.kind == "payment",
    lines.c.kind == bindparam("kind"),
    lines.c.amount == bindparam("amount"),
)
INSERT_LINE = text(
    "INSERT INTO register_lines (register_id, gateway, kind, reference, order_key, amount, fee, "
    "settled_at, order_id) VALUES (:register_id, :gateway, :kind, :reference, :order_key, :amount, "
    ":fee, :at, :order_id) "
    "ON CONFLICT (gateway, reference, kind, amount, settled_at) DO NOTHING RETURNING id"
).bindparams(bindparam("at", type_=lines.c.settled_at.type))
ORDER_OF_LINE = (
    select(orders.c.id, orders.c.reference)
    .where(
        orders.c.gateway == bindparam("gateway"),
        or_(orders.c.reference == bindparam("reference"), orders.c.key == bindparam("key")),
    )
    # The bank's number is surer than a key that somebody may have copied into a file.
    .order_by((func.coalesce(orders.c.reference, "") == bindparam("reference")).desc())
    .limit(1)
)
#: Lines of no order, of which nobody has decided either.
STRAYS = (
    select(lines)
    .where(lines.c.gateway == bindparam("gateway"), lines.c.order_id.is_(None), ~RESOLVED_LINE)
    .where(lines.c.id > bindparam("after"))
    .order_by(lines.c.id)
    .limit(bindparam("most"))
)
GIVE_ORDER = (
    update(lines)
    .where(lines.c.id == bindparam("line_id"), lines.c.order_id.is_(None))
    .values(order_id=bindparam("order"))
)
_others = lines.alias()
_BACK = (
    select(func.coalesce(func.sum(_others.c.amount), 0))
    .where(_others.c.order_id == orders.c.id, _others.c.amount < 0)
    .correlate(orders)
    .scalar_subquery()
)
#: What went back beyond what had come is told by an alarm and never booked: it is not behind.
_IS_BEHIND = or_(
    orders.c.state.not_in(sorted(TAKEN)),
    and_(orders.c.refunded < -_BACK, orders.c.refunded < orders.c.paid),
)
_WITH_LINES = select(lines.c.order_id).where(
    lines.c.gateway == bindparam("gateway"), lines.c.order_id.is_not(None)
)
#: Orders of which the registers, whenever they were read, know more than we do.
BEHIND = (
    select(orders.c.id)
    .where(orders.c.id > bindparam("after"), orders.c.id.in_(_WITH_LINES), _IS_BEHIND)
    .order_by(orders.c.id)
    .limit(bindparam("most"))
)
HOW_MANY_BEHIND = (
    select(func.count()).select_from(orders).where(orders.c.id.in_(_WITH_LINES), _IS_BEHIND)
)
PAID_LINE = (
    select(lines.c.reference, lines.c.amount)
    .where(lines.c.order_id == bindparam("order_id"), lines.c.kind == "payment")
    .order_by(lines.c.amount.desc(), lines.c.id)
    .limit(1)
)
HAS_ORDERS = select(exists().where(orders.c.gateway == bindparam("gateway")))

# ---- laying it beside the books

#: The days whose register has been read, and when last.
READ_DAYS = (
    select(registers.c.day, func.max(registers.c.read_at).label("read_at"))
    .where(
        registers.c.gateway == bindparam("gateway"),
        registers.c.day.between(bindparam("since"), bindparam("until")),
        registers.c.read_at.is_not(None),
    )
    .group_by(registers.c.day)
)
LAST_READ = select(func.max(registers.c.read_at)).where(
    registers.c.gateway == bindparam("gateway"), registers.c.day == bindparam("day")
)
_LINE = (
    select(
        lines.c.id,
        lines.c.reference,
        lines.c.order_id,
        lines.c.amount,
        lines.c.fee,
        lines.c.settled_at,
        registers.c.day,
        RESOLVED_LINE.label("is_resolved"),
    )
    .join(registers, registers.c.id == lines.c.register_id)
    .order_by(lines.c.id)
)
LINES_OF_DAY = _LINE.where(
    lines.c.gateway == bindparam("gateway"), registers.c.day == bindparam("day")
)
LINES_OF_ORDERS = _LINE.where(lines.c.order_id.in_(bindparam("order_ids", expanding=True)))
#: What an order has brought by our books; nothing where its credit was taken back.
_BROUGHT = (
    select(func.coalesce(func.sum(entries.c.amount), 0))
    .join(transactions, transactions.c.id == entries.c.transaction_id)
    .where(
        transactions.c.order_id == orders.c.id,
        transactions.c.kind.in_([Kind.PAYMENT.value, Kind.REVERSAL.value, Kind.RESOLVED.value]),
        entries.c.book.like("clearing:%"),
    )
    .correlate(orders)
    .scalar_subquery()
)
_ORDER = select(
    orders.c.id, orders.c.state, orders.c.amount, orders.c.fee, orders.c.paid, orders.c.paid_at
).where(
    orders.c.gateway == bindparam("gateway"),
    orders.c.state.in_(sorted(TAKEN)),
    or_(orders.c.state != State.SUCCEEDED.value, _BROUGHT > 0),
)
TAKEN_BETWEEN = _ORDER.where(
    orders.c.paid_at >= bindparam("since"), orders.c.paid_at < bindparam("until")
)
TAKEN_OF = _ORDER.where(orders.c.id.in_(bindparam("order_ids", expanding=True)))
_WENT_BACK = (
    select(
        transactions.c.order_id,
        func.sum(entries.c.amount).label("amount"),
        transactions.c.happened_at,
    )
    .join(entries, entries.c.transaction_id == transactions.c.id)
    .where(
        transactions.c.kind == Kind.REFUND.value,
        entries.c.book == literal("clearing:") + bindparam("gateway", type_=Text),
    )
    .group_by(transactions.c.id, transactions.c.order_id, transactions.c.happened_at)
)
BACK_BETWEEN = _WENT_BACK.where(
    transactions.c.happened_at >= bindparam("since"),
    transactions.c.happened_at < bindparam("until"),
)
BACK_OF = _WENT_BACK.where(transactions.c.order_id.in_(bindparam("order_ids", expanding=True)))

# ---- the desk

ALARMS_OPEN = (
    select(alarms)
    .where(alarms.c.closed_at.is_(None))
    .order_by(alarms.c.id)
    .limit(bindparam("most"))
)
ALARMS_CLOSED = (
    select(alarms)
    .where(alarms.c.closed_at.is_not(None))
    .order_by(alarms.c.closed_at.desc(), alarms.c.id.desc())
    .limit(bindparam("most"))
)
ALARM = select(alarms).where(alarms.c.id == bindparam("alarm_id"))
CLOSE_ALARM = (
    update(alarms)
    .where(alarms.c.id == bindparam("alarm_id"), alarms.c.closed_at.is_(None))
    .values(
        closed_at=bindparam("moment", type_=alarms.c.closed_at.type),
        operator_id=bindparam("operator"),
        answer=bindparam("text"),
    )
)
_IS_ASKED = refunds.c.state == literal_column("'asked'")
COUNTS = select(
    select(func.count())
    .select_from(alarms)
    .where(alarms.c.closed_at.is_(None))
    .scalar_subquery()
    .label("alarms"),
    select(func.count()).select_from(refunds).where(_IS_ASKED).scalar_subquery().label("refunds"),
)
_SUSPENDED_ENTRY = transactions.join(entries, entries.c.transaction_id == transactions.c.id)
#: Said as the index says it, so that it is used.
_IS_SUSPENDED = and_(
    entries.c.book == literal_column(f"'{SUSPENSE}'"), entries.c.account_id == literal_column("0")
)
#: Money of an order that waits: its last transaction there names it, so that after each change it
#: is another item.
_OF_ORDERS = (
    select(
        func.max(transactions.c.id).label("id"),
        transactions.c.order_id,
        (-func.sum(entries.c.amount)).label("amount"),
        func.min(transactions.c.happened_at).label("since"),
    )
    .select_from(_SUSPENDED_ENTRY)
    .where(_IS_SUSPENDED, transactions.c.order_id.is_not(None))
    .group_by(transactions.c.order_id)
    .having(func.sum(entries.c.amount) != 0)
    .order_by(func.max(transactions.c.id))
)
SUSPENSE_OF_ORDERS = _OF_ORDERS.having(func.max(transactions.c.id) > bindparam("after")).limit(
    bindparam("most")
)
SUSPENSE_OF_ORDER = _OF_ORDERS.where(transactions.c.order_id == bindparam("order_id"))
_decided = transactions.alias()
_LINE_OF = literal("line ") + sql_cast(lines.c.id, Text)
#: Lines of registers that belong to no order.
_OF_LINES = (
    select(
        transactions.c.id,
        lines.c.id.label("line_id"),
        lines.c.gateway,
        lines.c.reference,
        (-entries.c.amount).label("amount"),
        lines.c.settled_at.label("since"),
    )
    .select_from(_SUSPENDED_ENTRY.join(lines, transactions.c.subject == _LINE_OF))
    .where(
        transactions.c.kind == Kind.SETTLED.value,
        transactions.c.order_id.is_(None),
        _IS_SUSPENDED,
        ~exists().where(
            _decided.c.kind == Kind.RESOLVED.value, _decided.c.subject == transactions.c.subject
        ),
    )
    .order_by(transactions.c.id)
)
SUSPENSE_OF_LINES = _OF_LINES.where(transactions.c.id > bindparam("after")).limit(bindparam("most"))
SUSPENSE_OF_LINE = _OF_LINES.where(transactions.c.id == bindparam("item_id"))
HOW_MANY_SUSPENDED = select(
    select(func.count()).select_from(_OF_ORDERS.order_by(None).subquery()).scalar_subquery()
    + select(func.count()).select_from(_OF_LINES.order_by(None).subquery()).scalar_subquery()
)
ORDER_OF_TRANSACTION = select(transactions.c.order_id).where(
    transactions.c.id == bindparam("item_id")
)
#: Orders whose number the bank has not told, of a sum and an account that a line may be of.
MAYBE_ITS_ORDERS = (
    select(orders.c.id)
    .join(shares, shares.c.order_id == orders.c.id)
    .where(
        shares.c.account_id == bindparam("account_id"),
        orders.c.gateway == bindparam("gateway"),
        orders.c.amount + orders.c.fee == bindparam("amount"),
        orders.c.reference.is_(None),
        orders.c.state.in_(sorted(OPEN)),
    )
    .order_by(orders.c.id)
)
_REFUND = select(
    refunds, accounts.c.number, accounts.c.region, accounts.c.address, accounts.c.balance
).join(accounts, accounts.c.id == refunds.c.account_id)
REFUNDS_ASKED = _REFUND.where(_IS_ASKED).order_by(refunds.c.id).limit(bindparam("most"))
REFUNDS_DECIDED = (
    _REFUND.where(refunds.c.state != "asked").order_by(refunds.c.id.desc()).limit(bindparam("most"))
)
REFUND_FULLY = _REFUND.where(refunds.c.id == bindparam("refund_id"))

# ---- credits that were wrong

#: Of which kinds there are a reversal of a transaction and what was written instead of it.
CORRECTED = select(transactions.c.kind).where(
    transactions.c.kind.in_([Kind.REVERSAL.value, Kind.RESOLVED.value]),
    transactions.c.subject.in_(bindparam("subjects", expanding=True)),
)
ACCOUNTS_OF = (
    select(accounts.c.id, accounts.c.number, accounts.c.region, accounts.c.address)
    .where(accounts.c.id.in_(bindparam("account_ids", expanding=True)))
    .order_by(accounts.c.id)
)
CHANNEL_OF = (
    select(payments.c.channel)
    .where(
        payments.c.account_id.in_(bindparam("account_ids", expanding=True)),
        payments.c.reference == bindparam("reference"),
    )
    .limit(1)
)
#: What operators have put to accounts.
CREDITS_LATELY = (
    select(
        transactions.c.id,
        transactions.c.subject,
        transactions.c.order_id,
        transactions.c.happened_at,
        sql_cast(-func.sum(entries.c.amount), BigInteger).label("amount"),
    )
    .join(entries, entries.c.transaction_id == transactions.c.id)
    .where(transactions.c.kind == Kind.RESOLVED.value, entries.c.book == CUSTOMER)
    .group_by(transactions.c.id)
    .order_by(transactions.c.id.desc())
    .limit(bindparam("most"))
)

# ---- an order's story

ORDERS_BY_REFERENCE = (
    select(orders.c.id)
    .where(orders.c.reference == bindparam("reference"))
    .order_by(orders.c.id.desc())
    .limit(bindparam("most"))
)
ORDERS_OF_ACCOUNT = (
    select(orders.c.id, orders.c.state, orders.c.gateway, orders.c.created_at, shares.c.amount)
    .join(shares, shares.c.order_id == orders.c.id)
    .where(shares.c.account_id == bindparam("account_id"))
    .order_by(orders.c.id.desc())
    .limit(bindparam("most"))
)
ENTRIES_OF_ORDER = (
    select(
        transactions.c.id,
        transactions.c.kind,
        transactions.c.subject,
        transactions.c.happened_at,
        entries.c.book,
        entries.c.amount,
        entries.c.account_id,
    )
    .join(entries, entries.c.transaction_id == transactions.c.id)
    .where(transactions.c.order_id == bindparam("order_id"))
    .order_by(transactions.c.id, entries.c.account_id, entries.c.line)
)
NOTICES_OF_ORDER = (
    select(notices.c.id, notices.c.received_at, notices.c.ask_at)
    .where(
        notices.c.gateway == bindparam("gateway"),
        or_(notices.c.order_key == bindparam("key"), notices.c.reference == bindparam("reference")),
    )
    .order_by(notices.c.id)
    .limit(bindparam("most"))
)
ALARMS_OF_ORDER = (
    select(alarms).where(alarms.c.subject == bindparam("subject")).order_by(alarms.c.id)
)
REFUNDS_OF_ORDER = _REFUND.where(refunds.c.order_id == bindparam("order_id")).order_by(refunds.c.id)
