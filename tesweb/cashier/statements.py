"""Questions about registers and about what stands in the books beside them, built once."""

from sqlalchemy import Date, bindparam, exists, func, literal, or_, select, text, update
from sqlalchemy import String as Text
from sqlalchemy import cast as sql_cast

from tesweb.database.naming import table_of
from tesweb.ledger.books import SUSPENSE, Kind
from tesweb.ledger.models import LedgerEntry, LedgerTransaction
from tesweb.payments.models import BankRegister, PaymentOrder, RegisterLine
from tesweb.payments.rules import TAKEN

registers = table_of(BankRegister)
lines = table_of(RegisterLine)
orders = table_of(PaymentOrder)
transactions = table_of(LedgerTransaction)
entries = table_of(LedgerEntry)

# ---- reading a register in

#: Nothing comes back where the same register was read before.
INSERT_REGISTER = text(
    "INSERT INTO bank_registers (gateway, day, digest, read_at) "
    "VALUES (:gateway, :day, :digest, :moment) ON CONFLICT (gateway, digest) DO NOTHING"
).bindparams(bindparam("moment", type_=registers.c.read_at.type), bindparam("day", type_=Date()))
REGISTER_OF = select(registers.c.id).where(
    registers.c.gateway == bindparam("gateway"), registers.c.digest == bindparam("digest")
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
_RESOLVED_LINE = exists().where(
    transactions.c.kind == Kind.RESOLVED.value,
    transactions.c.subject == literal("line ") + sql_cast(lines.c.id, Text),
)
#: Lines of no order, of which nobody has decided either.
STRAYS = (
    select(lines)
    .where(lines.c.gateway == bindparam("gateway"), lines.c.order_id.is_(None), ~_RESOLVED_LINE)
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
#: Orders of which the register knows more than we do.
BEHIND = (
    select(orders.c.id, orders.c.state, lines.c.reference, lines.c.amount, lines.c.kind)
    .join(lines, lines.c.order_id == orders.c.id)
    .where(
        lines.c.register_id == bindparam("register_id"),
        or_(orders.c.state.not_in(sorted(TAKEN)), orders.c.refunded < -_BACK),
    )
    .order_by(orders.c.id, lines.c.amount.desc())
)
HAS_ORDERS = select(exists().where(orders.c.gateway == bindparam("gateway")))

# ---- laying it beside the books

READ_DAYS = (
    select(registers.c.day)
    .where(
        registers.c.gateway == bindparam("gateway"),
        registers.c.day.between(bindparam("since"), bindparam("until")),
    )
    .distinct()
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
        _RESOLVED_LINE.label("is_resolved"),
    )
    .join(registers, registers.c.id == lines.c.register_id)
    .order_by(lines.c.id)
)
LINES_OF_DAY = _LINE.where(
    lines.c.gateway == bindparam("gateway"), registers.c.day == bindparam("day")
)
LINES_OF_ORDERS = _LINE.where(lines.c.order_id.in_(bindparam("order_ids", expanding=True)))
_ORDER = select(
    orders.c.id, orders.c.state, orders.c.amount, orders.c.fee, orders.c.paid, orders.c.paid_at
).where(orders.c.gateway == bindparam("gateway"), orders.c.state.in_(sorted(TAKEN)))
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
#: Orders whose money still waits in suspense, and how much of it.
SUSPENDED = (
    select(transactions.c.order_id, (-func.sum(entries.c.amount)).label("amount"))
    .join(entries, entries.c.transaction_id == transactions.c.id)
    .where(
        entries.c.book == SUSPENSE,
        entries.c.account_id == 0,
        transactions.c.order_id.in_(bindparam("order_ids", expanding=True)),
    )
    .group_by(transactions.c.order_id)
    .having(func.sum(entries.c.amount) != 0)
)
